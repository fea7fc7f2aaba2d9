"""A run's input: what is taken, and how a malformed one fails."""

from typing import Any

import pytest

from stepsmith.agent.rehearsal import rehearse
from tests.agents.script import Script, says, text

QUESTION = {"role": "user", "content": [text("?")]}


@pytest.mark.parametrize(
    ("run_input", "cause"),
    [
        (None, "the input must be an object"),
        ("?", "the input must be an object"),
        ([QUESTION], "the input must be an object"),
        ({}, "prompt or messages"),
        ({"messages": []}, "prompt or messages"),
        ({"prompt": 1}, "prompt:"),
        ({"prompt": None}, "prompt:"),
        ({"prompt": "?", "promt": 1}, "no such field: promt"),
        ({"prompt": "x" * 70_000}, "the input is over 64 KiB"),
        ({"prompt": "€" * 25_000}, "the input is over 64 KiB"),
        ({"messages": QUESTION}, "messages:"),
        ({"messages": [{"role": "system", "content": []}]}, "messages:"),
        ({"messages": [{"role": "user", "content": "?"}]}, "messages:"),
        ({"messages": [[QUESTION]]}, "messages:"),
        ({"messages": [{"role": "user", "content": [{"type": "tool"}]}]}, "messages:"),
        ({"prompt": "?", "transcript": []}, "transcript:"),
        ({"prompt": "?", "transcript": {"chunks": "s3://b/k"}}, "transcript.chunks:"),
        ({"prompt": "?", "transcript": {"chunks": [1]}}, "transcript.chunks:"),
        ({"prompt": "?", "transcript": {"tail": [None]}}, "transcript.tail:"),
        ({"prompt": "?", "model": "mystery:m"}, "model: no caller for mystery:m"),
        ({"prompt": "?", "model": "anthropic"}, "model:"),
        ({"prompt": "?", "model": ["anthropic:m"]}, "model:"),
        ({"prompt": "?", "limits": 3}, "limits:"),
        ({"prompt": "?", "limits": {"max_turns": 0}}, "limits.max_turns:"),
        ({"prompt": "?", "limits": {"max_turns": 1.5}}, "limits.max_turns:"),
        ({"prompt": "?", "limits": {"max_total_tokens": "9"}}, "limits.max_total_tokens:"),
        ({"prompt": "?", "limits": {"max_cost_usd": -1}}, "limits.max_cost_usd:"),
        ({"prompt": "?", "limits": {"deadline_seconds": None}}, "limits.deadline_seconds:"),
        ({"prompt": "?", "limits": {"turns": 1}}, "limits: no such field: turns"),
        ({"prompt": "?", "session_id": 7}, "session_id:"),
        ({"prompt": "?", "max_output_bytes": 0}, "max_output_bytes:"),
        ({"prompt": "?", "metadata": "x"}, "metadata:"),
    ],
)
def test_a_malformed_input_fails_by_name_and_names_the_field(
    everything: dict[str, Any], run_input: Any, cause: str
) -> None:
    run = rehearse(everything, run_input, Script([says("ok")]))
    assert getattr(run.status, "error", None) == "InvalidRunInput"
    assert getattr(run.status, "cause", "").startswith(cause)
    assert run.states == ("Begin", "Invalid input")


def test_every_field_is_taken(everything: dict[str, Any]) -> None:
    world = Script([says("ok")])
    run_input = {
        "messages": [QUESTION],
        "transcript": {"chunks": ["s3://b/k"], "tail": [QUESTION]},
        "model": "openai:other",
        "limits": {"max_turns": 2, "max_total_tokens": 10**6, "max_cost_usd": 0.1, "deadline_seconds": 2.5},
        "session_id": "s",
        "max_output_bytes": 100,
        "metadata": {"who": "me"},
        "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID": "arn",
    }
    assert rehearse(everything, run_input, world).output["status"] == "completed"
    (request,) = world.requests
    assert (request["model"], request["max_output_bytes"]) == ("openai:other", 100)
    assert request["transcript"] == {"chunks": ["s3://b/k"], "tail": [QUESTION, QUESTION]}


def test_a_transcript_goes_before_the_prompt(plain: dict[str, Any]) -> None:
    world = Script([says("ok")])
    first = rehearse(plain, {"prompt": "one"}, Script([says("1")])).output["transcript"]
    rehearse(plain, {"prompt": "two", "transcript": first}, world)
    words = [message["content"][0]["text"] for message in world.requests[0]["transcript"]["tail"]]
    assert words == ["one", "1", "two"]
