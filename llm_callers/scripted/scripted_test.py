"""Claims on the scripted caller as the state machine calls it: a request in, an answer of the contract out."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llm_callers.scripted import handler as scripted
from stepsmith.contracts import ModelAnswer, RunCancelled
from stepsmith.llm import serve
from stepsmith.llm.prices import free
from stepsmith.objects import MemoryObjects, Objects

Call = Callable[..., dict[str, Any]]


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def objects() -> Objects:
    return MemoryObjects()


@pytest.fixture
def call(objects: Objects, monkeypatch: pytest.MonkeyPatch) -> Call:
    monkeypatch.setenv("STEPSMITH_BUCKET", "b")
    handler = serve("scripted", scripted.player(Path(__file__).parent / "testdata", objects), free, objects)
    return lambda **changes: handler(request(**changes), Context())


def request(**changes: Any) -> dict[str, Any]:
    deadline = (datetime.now(UTC) + timedelta(minutes=5)).isoformat()
    request = {
        "run_id": "r1",
        "agent": "teams",
        "turn": 1,
        "model": "scripted:teams/best team",
        "system": "You know baseball.",
        "transcript": {"chunks": [], "tail": [asked("Which team is best?")]},
        "tools": [],
        "max_output_bytes": 65536,
        "final": False,
        "deadline": deadline,
    }
    return request | changes


def asked(text: str) -> dict[str, Any]:
    return {"role": "user", "content": [{"type": "text", "text": text}]}


def test_the_first_turn_is_its_calls_with_ids(call: Call) -> None:
    answer = ModelAnswer.from_json(call())
    assert [(block.id, block.name) for block in answer.message.calls] == [("call_1_0", "query"), ("call_1_1", "query")]
    assert (answer.stop_reason, answer.provider, answer.model, answer.cost_usd) == (
        "tool_use",
        "scripted",
        "teams/best team",
        0,
    )


def test_the_answer_is_computed_from_the_results(call: Call) -> None:
    first = call()["message"]
    results = [
        {
            "type": "tool_result",
            "tool_use_id": block["id"],
            "name": "query",
            "content": [{"type": "text", "text": text}],
        }
        for block, text in zip(first["content"], ['{"best": "Cubs"}', '{"best": "Mets"}'], strict=True)
    ]
    tail = [asked("Which?"), first, {"role": "user", "content": results}]
    answer = ModelAnswer.from_json(call(turn=2, transcript={"chunks": [], "tail": tail}))
    assert answer.message.text == "Cubs, then Mets."
    assert answer.stop_reason == "end_turn"


def test_a_cancelled_run_asks_nothing(call: Call, objects: Objects) -> None:
    objects.put("s3://b/transcripts/teams/r1/cancel", b"", "text/plain")
    with pytest.raises(RunCancelled, match="'r1' was cancelled"):
        call()


def test_its_answer_is_json(call: Call) -> None:
    json.dumps(call())
