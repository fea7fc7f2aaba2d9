"""Distributed Map: one effect for all children, the events around it, and what a redrive asks for."""

from collections.abc import Iterator
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


def test_a_map_run_is_redriven_a_thousand_times_and_no_more() -> None:
    played, effect = started(distributed(), ["a"])
    for _ in range(1000):
        played.resume(effect.id, EXCEEDED)
        (again,) = played.run.redrive(START_MS + 9)
        assert isinstance(again, asl.RunMap)
        effect = again
    played.resume(effect.id, EXCEEDED)
    assert played.run.redrive(START_MS + 9) == ()
    assert isinstance(played.run.status, status.Failed) and played.run.status.error == "States.Runtime"
    assert played.types[-3:] == ["ExecutionRedriven", "MapStateFailed", "ExecutionFailed"]


@pytest.mark.parametrize("fields", [{"Items": "{% 5 %}"}, {"ItemSelector": "{% $nope %}"}])
def test_bad_items_start_no_map_run(play: Play, fields: dict[str, Any]) -> None:
    played = play(distributed(**fields), ["a"])
    assert played.error[0] == "States.QueryEvaluationError"
    assert "MapRunStarted" not in played.types and "MapStateFailed" in played.types


def test_a_label_is_made_of_the_states_name() -> None:
    states = {"Each of them!": {**distributed()["M"], "Label": None}}
    del states["Each of them!"]["Label"]
    assert started(states, [])[1].label == "Each-of-them-"


def reader(**fields: Any) -> dict[str, Any]:
    config = {"InputType": "JSON", "MaxItems": "{% $states.input.most %}"}
    arguments = {"Bucket": "{% $states.input.bucket %}", "Key": "k"}
    return {"Resource": "arn:aws:states:::s3:getObject", "Arguments": arguments, "ReaderConfig": config, **fields}


READ = {"bucket": "b", "most": 2}


def dataset(effect: asl.RunMap) -> asl.Dataset:
    assert isinstance(effect.source, asl.Dataset)
    return effect.source


def test_an_item_reader_is_asked_for_with_what_its_expressions_give() -> None:
    played, effect = started(distributed(ItemReader=reader()), READ)
    source = dataset(effect)
    assert (source.action, source.arguments, source.max_items) == ("getObject", {"Bucket": "b", "Key": "k"}, 2)
    assert source.config.input_type == "JSON"
    assert played.facts("MapStateStarted") == {"length": 0}
    assert played.types[2:] == ["MapStateStarted", "MapRunStarted"]


def test_items_become_children_one_by_one() -> None:
    selector = {"of": "{% $states.input.bucket %}", "item": "{% $states.context.Map.Item %}"}
    _, effect = started(distributed(ItemReader=reader(), ItemSelector=selector), READ)
    asked = list[str]()

    def items() -> Iterator[asl.Item]:
        for letter in "xyz":
            asked.append(letter)
            yield asl.Item(letter, source="S3://b/k")

    children = dataset(effect).children(items())
    assert next(children).input == {"of": "b", "item": {"Index": 0, "Value": "x", "Source": "S3://b/k"}}
    assert asked == ["x"]


def test_a_child_of_a_key_sees_it() -> None:
    _, effect = started(distributed(ItemReader=reader(), ItemSelector="{% $states.context.Map.Item.Key %}"), READ)
    assert [child.input for child in dataset(effect).children([asl.Item(1, "a"), asl.Item(2, "b")])] == ["a", "b"]


def test_what_a_selector_draws_is_the_same_at_every_replay_and_draws_nothing_from_the_execution() -> None:
    states = distributed(ItemReader=reader(), ItemSelector="{% $random() %}")
    del states["M"]["End"]
    states["M"]["Next"] = "R"
    states["R"] = {"Type": "Pass", "Output": "{% $random() %}", "End": True}
    drawn = list[Any]()
    for read in (0, 3, 3):
        played, effect = started(states, READ)
        drawn.append([child.input for child in dataset(effect).children([asl.Item(n) for n in range(read)])])
        played.resume(effect.id, Succeeded([]))
        drawn.append(played.output)
    assert drawn[2] == drawn[4] and len(set(drawn[2])) == 3
    assert drawn[1] == drawn[3] == drawn[5]


def test_batches_hold_items_and_what_goes_with_all_of_them() -> None:
    batcher = {"MaxItemsPerBatch": "{% 2 %}", "BatchInput": {"from": "{% $states.input.bucket %}"}}
    _, effect = started(distributed(ItemBatcher=batcher, Items=[1, 2, 3]), READ)
    assert isinstance(effect.source, asl.Given)
    about = {"BatchInput": {"from": "b"}}
    assert effect.source.children == (asl.Child({**about, "Items": [1, 2]}, 2), asl.Child({**about, "Items": [3]}, 1))


def test_a_result_writer_is_asked_for_with_what_its_expressions_give() -> None:
    arguments = {"Bucket": "{% $states.input.bucket %}"}
    config = {"Transformation": "FLATTEN", "OutputType": "JSONL"}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Arguments": arguments}
    played, effect = started(distributed(Items=[1], ResultWriter={**writer, "WriterConfig": config}), READ)
    assert effect.results == asl.Results("FLATTEN", "JSONL", {"Bucket": "b"})
    assert started(distributed(Items=[1], ResultWriter=writer), READ)[1].results.transformation == "NONE"
    played.resume(effect.id, Succeeded({"MapRunArn": effect.arn}))
    assert played.output == {"MapRunArn": effect.arn}


@pytest.mark.parametrize(
    ("fields", "location"),
    [
        ({"ItemReader": reader(Arguments={"Bucket": "{% $nope %}", "Key": "k"})}, "ItemReader/Arguments/Bucket"),
        ({"ItemReader": reader(Arguments="{% 7 %}")}, "ItemReader/Arguments"),
        (
            {"ItemReader": reader(ReaderConfig={"InputType": "JSON", "MaxItems": "{% 0 %}"})},
            "ItemReader/ReaderConfig/MaxItems",
        ),
        ({"Items": [1], "ItemBatcher": {"MaxItemsPerBatch": "{% 0 %}"}}, "ItemBatcher/MaxItemsPerBatch"),
        ({"Items": [1], "ItemBatcher": {"MaxItemsPerBatch": 1, "BatchInput": "{% 1 %}"}}, "ItemBatcher/BatchInput"),
        (
            {"Items": [1], "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Arguments": "{% $nope %}"}},
            "ResultWriter/Arguments",
        ),
        ({"Items": [1], "ToleratedFailurePercentage": "{% 101 %}"}, "ToleratedFailurePercentage"),
    ],
)
def test_a_field_that_cannot_be_evaluated_is_told_by_its_place(
    play: Play, fields: dict[str, Any], location: str
) -> None:
    played = play(distributed(**fields), READ)
    assert played.types[2:] == ["EvaluationFailed", "MapStateFailed", "ExecutionFailed"]
    assert played.facts("EvaluationFailed")["location"] == location
    assert f"the field '{location}'" in str(played.error[1])


def test_items_that_could_not_be_read_are_an_error_of_the_state() -> None:
    catch = [{"ErrorEquals": ["States.ItemReaderFailed"], "Output": "{% $states.errorOutput.Cause %}", "Next": "C"}]
    states = {**distributed(ItemReader=reader(), Catch=catch), "C": {"Type": "Succeed"}}
    played, effect = started(states, READ)
    played.resume(effect.id, Failed("States.ItemReaderFailed", "NoSuchKey"))
    assert played.output == "NoSuchKey"


@pytest.mark.parametrize(
    ("tolerance", "total", "failures"),
    [
        (asl.Tolerance(), 10, 0),
        (asl.Tolerance(3, None), 10, 3),
        (asl.Tolerance(None, 25), 10, 2),
        (asl.Tolerance(None, 99.9), 10, 9),
        (asl.Tolerance(None, 32.3), 1000, 323),
        (asl.Tolerance(5, 40), 10, 4),
        (asl.Tolerance(0, 100), 10, 0),
    ],
)
def test_the_smaller_bound_says_how_many_items_may_fail(tolerance: asl.Tolerance, total: int, failures: int) -> None:
    assert tolerance.of(total) == failures
