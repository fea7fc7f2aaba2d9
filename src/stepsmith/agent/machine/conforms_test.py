"""The compiled tests of a contract say the same as its parser, for good values, near misses and garbage."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith.agent.machine.conforms import conforms
from stepsmith.asl import default_evaluator
from stepsmith.asl.jsonata import Moment
from stepsmith.contracts import ContractError, Limits, Message, ModelAnswer, RunInput, ToolResult
from stepsmith.contracts.codec import Contract, Strict, fields

ANSWER = {
    "message": {
        "role": "assistant",
        "content": [
            {"type": "text", "text": "x"},
            {"type": "tool_use", "id": "a", "name": "n", "input": {}, "error": "e"},
            {"type": "thinking", "provider": "p", "data": None},
            {"type": "image", "uri": "u", "media_type": "m", "title": "t"},
        ],
    },
    "stop_reason": "end_turn",
    "usage": {"input_tokens": 1, "output_tokens": 2, "cache_read_tokens": 0, "cache_write_tokens": 0},
    "cost_usd": None,
    "provider": "p",
    "model": "m",
    "latency_ms": 7,
    "chunk": {"uri": "u", "through": 1},
    "output": {"any": [1]},
    "output_errors": ["e"],
}
RESULT = {
    "type": "tool_result",
    "tool_use_id": "a",
    "name": "n",
    "content": [{"type": "file", "uri": "u", "media_type": "m"}],
    "is_error": True,
    "approval": {"decision": "edit", "approver": "p", "decided_at": "d", "reason": "r"},
    "run_id": "r",
    "usage": {"input_tokens": 1},
    "cost_usd": 0.5,
    "untrusted": True,
}
MESSAGE = {"role": "user", "content": [RESULT, {"type": "text", "text": "x"}]}
SAMPLES: list[tuple[type[Contract], Any]] = [
    (ModelAnswer, ANSWER),
    (ToolResult, RESULT),
    (Message, MESSAGE),
    (Limits, {"max_turns": 1, "max_total_tokens": 0, "max_cost_usd": 0.5, "deadline_seconds": 9.5}),
    (
        RunInput,
        {"prompt": "x", "messages": [MESSAGE], "transcript": {"chunks": ["u"], "tail": [MESSAGE]}, "metadata": {}},
    ),
]

scalars = (
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-2, 2, width=16) | st.sampled_from(["", "user", "text"])
)
garbage = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2)
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The paths of everything inside a value, itself first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, each in inner for place in places(each, (*path, key)))]


def changed(value: Any, path: tuple[Any, ...], junk: Any, drop: bool) -> Any:
    """`value` with what is at `path` replaced by junk or dropped."""
    if not path:
        return junk
    key, rest = path[0], path[1:]
    copy = value.copy()
    if drop and not rest:
        del copy[key]
    else:
        copy[key] = changed(value[key], rest, junk, drop)
    return copy


def parses(contract: type[Contract], value: Any) -> bool:
    try:
        contract.from_json(value)
    except ContractError:
        return False
    return True


@pytest.mark.parametrize(("contract", "sample"), SAMPLES, ids=[contract.__name__ for contract, _ in SAMPLES])
def test_a_test_says_what_the_parser_says(contract: type[Contract], sample: Any) -> None:
    evaluate = default_evaluator().compile(conforms(contract, "$v")).evaluate
    moment = Moment(0, random.Random(0))

    @settings(max_examples=300, deadline=None)
    @given(st.sampled_from(places(sample)), garbage, st.booleans())
    def agree(place: tuple[Any, ...], junk: Any, drop: bool) -> None:
        value = changed(sample, place, junk, drop)
        unknown = issubclass(contract, Strict) and isinstance(value, dict) and value.keys() - names(contract)
        if not unknown and not (contract is RunInput and isinstance(value, dict) and asks_nothing(value)):
            assert evaluate({"v": value}, moment) is parses(contract, value)

    assert evaluate({"v": sample}, moment) is True
    agree()


def names(contract: Any) -> set[str]:
    return {field.name for field in fields(contract)}


def asks_nothing(value: dict[str, Any]) -> bool:
    """A rule of RunInput between two of its fields, which Begin asks by itself."""
    return "prompt" not in value and not value.get("messages")


def test_undefined_does_not_conform() -> None:
    for contract, _ in SAMPLES:
        expression = default_evaluator().compile(conforms(contract, "$v.nothing"))
        assert expression.evaluate({"v": {}}, Moment(0, random.Random(0))) is False
