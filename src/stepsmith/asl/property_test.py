"""Generated machines: whatever the definition, the input and the answers, an execution fails only as ASL fails.

Machines are trees of states that end, with expressions that may be undefined, of the wrong type or too large. Every
run must reach an end or wait for an answer, whatever it is answered, stopped and redriven; and end as an uncut run when
it is cut short at any happening and replayed (the runtime's recovery is nothing but that).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stepsmith import asl
from stepsmith.asl import outcome, status

from .conftest import START_MS, STEP_MS, context, machine_of

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
        "1 / 0",
        "$states.context.Execution.RedriveCount",
        "$states.input = null",
    ]
).map(lambda text: f"{{% {text} %}}")
_SCALARS = st.none() | st.booleans() | st.integers(-5, 5) | st.text("ab é{", max_size=3)
_TEMPLATES = st.recursive(
    _EXPRESSIONS | _SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)
_ERRORS = st.sampled_from(["Boom", "States.Timeout", "States.TaskFailed", "States.QueryEvaluationError", "Other"])
_RESOURCES = st.sampled_from(
    [
        "arn:aws:states:::glue:startJobRun",
        "arn:aws:states:::apigateway:invoke.waitForTaskToken",
        "arn:aws:states:::glue:startJobRun.sync",
        "arn:aws:states:us-east-1:000000000000:activity:a",
        "arn:aws:lambda:us-east-1:000000000000:function:f",
    ]
)
_OUTCOMES = st.one_of(
    st.builds(outcome.Succeeded, st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3), max_leaves=4)),
    st.builds(outcome.Failed, _ERRORS, st.none() | st.just("why")),
    st.builds(outcome.TimedOut, st.none(), st.booleans()),
    st.builds(outcome.ScheduleFailed, _ERRORS),
    st.builds(outcome.SubmitFailed, _ERRORS),
    st.just(outcome.Succeeded("x" * 300_000)),
)


@st.composite
def states(draw: st.DrawFn, depth: int, next: str | None, prefix: str) -> dict[str, Any]:
    """One state of a branch, with Output and Assign now and then."""
    kinds = ["Pass", "Task", "Wait", *(["Map", "Parallel"] if depth else [])]
    kind = draw(st.sampled_from([*kinds, "Choice"] if next else [*kinds, "Succeed", "Fail"]))
    state: dict[str, Any] = {"Type": kind}
    if kind == "Fail":
        return state | {"Error": draw(st.just("Boom") | _EXPRESSIONS)}
    if kind == "Succeed":
        return state | {"Output": draw(_TEMPLATES)}
    if kind == "Choice":
        state |= {"Choices": [{"Condition": draw(_EXPRESSIONS), "Next": next}]}
        state |= {"Default": next} if draw(st.booleans()) else {}
    else:
        state |= {"Next": next} if next else {"End": True}
    state |= draw(_own_fields(kind, depth, prefix))
    if kind in ("Task", "Map", "Parallel"):
        state |= draw(_recovery(next))
    state |= {"Output": draw(_TEMPLATES)} if draw(st.booleans()) else {}
    variable = f"{draw(st.sampled_from('vw'))}{depth}"
    return state | ({"Assign": {variable: draw(_TEMPLATES)}} if draw(st.booleans()) else {})


@st.composite
def _own_fields(draw: st.DrawFn, kind: str, depth: int, prefix: str) -> dict[str, Any]:
    match kind:
        case "Wait":
            fixed: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
                [{"Seconds": 2}, {"Timestamp": "2026-01-01T00:00:09Z"}]
            )
            return draw(fixed | _EXPRESSIONS.map(lambda seconds: {"Seconds": seconds}))
        case "Task":
            bounds = {"TimeoutSeconds": draw(_EXPRESSIONS)} if draw(st.booleans()) else {}
            return {"Resource": draw(_RESOURCES), "Arguments": draw(_TEMPLATES), **bounds}
        case "Map":
            return draw(_map_fields(depth, prefix))
        case "Parallel":
            inner = [draw(branches(depth - 1, f"{prefix}{i}")) for i in range(draw(st.integers(1, 2)))]
            return {"Branches": inner}
        case _:
            return {}


@st.composite
def _map_fields(draw: st.DrawFn, depth: int, prefix: str) -> dict[str, Any]:
    config = draw(st.sampled_from([{"Mode": "INLINE"}, {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}]))
    fields = {
        "ItemProcessor": {"ProcessorConfig": config, **draw(branches(depth - 1, prefix))},
        "MaxConcurrency": draw(st.integers(0, 2)),
        "ToleratedFailureCount": draw(st.integers(0, 1)),
    }
    is_read = config["Mode"] == "DISTRIBUTED" and draw(st.booleans())
    fields |= draw(_distribution()) if is_read else {"Items": draw(_EXPRESSIONS)}
    return fields | ({"ItemSelector": draw(_TEMPLATES)} if draw(st.booleans()) else {})


@st.composite
def _distribution(draw: st.DrawFn) -> dict[str, Any]:
    """An ItemReader, and now and then batches and a place for results."""
    config = {"InputType": "JSON", "MaxItems": draw(st.just(2) | _EXPRESSIONS)}
    arguments = draw(st.just({"Bucket": "b", "Key": "k"}) | _EXPRESSIONS)
    fields: dict[str, Any] = {
        "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Arguments": arguments, "ReaderConfig": config}
    }
    if draw(st.booleans()):
        fields["ItemBatcher"] = {"MaxItemsPerBatch": draw(st.just(2) | _EXPRESSIONS)}
    if draw(st.booleans()):
        put = "arn:aws:states:::s3:putObject"
        fields["ResultWriter"] = {"Resource": put, "Arguments": draw(st.just({"Bucket": "b"}) | _EXPRESSIONS)}
    return fields


@st.composite
def _recovery(draw: st.DrawFn, next: str | None) -> dict[str, Any]:
    names = st.sampled_from([["States.ALL"], ["Boom"], ["States.TaskFailed"]])
    retry = {"ErrorEquals": draw(names), "MaxAttempts": draw(st.integers(0, 2)), "JitterStrategy": "FULL"}
    catch = {"ErrorEquals": draw(names), "Next": next, "Output": draw(_TEMPLATES)}
    fields = {"Retry": [retry]} if draw(st.booleans()) else {}
    return fields | ({"Catch": [catch]} if next and draw(st.booleans()) else {})


@st.composite
def branches(draw: st.DrawFn, depth: int, prefix: str = "S") -> dict[str, Any]:
    """A branch of one to three states, one after the other."""
    names = [f"{prefix}{depth}{i}" for i in range(draw(st.integers(1, 3)))]
    following: list[str | None] = [*names[1:], None]
    built = {name: draw(states(depth, after, f"{name}_")) for name, after in zip(names, following, strict=True)}
    return {"StartAt": names[0], "States": built}


Happening = tuple[str, int, asl.Outcome | None, int]
"""What was done to an execution: by which of its methods, to which effect, with which answer, when."""

ABORT = "abort"
MAX_REDRIVES = 2
_SCRIPTS = st.lists(_OUTCOMES | st.just(ABORT), max_size=14)


@dataclass
class Story:
    """An execution and what happened to it. What happens next follows from the script and from how far it has come:
    the oldest effect is answered, or the execution stopped; an unsuccessful one is redriven, twice."""

    run: asl.Execution
    script: list[Any]
    happened: list[Happening] = field(default_factory=list)
    outstanding: dict[int, asl.Effect] = field(default_factory=dict)

    def begin(self) -> None:
        self._note(self.run.start(START_MS))

    def apply(self, happening: Happening) -> None:
        self.happened.append(happening)
        match happening:
            case ("resume", id, answer, now_ms) if answer is not None:
                del self.outstanding[id]
                self._note(self.run.resume(id, answer, now_ms))
            case ("abort", _, _, now_ms):
                self._note(self.run.abort("Stopped", None, now_ms))
            case (_, _, _, now_ms):
                self._note(self.run.redrive(now_ms))

    def finish(self) -> None:
        while (happening := self._next()) is not None:
            self.apply(happening)

    def _next(self) -> Happening | None:
        now_ms = START_MS + STEP_MS * (1 + len(self.happened))
        if not isinstance(self.run.status, status.Running):
            redrives = sum(kind == "redrive" for kind, *_ in self.happened)
            over = redrives == MAX_REDRIVES or isinstance(self.run.status, status.Succeeded)
            return None if over else ("redrive", 0, None, now_ms)
        number = len(self.happened)
        said = self.script[number] if number < len(self.script) else outcome.Failed("Boom")
        if said == ABORT:
            return "abort", 0, None, now_ms
        effect = next(iter(self.outstanding.values()))
        return "resume", effect.id, _fitting(effect, said), now_ms

    def _note(self, effects: tuple[asl.Effect, ...]) -> None:
        """A new effect is outstanding; a cancelled one is no more."""
        for effect in effects:
            if isinstance(effect, asl.Cancel):
                del self.outstanding[effect.id]
            else:
                self.outstanding[effect.id] = effect


def _fitting(effect: asl.Effect, said: asl.Outcome) -> asl.Outcome:
    """An answer of the kind that the effect takes."""
    match effect:
        case asl.Sleep():
            return outcome.Slept()
        case asl.RunMap(source=source, definition=definition):
            asl.load(definition)
            return _of_children(source, said)
        case _:
            return said


def _of_children(source: asl.Given | asl.Dataset, said: asl.Outcome) -> asl.Outcome:
    """Every child comes to the same; an item may have no input."""
    items = [asl.Item(1, "a"), asl.Item("b"), asl.Item({"c": []})]
    try:
        children = source.children if isinstance(source, asl.Given) else tuple(source.children(items))
    except asl.StateError as error:
        return outcome.Failed(error.error, error.cause)
    if isinstance(said, outcome.Succeeded):
        return outcome.Succeeded([child.input for child in children])
    return outcome.Failed("States.ExceedToleratedFailureThreshold", "too many")


def story(definition: dict[str, Any], input: Any, script: list[Any]) -> Story:
    told = Story(asl.Execution(machine_of({"QueryLanguage": "JSONata", **definition}), input, context(), 1), script)
    told.begin()
    return told


@settings(max_examples=200, deadline=None)
@given(branches(2), _SCALARS | st.dictionaries(st.sampled_from("ab"), _SCALARS), _SCRIPTS)
def test_a_generated_machine_ends_as_asl_says(definition: dict[str, Any], input: Any, script: list[Any]) -> None:
    told = story(definition, input, script)
    told.finish()
    run = told.run
    assert isinstance(run.status, status.Succeeded | status.Failed | status.Aborted)
    assert run.events[-1].type in ("ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted")
    assert not told.outstanding
    if isinstance(run.status, status.Failed):
        known = {"Boom", "Other", "told"} | {text for text in _said(run) if isinstance(text, str)}
        assert run.status.error in known or str(run.status.error).startswith("States.")
    _check_history(run)


def _said(run: asl.Execution) -> set[Any]:
    """The errors that Fail states made up."""
    return {event.facts.get("error") for event in run.events if event.type == "ExecutionFailed"}


def _check_history(run: asl.Execution) -> None:
    """Ids count up, previous ids point back, every iteration that started has ended, every event can be rendered."""
    for index, event in enumerate(run.events, start=1):
        assert event.id == index > event.previous_event_id
        assert event.to_json()["type"] == event.type
    types = Counter(event.type for event in run.events)
    iterations = types["MapIterationSucceeded"] + types["MapIterationFailed"] + types["MapIterationAborted"]
    assert types["MapIterationStarted"] == iterations or types["ExecutionAborted"]
    assert types["ExecutionRedriven"] + 1 == sum(types[f"Execution{end}"] for end in ("Succeeded", "Failed", "Aborted"))


@settings(max_examples=100, deadline=None)
@given(branches(2), _SCRIPTS, st.data())
def test_a_run_cut_at_any_happening_and_replayed_ends_as_an_uncut_one(
    definition: dict[str, Any], script: list[Any], data: st.DataObject
) -> None:
    uncut = story(definition, {}, script)
    uncut.finish()
    cut = story(definition, {}, script)
    for happening in uncut.happened[: data.draw(st.integers(0, len(uncut.happened)))]:
        cut.apply(happening)
    cut.finish()
    assert cut.run.status == uncut.run.status
    assert [event.to_json() for event in cut.run.events] == [event.to_json() for event in uncut.run.events]
