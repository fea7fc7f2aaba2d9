"""Distributed Map: one effect for all children, the events around it, and what a redrive asks for."""

from typing import Any

import pytest

from stepsmith import asl
from stepsmith.asl import status
from stepsmith.asl.outcome import Failed, Succeeded

from ..conftest import START_MS, Play, Played, context, machine_of

INVOKE = "arn:aws:states:::lambda:invoke"
EXCEEDED = Failed("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded")


def distributed(**fields: Any) -> dict[str, Any]:
    processor = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"},
        "StartAt": "I",
        "States": {"I": {"Type": "Pass", "Output": "{% $states.input %}", "End": True}},
    }
    return {"M": {"Type": "Map", "ItemProcessor": processor, "Label": "each", "End": True, **fields}}


def started(states: dict[str, Any], input: Any) -> tuple[Played, asl.RunMap]:
    played = Played(asl.Execution(machine_of(states), input, context(), seed=1))
    (effect,) = played.run.start(START_MS)
    assert isinstance(effect, asl.RunMap)
    return played, effect


def inputs(effect: asl.RunMap) -> list[Any]:
    """What the children of a Map without an ItemReader start with."""
    assert isinstance(effect.source, asl.Given)
    return [child.input for child in effect.source.children]


def test_the_children_are_asked_for_at_once() -> None:
    selector = {"i": "{% $states.context.Map.Item.Index %}", "v": "{% $states.context.Map.Item %}"}
    bounds = {"MaxConcurrency": 2, "ToleratedFailurePercentage": 50}
    _, effect = started(distributed(ItemSelector=selector, **bounds), ["a", "b"])
    assert inputs(effect) == [
        {"i": 0, "v": {"Index": 0, "Value": "a", "Source": "STATE_DATA"}},
        {"i": 1, "v": {"Index": 1, "Value": "b", "Source": "STATE_DATA"}},
    ]
    assert (effect.execution_type, effect.label, effect.at_once, effect.redrive_count) == ("EXPRESS", "each", 2, 0)
    assert effect.tolerance == asl.Tolerance(None, 50) and effect.results == asl.Results("COMPACT", "JSON", None)
    assert effect.arn.startswith("arn:aws:states:us-east-1:000000000000:mapRun:machine/each:")


def test_a_child_runs_the_processor_as_a_machine() -> None:
    _, effect = started(distributed(), ["a"])
    child = asl.Execution(asl.load(effect.definition), inputs(effect)[0], context(), seed=2)
    child.start(START_MS)
    assert child.status == status.Succeeded("a")


def test_events_of_a_map_run_that_succeeds() -> None:
    played, effect = started(distributed(), ["a", "b"])
    played.resume(effect.id, Succeeded(["A", "B"]))
    assert played.output == ["A", "B"]
    assert played.types[1:] == [
        "MapStateEntered",
        "MapStateStarted",
        "MapRunStarted",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]
    assert played.facts("MapStateStarted") == {"length": 2}
    assert played.facts("MapRunStarted") == {"mapRunArn": effect.arn}


def test_events_of_a_map_run_that_fails() -> None:
    played, effect = started(distributed(), ["a"])
    played.resume(effect.id, EXCEEDED)
    assert played.error == (EXCEEDED.error, EXCEEDED.cause)
    assert played.types[4:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]
    assert played.facts("MapRunFailed") == {"error": EXCEEDED.error, "cause": EXCEEDED.cause}


def test_a_map_run_that_fails_is_caught(play: Play) -> None:
    catch = [{"ErrorEquals": ["States.ExceedToleratedFailureThreshold"], "Output": "caught", "Next": "C"}]
    played, effect = started({**distributed(Catch=catch), "C": {"Type": "Succeed"}}, ["a"])
    played.resume(effect.id, EXCEEDED)
    assert played.output == "caught"


def test_a_retry_is_a_map_run_of_its_own() -> None:
    played, first = started(distributed(Retry=[{"ErrorEquals": ["States.ALL"]}]), ["a"])
    (sleep,) = played.resume(first.id, EXCEEDED)
    (second,) = played.resume(sleep.id, asl.outcome.Slept())
    assert isinstance(second, asl.RunMap) and second.arn != first.arn and second.redrive_count == 0


def test_an_abort_ends_the_map_run() -> None:
    played, effect = started(distributed(), ["a"])
    assert played.run.abort(None, None, START_MS + 1) == (asl.Cancel(effect.id),)
    assert played.types[-2:] == ["MapRunStarted", "ExecutionAborted"]


def test_a_map_run_in_a_branch_that_nobody_waits_for_is_aborted() -> None:
    failing = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": INVOKE, "End": True}}}
    branches = [{"StartAt": "M", "States": distributed()}, failing]
    states = {"P": {"Type": "Parallel", "Branches": branches, "End": True}}
    played = Played(asl.Execution(machine_of(states), [1], context(), seed=1))
    effects = played.run.start(START_MS)
    assert played.resume(effects[1].id, Failed("E")) == (asl.Cancel(effects[0].id),)
    assert played.types[-5:] == [
        "TaskFailed",
        "MapRunAborted",
        "MapStateAborted",
        "ParallelStateFailed",
        "ExecutionFailed",
    ]


def test_a_redrive_redrives_the_map_run() -> None:
    played, first = started(distributed(), ["a", "b"])
    played.resume(first.id, EXCEEDED)
    (second,) = played.run.redrive(START_MS + 9)
    assert isinstance(second, asl.RunMap)
    assert (second.arn, second.source, second.redrive_count) == (first.arn, first.source, 1)
    played.resume(second.id, Succeeded(["A", "B"]))
    assert played.types[-6:] == [
        "ExecutionRedriven",
        "MapRunRedriven",
        "MapRunSucceeded",
        "MapStateSucceeded",
        "MapStateExited",
        "ExecutionSucceeded",
    ]
    assert played.facts("MapRunRedriven") == {"mapRunArn": first.arn, "redriveCount": 1}


@pytest.mark.parametrize("fields", [{"Items": "{% 5 %}"}, {"ItemSelector": "{% $nope %}"}])
def test_bad_items_start_no_map_run(play: Play, fields: dict[str, Any]) -> None:
    played = play(distributed(**fields), ["a"])
    assert played.error[0] == "States.QueryEvaluationError"
    assert "MapRunStarted" not in played.types and "MapStateFailed" in played.types


def test_a_label_is_made_of_the_states_name() -> None:
    states = {"Each of them!": {**distributed()["M"], "Label": None}}
    del states["Each of them!"]["Label"]
    assert started(states, [])[1].label == "Each-of-them-"
