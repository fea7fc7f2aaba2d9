"""Redrive: an unsuccessful execution goes on from the states that did not end."""

from typing import Any

import pytest

from stepsmith import asl
from stepsmith.asl import outcome, status
from stepsmith.asl.outcome import Failed, Succeeded

from .conftest import START_MS, Play, Played

INVOKE = "arn:aws:states:::glue:startJobRun"
LATER_MS = START_MS + 60_000


def task(name: str, **fields: Any) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: {"Type": "Task", "Resource": INVOKE, "End": True, **fields}}}


def redriven(played: Played, answers: list[outcome.Outcome | None]) -> Played:
    """The same execution, redriven, its tasks answered in turn."""
    left = iter(answers)
    played.now_ms = LATER_MS
    played.perform(played.run.redrive(LATER_MS), lambda effect: next(left, None))
    return played


STEPS: dict[str, Any] = {
    "A": {"Type": "Pass", "Output": {"made": 1}, "Assign": {"v": 7}, "Next": "B"},
    "B": {
        **task("B")["States"]["B"],
        "Arguments": "{% [$v, $states.input.made, $states.context.Execution.RedriveCount] %}",
        "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 1}],
    },
}


def test_a_failed_task_is_scheduled_again_with_its_input_and_variables(play: Play) -> None:
    played = redriven(play(STEPS, {}, [Failed("E"), Failed("E")]), [Succeeded("ok")])
    assert [each.arguments for each in played.invokes] == [[7, 1, 0], [7, 1, 0], [7, 1, 1]]
    assert played.output == "ok"
    assert played.types[-7:] == [
        "ExecutionFailed",
        "ExecutionRedriven",
        "TaskScheduled",
        "TaskStarted",
        "TaskSucceeded",
        "TaskStateExited",
        "ExecutionSucceeded",
    ]
    chain = [(event.id, event.previous_event_id) for event in played.run.events[-6:]]
    assert all(id - 1 == previous for id, previous in chain)
    assert played.facts("ExecutionRedriven") == {"redriveCount": 1}


def test_retries_are_counted_anew(play: Play) -> None:
    played = redriven(play(STEPS, {}, [Failed("E"), Failed("E")]), [Failed("E"), Succeeded("ok")])
    assert played.output == "ok"


def test_an_execution_is_redriven_more_than_once(play: Play) -> None:
    played = play(STEPS, {}, [Failed("F")])
    for _ in range(3):
        redriven(played, [Failed("F")])
    assert redriven(played, [Succeeded("ok")]).invokes[-1].arguments == [7, 1, 4]
    assert played.output == "ok"


def test_the_context_says_when_it_was_redriven(play: Play) -> None:
    states = {"B": {**STEPS["B"], "Arguments": "{% $states.context.Execution %}"}}
    played = redriven(play(states, {}, [Failed("F")]), [Succeeded(1)])
    first, second = (each.arguments for each in played.invokes)
    assert "RedriveTime" not in first and first["RedriveCount"] == 0
    assert (second["RedriveCount"], second["RedriveTime"]) == (1, "2026-01-01T00:01:00Z")
    assert second["StartTime"] == first["StartTime"]


def test_branches_that_ended_keep_their_output(play: Play) -> None:
    states = {"P": {"Type": "Parallel", "Branches": [task("A"), task("B"), task("C")], "End": True}}
    played = play(states, {}, [Succeeded("a"), None, None])
    played.resume(2, Failed("E"))
    assert isinstance(played.run.status, status.Failed)
    redriven(played, [Succeeded("b"), Succeeded("c")])
    assert played.output == ["a", "b", "c"]
    assert len(played.invokes) == 5
    assert played.types.count("ParallelStateEntered") == played.types.count("ParallelStateStarted") == 1


def test_iterations_that_ended_keep_their_output(play: Play) -> None:
    inner = task("T", Arguments="{% $states.input %}")
    states = {"M": {"Type": "Map", "ItemProcessor": inner, "MaxConcurrency": 1, "End": True}}
    played = play(states, [1, 2, 3], [Succeeded("one"), Failed("E")])
    redriven(played, [Succeeded("two"), Succeeded("three")])
    assert played.output == ["one", "two", "three"]
    assert [each.arguments for each in played.invokes] == [1, 2, 2, 3]


def test_a_map_inside_a_parallel_goes_on_inside(play: Play) -> None:
    inner = {
        "StartAt": "F",
        "States": {
            "F": {"Type": "Pass", "Assign": {"w": "{% $states.input %}"}, "Next": "T"},
            "T": {**task("T")["States"]["T"], "Arguments": "{% $w %}"},
        },
    }
    map_ = {"StartAt": "M", "States": {"M": {"Type": "Map", "Items": [1, 2], "ItemProcessor": inner, "End": True}}}
    states = {"P": {"Type": "Parallel", "Branches": [map_, task("B")], "End": True}}
    played = play(states, {}, [None, Succeeded("one"), Failed("E")])
    redriven(played, [Succeeded("b"), Succeeded("two")])
    assert played.output == [["one", "two"], "b"]
    assert [each.arguments for each in played.invokes] == [{}, 1, 2, {}, 2]
    assert played.types.count("PassStateEntered") == 2


def test_an_aborted_execution_is_redriven(play: Play) -> None:
    states = {"M": {"Type": "Map", "ItemProcessor": task("T"), "End": True}}
    played = play(states, [1, 2], [Succeeded("one"), None])
    played.run.abort("Stopped", None, START_MS + 1)
    assert redriven(played, [Succeeded("two")]).output == ["one", "two"]


def test_a_timed_out_execution_has_its_whole_time_again(play: Play) -> None:
    played = play({"TimeoutSeconds": 60, "QueryLanguage": "JSONata", **task("A")}, {}, [None])
    played.run.expire(START_MS + 60_000)
    assert redriven(played, [None]).run.deadline_ms == LATER_MS + 60_000
    played.resume(2, Succeeded("late"))
    assert played.output == "late"


def test_a_fail_state_is_entered_again(play: Play) -> None:
    played = redriven(play({"F": {"Type": "Fail", "Error": "No"}}), [])
    assert played.error == ("No", None)
    assert played.types[2:] == ["ExecutionFailed", "ExecutionRedriven", "FailStateEntered", "ExecutionFailed"]


def test_an_expression_that_failed_is_evaluated_again(play: Play) -> None:
    output = "{% $states.context.Execution.RedriveCount > 0 ? 'now' : $nope %}"
    played = redriven(play({"A": {"Type": "Pass", "Output": output, "End": True}}), [])
    assert played.output == "now"
    assert played.types.count("PassStateEntered") == 1


def test_a_result_that_was_too_large_runs_all_branches_again(play: Play) -> None:
    states = {"P": {"Type": "Parallel", "Branches": [task("A"), task("B")], "End": True}}
    played = play(states, {}, [Succeeded("x" * 200_000)] * 2)
    assert played.error[0] == "States.DataLimitExceeded"
    redriven(played, [Succeeded("a"), Succeeded("b")])
    assert played.output == ["a", "b"]


def test_answers_to_the_first_attempt_are_ignored(play: Play) -> None:
    played = play({"A": task("A")["States"]["A"]}, {}, [None])
    played.run.abort(None, None, START_MS + 1)
    redriven(played, [None])
    assert played.run.resume(1, Succeeded("old"), LATER_MS) == ()
    assert played.run.resume(2, Succeeded("new"), LATER_MS) == ()
    assert played.output == "new"


def test_only_an_unsuccessful_end_is_redriven(play: Play) -> None:
    for answer in ([Succeeded(1)], [None]):
        with pytest.raises(RuntimeError, match="not redriven"):
            play(task("A"), {}, answer).run.redrive(LATER_MS)


def test_a_full_history_is_not_redriven(play: Play) -> None:
    never = [{"Condition": "{% false %}", "Next": "C"}]
    states: dict[str, Any] = {
        "A": {"Type": "Pass", "Next": "B"},
        "B": {"Type": "Choice", "Choices": never, "Default": "A"},
        "C": {"Type": "Succeed"},
    }
    with pytest.raises(RuntimeError, match="history is full"):
        play(states).run.redrive(LATER_MS)


def test_a_redrive_replays(play: Play) -> None:
    played = redriven(play(STEPS, {}, [Failed("F")]), [Succeeded("ok")])
    again = play(STEPS, {}, [Failed("F")])
    again.run.redrive(LATER_MS)
    again.run.resume(2, Succeeded("ok"), played.now_ms)
    assert [each.to_json() for each in again.run.events] == [each.to_json() for each in played.run.events]
    assert isinstance(again.run, asl.Execution)
