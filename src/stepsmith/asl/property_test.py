"""Generated machines: whatever the definition, the input and the answers, an execution fails only as ASL fails.

Machines are trees of states that end, with expressions that may be undefined, of the wrong type or too large. Every
run must reach an end or wait for an answer, replay to the same events, and end as an uncut run when it is cut short
and replayed (the runtime's recovery is nothing but that).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith import asl
from stepsmith.asl import outcome, status

from .conftest import START_MS, Played, context, machine_of

_EXPRESSIONS = st.sampled_from(
    [
        "$states.input",
        "$states.input.a",
        "$states.input.nope",
        "$v",
        "$w[0]",
        "$states.context.State",
        "$states.context.Map.Item.Value",
        "$lookup($states, 'result')",
        "$lookup($states, 'errorOutput').Error",
        "1 + 'a'",
        "$random() < 0.5",
        "$uuid()",
        "[1..3]",
        "$count($v) > 1",
        "true",
        "function($x) { $x }",
        "$pad('', 300000)",
        "-1",
        "$error('told')",
        "$states.input = null",
    ]
).map(lambda text: f"{{% {text} %}}")
_SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3)
_TEMPLATES = st.recursive(
    _EXPRESSIONS | _SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
_ERRORS = st.sampled_from(["Boom", "States.Timeout", "States.TaskFailed", "States.QueryEvaluationError", "Other"])
_OUTCOMES = st.one_of(
    st.builds(outcome.Succeeded, st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=4)),
    st.builds(outcome.Failed, _ERRORS, st.none() | st.just("why")),
    st.builds(outcome.TimedOut, st.none(), st.booleans()),
    st.builds(outcome.ScheduleFailed, _ERRORS),
    st.just(outcome.Succeeded("x" * 300_000)),
)


@st.composite
def states(draw: st.DrawFn, depth: int, next: str | None, prefix: str) -> dict[str, Any]:
    """One state of a branch, with Output and Assign now and then."""
    kinds = ["Pass", "Task", "Wait", "Choice", *(["Map", "Parallel"] if depth else [])]
    kind = draw(st.sampled_from(kinds if next else [each for each in kinds if each != "Choice"]))
    state: dict[str, Any] = {"Type": kind}
    if kind == "Choice":
        state |= {"Choices": [{"Condition": draw(_EXPRESSIONS), "Next": next}]}
        state |= {"Default": next} if draw(st.booleans()) else {}
    else:
        state |= {"Next": next} if next else {"End": True}
    state |= draw(_own_fields(kind, depth, prefix))
    state |= {"Output": draw(_TEMPLATES)} if draw(st.booleans()) else {}
    variable = f"{draw(st.sampled_from('vw'))}{depth}"
    return state | ({"Assign": {variable: draw(_TEMPLATES)}} if draw(st.booleans()) else {})


@st.composite
def _own_fields(draw: st.DrawFn, kind: str, depth: int, prefix: str) -> dict[str, Any]:
    match kind:
        case "Wait":
            return {"Seconds": draw(st.integers(0, 3) | _EXPRESSIONS)}
        case "Task":
            fields: dict[str, Any] = {"Resource": "arn:aws:states:::lambda:invoke", "Arguments": draw(_TEMPLATES)}
            return fields | draw(_recovery())
        case "Map":
            fields = {"ItemProcessor": draw(branches(depth - 1, prefix)), "MaxConcurrency": draw(st.integers(0, 2))}
            return (
                fields
                | {"Items": draw(_EXPRESSIONS), "ToleratedFailureCount": draw(st.integers(0, 1))}
                | draw(_recovery())
            )
        case "Parallel":
            inner = [draw(branches(depth - 1, f"{prefix}{i}")) for i in range(draw(st.integers(1, 2)))]
            return {"Branches": inner} | draw(_recovery())
        case _:
            return {}


@st.composite
def _recovery(draw: st.DrawFn) -> dict[str, Any]:
    names = st.sampled_from([["States.ALL"], ["Boom"], ["States.TaskFailed"]])
    retry = {"ErrorEquals": draw(names), "MaxAttempts": draw(st.integers(0, 2)), "JitterStrategy": "FULL"}
    return {"Retry": [retry]} if draw(st.booleans()) else {}


@st.composite
def branches(draw: st.DrawFn, depth: int, prefix: str = "S") -> dict[str, Any]:
    """A branch of one to three states, one after the other."""
    names = [f"{prefix}{depth}{i}" for i in range(draw(st.integers(1, 3)))]
    following: list[str | None] = [*names[1:], None]
    built = {name: draw(states(depth, after, f"{name}_")) for name, after in zip(names, following, strict=True)}
    return {"StartAt": names[0], "States": built}


def played(definition: dict[str, Any], input: Any, answers: list[asl.Outcome]) -> Played:
    played = Played(asl.Execution(machine_of({"QueryLanguage": "JSONata", **definition}), input, context(), seed=1))
    left = iter(answers)
    played.perform(played.run.start(START_MS), lambda effect: next(left, outcome.Failed("Boom")))
    return played


@settings(max_examples=150, deadline=None)
@given(branches(2), _SCALARS | st.dictionaries(st.sampled_from("ab"), _SCALARS), st.lists(_OUTCOMES, max_size=12))
def test_a_generated_machine_ends_as_asl_says(
    definition: dict[str, Any], input: Any, answers: list[asl.Outcome]
) -> None:
    run = played(definition, input, answers).run
    assert isinstance(run.status, status.Succeeded | status.Failed)
    assert run.events[-1].type in ("ExecutionSucceeded", "ExecutionFailed")
    if isinstance(run.status, status.Failed):
        assert run.status.error in {"Boom", "Other", "told"} or str(run.status.error).startswith("States.")
    _check_history(run)


def _check_history(run: asl.Execution) -> None:
    """Ids count up, previous ids point back, every iteration that started has ended, every event can be rendered."""
    for index, event in enumerate(run.events, start=1):
        assert event.id == index > event.previous_event_id
        assert event.to_json()["type"] == event.type
    types = Counter(event.type for event in run.events)
    iterations = types["MapIterationSucceeded"] + types["MapIterationFailed"] + types["MapIterationAborted"]
    assert types["MapIterationStarted"] == iterations


@settings(max_examples=60, deadline=None)
@given(branches(2), st.lists(_OUTCOMES, max_size=12), st.data())
def test_a_run_cut_short_and_replayed_ends_as_an_uncut_one(
    definition: dict[str, Any], answers: list[asl.Outcome], data: st.DataObject
) -> None:
    uncut = played(definition, {}, answers)
    cut = data.draw(st.integers(0, len(uncut.journal)))
    again = Played(asl.Execution(machine_of({"QueryLanguage": "JSONata", **definition}), {}, context(), seed=1))
    outstanding = {effect.id: effect for effect in again.run.start(START_MS)}
    for effect_id, reply, again.now_ms in uncut.journal[:cut]:
        outstanding.pop(effect_id)
        for effect in again.run.resume(effect_id, reply, again.now_ms):
            _note(outstanding, effect)
    replies = {effect_id: reply for effect_id, reply, _ in uncut.journal}
    again.perform(outstanding.values(), lambda effect: replies[effect.id])
    assert again.run.status == uncut.run.status
    assert [event.to_json() for event in again.run.events] == [event.to_json() for event in uncut.run.events]


def _note(outstanding: dict[int, asl.Effect], effect: asl.Effect) -> None:
    """A new effect is outstanding; a cancelled one is no more."""
    if isinstance(effect, asl.Cancel):
        outstanding.pop(effect.id, None)
    else:
        outstanding[effect.id] = effect
