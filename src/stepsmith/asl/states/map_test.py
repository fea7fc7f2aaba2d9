"""Map: items, their selection, how many at once, and what a failure of some means."""

from typing import Any

import pytest

from stepsmith.asl.outcome import Failed, Succeeded

from ..conftest import Play

PASS: dict[str, Any] = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
TASK: dict[str, Any] = {
    "StartAt": "I",
    "States": {"I": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}},
}


def map_of(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"M": {"Type": "Map", "ItemProcessor": processor, "End": True, **fields}}


def test_every_item_is_the_input_of_one_iteration(play: Play) -> None:
    assert play(map_of(PASS), [1, {"a": 2}, None]).output == [1, {"a": 2}, None]


def test_no_items_are_an_empty_result(play: Play) -> None:
    played = play(map_of(PASS), [])
    assert played.output == []
    assert played.facts("MapStateStarted") == {"length": 0}


def test_items_may_be_computed(play: Play) -> None:
    assert play(map_of(PASS, Items="{% [1..$states.input.n] %}"), {"n": 3}).output == [1, 2, 3]


def test_an_object_is_iterated_by_key(play: Play) -> None:
    selector = {"key": "{% $states.context.Map.Item.Key %}", "value": "{% $states.context.Map.Item.Value %}"}
    played = play(map_of(PASS, ItemSelector=selector), {"a": 1, "b": 2})
    assert played.output == [{"key": "a", "value": 1}, {"key": "b", "value": 2}]


def test_a_selector_sees_item_index_input_and_variables(play: Play) -> None:
    selector = "{% [$states.context.Map.Item.Index, $states.context.Map.Item.Value, $states.input.k, $v] %}"
    states = {
        "A": {"Type": "Pass", "Assign": {"v": "var"}, "Next": "M"},
        **map_of(PASS, Items="{% $states.input.list %}", ItemSelector=selector),
    }
    assert play(states, {"list": ["x", "y"], "k": 9}).output == [[0, "x", 9, "var"], [1, "y", 9, "var"]]


def test_states_of_an_iteration_know_their_item(play: Play) -> None:
    inner = {
        "StartAt": "I",
        "States": {"I": {"Type": "Pass", "Output": "{% $states.context.Map.Item.Index %}", "End": True}},
    }
    assert play(map_of(inner), ["a", "b"]).output == [0, 1]


@pytest.mark.parametrize(("limit", "at_once"), [(0, 4), (2, 2), ("{% $count($states.input) - 1 %}", 3)])
def test_at_most_max_concurrency_iterations_run_at_once(play: Play, limit: Any, at_once: int) -> None:
    played = play(map_of(TASK, MaxConcurrency=limit), [1, 2, 3, 4], [None] * 4)
    assert len(played.invokes) == at_once
    if at_once < 4:
        (following,) = played.resume(1, Succeeded("one"))
        assert following.arguments == at_once + 1  # type: ignore[union-attr]


def test_an_inline_map_runs_forty_iterations_at_once(play: Play) -> None:
    assert len(play(map_of(TASK), list(range(50)), [None] * 50).invokes) == 40


def test_results_keep_the_order_of_the_items(play: Play) -> None:
    played = play(map_of(TASK), ["a", "b"], [None, None])
    played.resume(2, Succeeded("second"))
    played.resume(1, Succeeded("first"))
    assert played.output == ["first", "second"]


def test_a_success_of_an_iteration_is_beside_the_chain(play: Play) -> None:
    chain = [(event.type, event.previous_event_id) for event in play(map_of(PASS, MaxConcurrency=1), [1, 2]).run.events]
    assert chain == [
        ("ExecutionStarted", 0),
        ("MapStateEntered", 0),
        ("MapStateStarted", 2),
        ("MapIterationStarted", 3),
        ("PassStateEntered", 4),
        ("PassStateExited", 5),
        ("MapIterationSucceeded", 6),
        ("MapIterationStarted", 6),
        ("PassStateEntered", 8),
        ("PassStateExited", 9),
        ("MapIterationSucceeded", 10),
        ("MapStateSucceeded", 10),
        ("MapStateExited", 12),
        ("ExecutionSucceeded", 13),
    ]


def test_one_failure_ends_the_others(play: Play) -> None:
    played = play(map_of(TASK), [1, 2], [None, Failed("E", "c")])
    assert played.error == ("E", "c")
    assert played.cancelled == [1]
    assert played.types[-6:] == [
        "TaskFailed",
        "MapIterationFailed",
        "TaskStateAborted",
        "MapIterationAborted",
        "MapStateFailed",
        "ExecutionFailed",
    ]


def test_tolerated_failures_are_left_out(play: Play) -> None:
    answers = [Failed("E"), Succeeded("b"), Failed("E")]
    assert play(map_of(TASK, ToleratedFailureCount=2), [1, 2, 3], answers).output == ["b"]
    assert play(map_of(TASK, ToleratedFailurePercentage=70), [1, 2, 3], answers).output == ["b"]
    assert play(map_of(TASK, ToleratedFailureCount=1), [1, 2, 3], answers).error[0] == (
        "States.ExceedToleratedFailureThreshold"
    )


@pytest.mark.parametrize("items", ["{% 5 %}", "{% 'text' %}", "{% $states.input.nope %}"])
def test_bad_items_fail_the_map(play: Play, items: str) -> None:
    played = play(map_of(PASS, Items=items), {})
    assert played.error[0] == "States.QueryEvaluationError"
    assert played.types[2:] == ["EvaluationFailed", "MapStateFailed", "ExecutionFailed"]
    assert played.facts("EvaluationFailed")["location"] == "Items"


@pytest.mark.parametrize("field", ["MaxConcurrency", "ToleratedFailureCount"])
def test_a_bad_bound_fails_the_map_before_it_starts(play: Play, field: str) -> None:
    played = play(map_of(PASS, **{field: "{% -1 %}"}), [1])
    assert played.types[2:] == ["EvaluationFailed", "MapStateFailed", "ExecutionFailed"]
    assert played.facts("EvaluationFailed")["location"] == field


def test_an_item_that_json_cannot_carry_fails_the_map(play: Play) -> None:
    assert play(map_of(PASS, Items="{% [1, 1/0] %}")).error[0] == "States.QueryEvaluationError"


def test_a_bad_selector_fails_its_iteration(play: Play) -> None:
    played = play(map_of(PASS, ItemSelector={"x": "{% $states.input.nope %}"}), [1])
    assert played.types[3:6] == ["MapIterationStarted", "EvaluationFailed", "MapIterationFailed"]
    assert played.facts("EvaluationFailed")["location"] == "ItemSelector/x"


def test_maps_nest(play: Play) -> None:
    inner = {"StartAt": "N", "States": {"N": map_of(PASS)["M"]}}
    assert play(map_of(inner), [[1, 2], [], [3]]).output == [[1, 2], [], [3]]


def test_an_iteration_reads_outer_variables(play: Play) -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "Output": "{% $calls[$states.input] %}", "End": True}}}
    states = {
        "A": {"Type": "Pass", "Assign": {"calls": ["x", "y"]}, "Next": "M"},
        **map_of(
            inner, Items="{% [0..1] %}", Assign={"results": "{% $states.result %}"}, Output="{% $states.result %}"
        ),
    }
    assert play(states).output == ["x", "y"]
