"""The beginning of a request is the same bytes in every turn, so that the vendors' prompt caches hit.

Checked on the wire: each turn's body, without the two brackets that close it, is the beginning of the next turn's;
also when the tail has become a chunk meanwhile, and when the process that asks is another one.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from stand_ins.model_vendor.server import Answer
from tests.model_calls.callers import Caller, calling, request

TURNS = 5
LONG = "A row of the league's salaries. " * 400


def anthropic_answer(turn: int) -> dict[str, Any]:
    call = {"type": "tool_use", "id": f"toolu_{turn}", "name": "execute_sql_query", "input": {"b": turn, "a": "ü"}}
    thought = {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"}
    return {
        "content": [thought, {"type": "text", "text": f"Look {turn}."}, call],
        "stop_reason": "tool_use",
        "model": "m",
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }


def openai_answer(turn: int) -> dict[str, Any]:
    function = {"name": "execute_sql_query", "arguments": json.dumps({"b": turn, "a": "ü"})}
    call = {"id": f"call_{turn}", "type": "function", "function": function}
    message = {"role": "assistant", "content": None, "tool_calls": [call]}
    return {"choices": [{"finish_reason": "tool_calls", "message": message}], "model": "m"}


ANSWERS = {"anthropic": anthropic_answer, "openai": openai_answer}


async def converse(caller: Caller, vendor: str) -> list[str]:
    """Plays the machine for some turns; gives the chunks that came to be."""
    asked = request(f"{vendor}:m")
    transcript = asked["transcript"]
    for turn in range(1, TURNS + 1):
        caller.vendor.will_give(Answer(body=ANSWERS[vendor](turn)))
        tools = asked["tools"][:: 1 if turn % 2 else -1]
        answer = await caller.answer(asked | {"turn": turn, "transcript": transcript, "tools": tools})
        transcript = after(transcript, answer)
    return list(transcript["chunks"])


def after(transcript: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """What the state machine makes of a transcript: chunks leave the tail, the message and its results join it."""
    chunk = answer.get("chunk")
    tail = transcript["tail"][chunk["through"] if chunk else 0 :]
    results = [
        {
            "type": "tool_result",
            "tool_use_id": block["id"],
            "name": block["name"],
            "content": [{"type": "text", "text": LONG}],
            "is_error": False,
            "untrusted": True,
        }
        for block in answer["message"]["content"]
        if block["type"] == "tool_use"
    ]
    chunks = [*transcript["chunks"], *([chunk["uri"]] if chunk else [])]
    return {"chunks": chunks, "tail": [*tail, answer["message"], {"role": "user", "content": results}]}


@pytest.mark.asyncio
@pytest.mark.parametrize("vendor", ANSWERS)
async def test_a_request_begins_with_the_whole_of_the_one_before(vendor: str, tmp_path: Path) -> None:
    async with calling(vendor, tmp_path) as caller:
        chunks = await converse(caller, vendor)
        bodies = [asked.body for asked in caller.vendor.asked]
    assert len(chunks) >= 2
    assert len(bodies) == TURNS
    for earlier, later in pairwise(bodies):
        assert earlier.endswith(b"]}")
        assert later.startswith(earlier.removesuffix(b"]}") + b",")


@pytest.mark.asyncio
@pytest.mark.parametrize("vendor", ANSWERS)
async def test_another_process_asks_with_the_same_bytes(vendor: str, tmp_path: Path) -> None:
    bodies = []
    for folder in (tmp_path / "one", tmp_path / "two"):
        async with calling(vendor, folder) as caller:
            await converse(caller, vendor)
            bodies.append([asked.body for asked in caller.vendor.asked])
    assert bodies[0] == bodies[1]
