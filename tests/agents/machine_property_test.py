"""Whatever comes in, a run ends as the contracts say, and every call gets exactly one result, in order.

Hypothesis plays garbage, near misses and good answers through the agent that has everything: run inputs, model
answers, tool answers, decisions, sub-agents, errors and silence. The worst case of all byte budgets is played, too.
"""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stepsmith.agent.rehearsal import Rehearsal, Reply, rehearse
from stepsmith.asl import Invoke, StateMachine, status
from stepsmith.contracts import RunOutput
from stepsmith.contracts.budgets import (
    AGENT_BYTES,
    MESSAGE_BYTES,
    RUN_INPUT_BYTES,
    STATE_BYTES,
    TAIL_BYTES,
    json_bytes,
    max_result_bytes,
)
from tests.agents.script import Json, Script, calls, decision, fails, hangs, result, says, text, use, used

NAMED_ERRORS = {
    "LlmThrottled",
    "LlmOverloaded",
    "LlmTimeout",
    "LlmUnavailable",
    "LlmInvalidRequest",
    "LlmAuthentication",
    "LlmContextTooLong",
}
"""Of contracts.md."""
OUT_OF_CONTRACT = {"States.QueryEvaluationError", "States.DataLimitExceeded"}
PLATFORM_ERRORS = {
    "Lambda.TooManyRequestsException",
    "Lambda.ServiceException",
    "Lambda.Unknown",
    "Sandbox.Timedout",
    "Runtime.ExitError",
    "Runtime.OutOfMemory",
    "States.Timeout",
}
"""A caller's function that died; after the last model the run fails with these."""

TOOLS = (
    *("get_db_schema", "execute_sql_query", "fetch_page", "execute_python", "research", "delete_rows", "refund"),
    *("drop_table", "send_mail", "add_note", "put_price", "no_such_tool", "Route", "toString", ""),
)

words = st.text(max_size=8) | st.sampled_from(["{% 1 %}", "é😀", "\u0000", "end_turn", "approve", "user", "x" * 5_000])
long_texts = st.builds(lambda: "€" * 20_000)
numbers = st.integers(-3, 10**12) | st.floats(allow_nan=False, allow_infinity=False, width=32)
scalars = st.none() | st.booleans() | numbers | words
garbage = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=6
)
objects = st.dictionaries(words, garbage, max_size=3)


def damaged(good: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    """Near misses: one field of a good value is gone, garbage, or one too many."""
    return st.builds(_damage, good, st.sampled_from(["drop", "replace", "add"]), st.integers(0, 30), garbage)


def _damage(value: Json, how: str, place: int, junk: Json) -> Json:
    """Damages the value itself or, where the place says so, something inside it."""
    if isinstance(value, list) and value:
        at = place % len(value)
        return [*value[:at], _damage(value[at], how, place // 2, junk), *value[at + 1 :]]
    if not isinstance(value, dict) or not value:
        return junk
    name = sorted(value)[place % len(value)]
    if place > len(value) and isinstance(value[name], dict | list):
        return {**value, name: _damage(value[name], how, place // 2, junk)}
    rest = {key: each for key, each in value.items() if key != name}
    return {
        **rest,
        **({} if how == "drop" else {name: junk} if how == "replace" else {name: value[name], "more": junk}),
    }


messages = st.builds(
    lambda role, words: {"role": role, "content": [text(words)]}, st.sampled_from(["user", "assistant"]), words
)
run_inputs = st.fixed_dictionaries(
    {"prompt": words},
    optional={
        "messages": st.lists(messages, max_size=2),
        "transcript": st.fixed_dictionaries(
            {}, optional={"chunks": st.lists(words, max_size=2), "tail": st.lists(messages, max_size=2)}
        ),
        "model": st.sampled_from(["anthropic:m", "openai:m", "scripted:everything/x"]),
        "limits": st.fixed_dictionaries(
            {},
            optional={
                "max_turns": st.integers(1, 9),
                "max_total_tokens": st.integers(0, 4_000),
                "max_cost_usd": st.sampled_from([0, 0.001, 0.01]),
                "deadline_seconds": st.sampled_from([0, 3.5, 100, 10_000]),
            },
        ),
        "session_id": words,
        "max_output_bytes": st.integers(1, 10**6),
        "metadata": objects,
    },
)
uses = st.builds(
    lambda name, id, error, input: {**use(name, id, error), "input": input},
    st.sampled_from(TOOLS),
    words.filter(bool),
    st.sampled_from([*[None] * 6, "the input is no JSON"]),
    objects | st.fixed_dictionaries({"prompt": words, "count": numbers}),
)
turns = st.builds(
    lambda uses, cost: calls(*uses, cost_usd=cost),
    st.lists(uses, min_size=1, max_size=5, unique_by=lambda each: each["id"]),
    st.sampled_from([*[0.001] * 6, None, 10]),
)
answers = st.builds(
    lambda words, stop, more: says(words, stop_reason=stop, **more),
    words,
    st.sampled_from(["end_turn", "refusal", "max_output_tokens", "another word"]),
    st.sampled_from([{}, {"output": {"answer": "x"}}, {"output": None}, {"output_errors": ["answer is missing"]}]),
)
errors = st.builds(
    fails,
    st.sampled_from(sorted(NAMED_ERRORS | PLATFORM_ERRORS | {"RunCancelled"})),
    st.sampled_from([None, "", "retry_after=3", "retry_after=999999999999", "{"]),
)
silences = st.builds(hangs)
steps = st.one_of(*[turns] * 6, answers, damaged(turns | answers), garbage, errors, silences)
model_steps = st.lists(steps, min_size=2, max_size=6)


def answering(good: Callable[..., Json], kinds: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A function from what was asked to an answer: good, damaged, garbage, an error, silence."""
    bad = errors | silences | st.builds(fails, words.filter(bool), words) | garbage
    return st.builds(
        lambda kind, junk, how, place, use: (
            lambda asked: (
                good(asked, kind) if use > 1 else _damage(good(asked, kind), how, place, junk) if use else junk
            )
        ),
        kinds,
        bad,
        st.sampled_from(["drop", "replace", "add"]),
        st.integers(0, 30),
        st.integers(0, 3),
    ).map(_sound)


def _sound(answer: Callable[[Json], Any]) -> Callable[[Json], Any]:
    """An error put inside a damaged document is no JSON: it stands for the whole answer."""

    def sound(asked: Json) -> Any:
        value = answer(asked)
        try:
            json.dumps(value)
        except TypeError:
            return value if isinstance(value, Reply) else fails("KeyError")
        return value

    return sound


tool_answers = answering(lambda call, words: result(call, text(words), cost_usd=0.001), words | long_texts)
decisions = answering(
    lambda request, kind: decision(request, kind, input={"table": "new"}, reason="because"),
    st.sampled_from(["approve", "edit", "reject", "answer", "shrug"]),
)
subagent_answers = answering(
    lambda given, words: used(words, cost_usd=None if words == "" else 0.01), words | long_texts
)


thorough = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@thorough
@given(st.one_of(damaged(run_inputs), garbage, objects), answers)
def test_any_input_is_either_run_or_refused_by_name(
    everything_ready: StateMachine, run_input: Json, answer: Json
) -> None:
    run = rehearse(everything_ready, run_input, Script([answer]))
    assert_ends_by_contract(run)


@thorough
@given(run_inputs, model_steps, tool_answers, decisions, subagent_answers)
def test_a_run_ends_as_the_contracts_say_and_every_call_gets_its_result(
    everything_ready: StateMachine, run_input: Json, model: Sequence[Any], tool: Any, person: Any, subagent: Any
) -> None:
    world = Script(model, dict.fromkeys(TOOLS, tool), person, subagent)
    run = rehearse(everything_ready, run_input, world)
    assert_ends_by_contract(run)
    for request in world.requests:
        assert_answered(request["transcript"]["tail"], len(request["transcript"]["tail"]))


def assert_ends_by_contract(run: Rehearsal) -> None:
    match run.status:
        case status.Succeeded(output=output):
            ended = RunOutput.from_json(output)
            assert (ended.status == "completed") == (ended.stop_reason == "end_turn")
            assert run.states[-1] == ("Finish" if ended.status == "completed" else "Stop")
            assert_answered(output["transcript"]["tail"], len(output["transcript"]["tail"]))
        case status.Failed(error="InvalidRunInput", cause=cause):
            assert run.states == ("Begin", "Invalid input") and cause
        case status.Failed(error=error):
            allowed = NAMED_ERRORS | OUT_OF_CONTRACT
            assert error in (allowed if run.states[-1] == "Call model" else allowed | PLATFORM_ERRORS)
            assert run.states[-1] in ("Call model", "Last attempt")
        case other:
            pytest.fail(f"ended as {other!r}")


def assert_answered(tail: Sequence[Json], end: int) -> None:
    """Every assistant message with calls is followed by one user message that answers each of them, in order."""
    for index, message in enumerate(tail):
        wanted = [block["id"] for block in message["content"] if block["type"] == "tool_use"]
        if message["role"] == "assistant" and wanted:
            following = tail[index + 1]["content"]
            assert [block["tool_use_id"] for block in following if block["type"] == "tool_result"] == wanted


# The worst case of all byte budgets at once


def filler(size: int, wide: bool) -> str:
    """Text that takes `size` bytes of JSON."""
    return "€" * (size // 3) + "x" * (size % 3) if wide else "x" * size


def padded(value: Json, size: int, block: Json, wide: bool) -> Json:
    """`value` with the text of `block`, which is somewhere inside it, filled up to `size` bytes of JSON."""
    block["text"] = filler(size - json_bytes(value), wide)
    assert json_bytes(value) == size
    return value


def full_turn(names: Sequence[str], count: int, wide: bool) -> Json:
    """An assistant message of 64 KiB with so many calls."""
    said = text("")
    content = [said, *(use(names[index % len(names)], f"toolu_{index:026}", prompt="x") for index in range(count))]
    return padded({"role": "assistant", "content": content}, MESSAGE_BYTES, said, wide)


def small_turn(wide: bool) -> Json:
    """An assistant message that together with its one result just fits the tail's budget."""
    said = text("")
    return padded({"role": "assistant", "content": [said, use("no_such_tool")]}, TAIL_BYTES - 250, said, wide)


class FullWorld(Script):
    """Everybody uses the whole budget; `largest` is the largest arguments of a task, in bytes."""

    largest: int = 0

    def __call__(self, task: Invoke) -> Reply:
        self.largest = max(self.largest, json_bytes(task.arguments))
        return super().__call__(task)


def full_world(names: Sequence[str], count: int, wide: bool) -> FullWorld:
    share = max_result_bytes(count)

    def model(request: Json) -> Json:
        tail = request["transcript"]["tail"]
        uri = f"s3://bucket/transcripts/everything/{'r' * 80}/{request['turn']}.json"
        chunk = {"chunk": {"uri": uri, "through": len(tail)}} if json_bytes(tail) > TAIL_BYTES else {}
        message = small_turn(wide) if request["turn"] % 2 else full_turn(names, count, wide)
        return {**calls(), "message": message, **chunk}

    def tool(call: Json) -> Json:
        return result(call, text(filler(call["context"]["max_result_bytes"] - 40, wide)), cost_usd=0.00001)

    def person(request: Json) -> Json:
        return decision(request, "edit", input={"x": filler(share // 4 - 10, wide)}, reason=filler(9_000, wide))

    def subagent(given: Json) -> Json:
        return used(filler(given["max_output_bytes"] - 2, wide))

    return FullWorld([model], dict.fromkeys(TOOLS, tool), person, subagent)


@pytest.mark.parametrize("wide", [False, True], ids=["ascii", "three bytes a character"])
@pytest.mark.parametrize("count", [3, 20])
@pytest.mark.parametrize(
    "names", [("fetch_page",), ("research",), ("refund", "drop_table"), ("fetch_page", "research", "refund")]
)
def test_all_byte_budgets_full_at_once_fit_a_state(
    everything: dict[str, Any], names: Sequence[str], count: int, wide: bool
) -> None:
    world = full_world(names, count, wide)
    chunks = [f"s3://bucket/transcripts/everything/{'r' * 80}/{index}.json" for index in range(76)]
    run_input = {"transcript": {"chunks": chunks}, "prompt": ""}
    run_input["prompt"] = filler(RUN_INPUT_BYTES - json_bytes(run_input), wide)
    run = rehearse(with_full_request(everything), run_input, world)
    assert run.output["stop_reason"] == "history_full", "its chunks have filled their list"
    assert world.largest <= STATE_BYTES
    assert max(payloads(run)) <= STATE_BYTES
    assert world.largest > (200_000 if "refund" in names else 250_000), "else it was not the worst case"


def with_full_request(definition: dict[str, Any]) -> dict[str, Any]:
    """The machine of an agent whose instructions take all that lint allows, without limits that end it early."""
    begin = definition["States"]["Begin"]
    request = dict(begin["Assign"]["request"])
    request["system"] += filler(AGENT_BYTES - json_bytes(request), wide=False)
    limits = "{% {'max_turns': 1000, 'deadline_seconds': 10000000} %}"
    assign = {**begin["Assign"], "request": request, "limits": limits}
    return {**definition, "States": {**definition["States"], "Begin": {**begin, "Assign": assign}}}


def payloads(run: Rehearsal) -> list[int]:
    """The bytes of every state's input, output and arguments in the history."""
    fields = ("input", "output", "parameters")
    return [json_bytes(event.facts[name]) for event in run.events for name in fields if name in event.facts]


def test_a_cancelled_run_with_full_budgets_still_says_its_best_answer(everything: dict[str, Any]) -> None:
    full = {**calls(), "message": full_turn(["fetch_page"], 20, wide=False)}
    world = FullWorld(
        [calls(use("no_such_tool")), full, fails("RunCancelled")],
        tools=dict.fromkeys(
            TOOLS, lambda call: result(call, text(filler(call["context"]["max_result_bytes"] - 40, False)))
        ),
        subagent=lambda given: used(filler(given["max_output_bytes"] - 2, False)),
    )
    run = rehearse(everything, {"prompt": filler(TAIL_BYTES - 700, wide=False)}, world)
    assert (run.output["stop_reason"], len(run.output["output"])) == ("cancelled", 2_000)
    assert json_bytes(run.output) <= STATE_BYTES
