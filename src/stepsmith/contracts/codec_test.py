"""Claims on the walk between JSON and contracts."""

import pytest

from stepsmith.contracts import (
    Annotations,
    Call,
    ContractError,
    Limits,
    Message,
    ModelAnswer,
    RunInput,
    RunOutput,
    Text,
    Thinking,
    ToolFunction,
    ToolResult,
    ToolUse,
    Transcript,
    Usage,
)

CONTEXT = {
    "run_id": "r1",
    "agent": "sql",
    "turn": 1,
    "effect_id": "e1",
    "artifacts": "s3://b/artifacts/sql/r1/",
    "max_result_bytes": 32768,
    "deadline": "2026-11-22T20:00:00Z",
}
CALL = {
    "name": "get_db_schema",
    "id": "t1",
    "input": {},
    "context": CONTEXT,
}
ANSWER = {
    "message": {"role": "assistant", "content": [{"type": "tool_use", "id": "t1", "name": "n", "input": {"a": [1]}}]},
    "stop_reason": "tool_use",
    "usage": {"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 0, "cache_write_tokens": 0},
    "cost_usd": None,
    "provider": "scripted",
    "model": "scripted:a/b",
    "latency_ms": 3,
}
TOOL = {
    "function": "f",
    "language": "python",
    "timeout_seconds": 10,
    "memory_mb": 256,
    "network": "none",
    "tools": [
        {
            "name": "n",
            "description": "d",
            "input_schema": {"type": "object"},
            "annotations": {
                "readOnlyHint": True,
                "destructiveHint": False,
                "idempotentHint": True,
                "openWorldHint": False,
            },
        }
    ],
}


@pytest.mark.parametrize(("contract", "value"), [(Call, CALL), (ModelAnswer, ANSWER)])
def test_json_survives_the_round_trip(contract, value):
    assert contract.from_json(value).to_json() == value


def test_blocks_are_told_apart_by_their_type():
    message = Message.from_json({"role": "user", "content": [{"type": "text", "text": "hi"}]})
    assert message == Message("user", (Text("hi"),))
    assert message.text == "hi"


@pytest.mark.parametrize(
    "value", [RunOutput("stopped", None, "max_turns", 1, Usage(), None, Transcript()), Thinking("anthropic", None)]
)
def test_a_required_field_is_written_even_where_it_is_null(value):
    assert type(value).from_json(value.to_json()) == value


def test_an_absent_optional_field_stays_absent_and_an_unknown_price_stays_null():
    assert "error" not in ToolUse("1", "n", {}).to_json()
    assert ModelAnswer.from_json(ANSWER).to_json()["cost_usd"] is None


def test_a_default_array_is_written_out():
    assert ToolFunction.from_json(TOOL).to_json()["secrets"] == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"context": {**CONTEXT, "turn": "one"}}, "context.turn: an integer is needed, not 'one'"),
        ({"context": {**CONTEXT, "turn": True}}, "context.turn: an integer is needed, not True"),
        ({"context": {**CONTEXT, "max_result_bytes": 0}}, "context.max_result_bytes: at least 1 is needed"),
        ({"input": [1]}, "input: an object is needed, not [1]"),
        ({"name": None}, "name: a string is needed, not None"),
    ],
)
def test_an_error_names_the_field_and_what_is_needed(change, message):
    with pytest.raises(ContractError) as error:
        Call.from_json(CALL | change)
    assert str(error.value).startswith(message)


def test_a_missing_field_is_named():
    with pytest.raises(ContractError, match=r"context\.run_id: it is missing"):
        Call.from_json(CALL | {"context": {}})


def test_an_unknown_block_is_an_error_that_lists_the_known_ones():
    with pytest.raises(ContractError, match=r"content\[0\]\.type: one of text, tool_use"):
        Message.from_json({"role": "user", "content": [{"type": "video"}]})


def test_a_newer_writer_may_add_fields_to_a_message_but_nobody_mistypes_a_tool_json():
    assert Call.from_json(CALL | {"new": 1}).name == "get_db_schema"
    with pytest.raises(ContractError, match="timeout: no such field; there are architectures"):
        ToolFunction.from_json(TOOL | {"timeout": 3})


def test_all_four_hints_are_needed():
    with pytest.raises(ContractError, match="openWorldHint: it is missing"):
        Annotations.from_json({"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True})


def test_an_integral_number_is_an_integer():
    assert Limits.from_json({"max_turns": 3.0}).max_turns == 3


@pytest.mark.parametrize("number", [float("nan"), float("inf"), True, "3"])
def test_what_is_no_number_is_refused(number):
    with pytest.raises(ContractError, match="max_cost_usd: a number is needed"):
        Limits.from_json({"max_cost_usd": number})


def test_a_run_needs_a_prompt_or_messages():
    with pytest.raises(ContractError, match="prompt or messages: one of them is needed"):
        RunInput.from_json({})


def test_a_result_keeps_what_a_sub_agent_used():
    value = {
        "type": "tool_result",
        "tool_use_id": "1",
        "name": "research",
        "content": [{"type": "image", "uri": "s3://b/k", "media_type": "image/png"}],
        "is_error": False,
        "usage": Usage(1, 2, 3, 4).to_json(),
        "cost_usd": 0.25,
    }
    assert ToolResult.from_json(value).to_json() == value
    assert ToolResult.from_json(value).usage.total == 10
