"""A conversation may change its vendor half-way: nobody who reads it knows who answered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from anthropic.types import MessageParam
from openai.types.chat import ChatCompletionMessageParam
from pydantic import TypeAdapter

from stand_ins.model_vendor.server import Answer
from tests.model_calls.callers import Caller, calling, request
from tests.model_calls.prefix_test import ANSWERS, after

WIRES: dict[str, TypeAdapter[Any]] = {
    "anthropic": TypeAdapter(list[MessageParam]),
    "openai": TypeAdapter(list[ChatCompletionMessageParam]),
}

CALLS = {"anthropic": "toolu_{}", "openai": "call_{}"}


async def ask(caller: Caller, vendor: str, turn: int, transcript: dict[str, Any]) -> dict[str, Any]:
    """One turn by a vendor; what it was sent is checked against the types of its SDK."""
    caller.vendor.will_give(Answer(body=ANSWERS[vendor](turn)))
    answer = await caller.answer(request(f"{vendor}:m", turn=turn, transcript=transcript))
    WIRES[vendor].validate_python(json.loads(caller.vendor.asked[-1].body)["messages"])
    return after(transcript, answer)


@pytest.mark.asyncio
@pytest.mark.parametrize("turns", [("anthropic", "openai", "anthropic"), ("openai", "anthropic", "openai")])
async def test_each_vendor_takes_what_the_other_said(turns: tuple[str, ...], tmp_path: Path) -> None:
    async with calling("anthropic", tmp_path / "a") as anthropic, calling("openai", tmp_path / "o") as openai:
        callers = {"anthropic": anthropic, "openai": openai}
        transcript = request("m")["transcript"]
        for turn, vendor in enumerate(turns, start=1):
            transcript = await ask(callers[vendor], vendor, turn, transcript)
        last = callers[turns[-1]].vendor.asked[-1].body.decode()
        thoughts = [asked.body.decode().count("c2ln") for asked in openai.vendor.asked]
    assert all(CALLS[vendor].format(turn) in last for turn, vendor in enumerate(turns[:-1], start=1))
    assert not any(thoughts), "thinking is for its own vendor"
