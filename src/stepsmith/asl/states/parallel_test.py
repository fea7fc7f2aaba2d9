"""Parallel: branches side by side, one history, the first failure ends all."""

from typing import Any

from stepsmith import asl
from stepsmith.asl.outcome import Failed, Succeeded

from ..conftest import Play


def branch(name: str, **state: Any) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: {"Type": "Pass", "End": True, **state}}}


def task(name: str) -> dict[str, Any]:
    return branch(name, Type="Task", Resource="arn:aws:states:::lambda:invoke")


def test_the_result_is_the_array_of_outputs(play: Play) -> None:
    states = {"P": {"Type": "Parallel", "Branches": [branch("A", Output=1), branch("B")], "End": True}}
    assert play(states, {"x": 1}).output == [1, {"x": 1}]


def test_arguments_are_the_input_of_every_branch(play: Play) -> None:
    parallel = {"Type": "Parallel", "Arguments": "{% $states.input.x %}", "Branches": [branch("A"), branch("B")]}
    assert play({"P": {**parallel, "End": True}}, {"x": 1}).output == [1, 1]


def test_branches_wait_side_by_side(play: Play) -> None:
    states = {"P": {"Type": "Parallel", "Branches": [task("A"), task("B")], "End": True}}
    played = play(states, {}, [None, None])
    assert len(played.invokes) == 2
    assert played.resume(2, Succeeded("b")) == ()
    played.resume(1, Succeeded("a"))
    assert played.output == ["a", "b"]


def test_branches_read_outer_variables_and_keep_their_own(play: Play) -> None:
    inner = branch("B", Assign={"mine": "{% $outer %}"})
    states = {
        "A": {"Type": "Pass", "Assign": {"outer": 1}, "Next": "P"},
        "P": {"Type": "Parallel", "Branches": [inner], "Next": "C"},
        "C": {"Type": "Pass", "Output": "{% [$outer, $exists($mine)] %}", "End": True},
    }
    assert play(states).output == [1, False]


def test_events_chain_by_branch(play: Play) -> None:
    states = {"P": {"Type": "Parallel", "Branches": [branch("A"), branch("B")], "End": True}}
    chain = [(event.type, event.previous_event_id) for event in play(states).run.events]
    assert chain == [
        ("ExecutionStarted", 0),
        ("ParallelStateEntered", 0),
        ("ParallelStateStarted", 2),
        ("PassStateEntered", 3),
        ("PassStateExited", 4),
        ("PassStateEntered", 3),
        ("PassStateExited", 6),
        ("ParallelStateSucceeded", 7),
        ("ParallelStateExited", 8),
        ("ExecutionSucceeded", 9),
    ]


def test_a_branch_that_fails_ends_the_others(play: Play) -> None:
    states = {"P": {"Type": "Parallel", "Branches": [task("A"), task("B")], "End": True}}
    played = play(states, {}, [None, None])
    assert played.resume(1, Failed("E", "c")) == (asl.Cancel(2),)
    assert played.error == ("E", "c")
    assert played.types[-4:] == ["TaskFailed", "TaskStateAborted", "ParallelStateFailed", "ExecutionFailed"]
    assert played.resume(2, Succeeded("late")) == ()


def test_an_error_of_a_branch_is_caught_by_the_state(play: Play) -> None:
    catch = [{"ErrorEquals": ["E"], "Next": "C"}]
    states = {
        "P": {"Type": "Parallel", "Branches": [branch("A", Output="{% $x %}"), task("B")], "Catch": catch, "End": True},
        "C": {"Type": "Pass", "End": True},
    }
    failing = {**states, "P": {**states["P"], "Branches": [task("A")]}}
    assert play(failing, {}, [Failed("E", "c")]).output == {"Error": "E", "Cause": "c"}
    assert play(states, {}, [None]).error[0] == "States.QueryEvaluationError"
