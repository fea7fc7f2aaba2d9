"""Retry and Catch: which errors match which names, how long to wait, what a Catcher hands on."""

from itertools import pairwise
from typing import Any

import pytest

from stepsmith import asl
from stepsmith.asl.errors import StateError
from stepsmith.asl.outcome import Failed, Succeeded, TimedOut
from stepsmith.asl.recovery import matches

from .conftest import START_MS, STEP_MS, Play

BOOM = Failed("Boom", "why")


def task(**fields: Any) -> dict[str, Any]:
    task = {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun", "End": True}
    states: dict[str, Any] = {"A": {**task, **fields}}
    if "Catch" in fields:
        states["C"] = {"Type": "Pass", "End": True}
    return states


@pytest.mark.parametrize(
    ("names", "error", "matched"),
    [
        (["Boom"], StateError("Boom"), True),
        (["Other"], StateError("Boom"), False),
        (["States.ALL"], StateError("Boom"), True),
        (["States.ALL"], StateError("States.Timeout"), True),
        (["States.ALL"], StateError("States.QueryEvaluationError"), True),
        (["States.TaskFailed"], StateError("Boom"), True),
        (["States.TaskFailed"], StateError("States.Timeout"), False),
        (["States.TaskFailed"], StateError("States.QueryEvaluationError"), False),
        (["States.ALL"], StateError("States.Runtime"), False),
        (["States.Runtime"], StateError("States.Runtime"), False),
        (["States.ALL"], StateError("States.DataLimitExceeded"), False),
        (["States.TaskFailed"], StateError("States.DataLimitExceeded"), False),
        (["States.DataLimitExceeded"], StateError("States.DataLimitExceeded"), True),
        (["States.HeartbeatTimeout"], StateError("States.Timeout"), False),
        (["States.HeartbeatTimeout"], StateError("States.Timeout", also="States.HeartbeatTimeout"), True),
        (["States.ALL"], StateError(None), True),
    ],
)
def test_names_match_errors_as_aws_says(names: list[str], error: StateError, matched: bool) -> None:
    assert matches(names, error) == matched


def test_a_retry_backs_off_up_to_its_cap_and_then_gives_up(play: Play) -> None:
    retry = {"ErrorEquals": ["Boom"], "IntervalSeconds": 2, "BackoffRate": 3, "MaxDelaySeconds": 10, "MaxAttempts": 3}
    played = play(task(Retry=[retry]), {}, [BOOM] * 4)
    assert played.error == ("Boom", "why")
    now, waits = START_MS, []
    for sleep in played.sleeps:
        waits.append((sleep.until_ms - now - STEP_MS) / 1000)
        now = sleep.until_ms + STEP_MS
    assert waits == [2, 6, 10]
    assert len(played.invokes) == 4


def test_a_retrier_has_three_attempts_one_second_and_doubling_by_default(play: Play) -> None:
    played = play(task(Retry=[{"ErrorEquals": ["States.ALL"]}]), {}, [BOOM] * 5)
    gaps = [later.until_ms - earlier.until_ms for earlier, later in pairwise(played.sleeps)]
    assert (len(played.invokes), gaps) == (4, [2000 + 2 * STEP_MS, 4000 + 2 * STEP_MS])


def test_full_jitter_comes_from_the_seed_and_stays_below_the_delay(play: Play) -> None:
    retry = {"ErrorEquals": ["Boom"], "IntervalSeconds": 100, "JitterStrategy": "FULL", "MaxAttempts": 1}
    waits = [play(task(Retry=[retry]), {}, [BOOM, BOOM], seed=seed).sleeps[0].until_ms for seed in (1, 1, 2)]
    assert waits[0] == waits[1] != waits[2]
    assert all(START_MS <= wait < START_MS + STEP_MS + 100_000 for wait in waits)


def test_each_retrier_counts_its_own_attempts(play: Play) -> None:
    retry = [{"ErrorEquals": ["Boom"], "MaxAttempts": 1}, {"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1}]
    played = play(task(Retry=retry), {}, [BOOM, TimedOut(), Succeeded("ok")])
    assert played.output == "ok"
    assert play(task(Retry=retry), {}, [BOOM, TimedOut(), BOOM]).error[0] == "Boom"


def test_no_attempts_mean_no_retry(play: Play) -> None:
    assert len(play(task(Retry=[{"ErrorEquals": ["Boom"], "MaxAttempts": 0}]), {}, [BOOM]).invokes) == 1


def test_an_attempt_knows_how_often_it_was_retried(play: Play) -> None:
    states = task(Retry=[{"ErrorEquals": ["Boom"]}], Arguments="{% $states.context.State.RetryCount %}")
    assert [each.arguments for each in play(states, {}, [BOOM, BOOM, Succeeded(1)]).invokes] == [0, 1, 2]


def test_a_retry_schedules_again_after_the_failure(play: Play) -> None:
    played = play(task(Retry=[{"ErrorEquals": ["Boom"]}]), {}, [BOOM, Succeeded(1)])
    chain = [(event.id, event.previous_event_id) for event in played.run.events[2:]]
    assert [type.removeprefix("Task") for type in played.types[2:7]] == [
        "Scheduled",
        "Started",
        "Failed",
        "Scheduled",
        "Started",
    ]
    assert chain == [(id, id - 1) for id in range(3, 11)]


def test_a_catcher_hands_on_the_error(play: Play) -> None:
    played = play(task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "C"}]), {"in": 1}, [BOOM])
    assert played.output == {"Error": "Boom", "Cause": "why"}
    assert played.types[4:6] == ["TaskFailed", "TaskStateExited"]


def test_an_error_without_a_cause_has_an_empty_one_in_the_output(play: Play) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]
    assert play(task(Catch=catch), {}, [TimedOut()]).output == {"Error": "States.Timeout", "Cause": ""}


def test_a_catcher_that_cannot_be_evaluated_says_which(play: Play) -> None:
    other = {"ErrorEquals": ["Other"], "Next": "C"}
    states = task(Catch=[other, {"ErrorEquals": ["Boom"], "Next": "C", "Output": {"x": "{% $nope %}"}}])
    played = play(states, {}, [BOOM])
    assert played.facts("EvaluationFailed")["location"] == "Catch[1]/Output/x"
    cause = "The JSONata expression '$nope' specified for the field 'Catch[1]/Output/x' returned nothing (undefined)."
    assert played.error[1] is not None and played.error[1].endswith(cause)


def test_a_catcher_has_an_output_and_assigns(play: Play) -> None:
    catch = {"ErrorEquals": ["Boom"], "Next": "C", "Output": "{% $states.input.k & $states.errorOutput.Error %}"}
    states = task(Catch=[{**catch, "Assign": {"cause": "{% $states.errorOutput.Cause %}"}}])
    states["C"]["Output"] = "{% [$states.input, $cause] %}"
    assert play(states, {"k": "got "}, [BOOM]).output == ["got Boom", "why"]


def test_the_first_catcher_that_matches_wins_after_the_retries(play: Play) -> None:
    catch = [
        {"ErrorEquals": ["Other"], "Next": "C", "Output": "other"},
        {"ErrorEquals": ["Boom"], "Next": "C", "Output": "boom"},
        {"ErrorEquals": ["States.ALL"], "Next": "C", "Output": "all"},
    ]
    played = play(task(Catch=catch, Retry=[{"ErrorEquals": ["Boom"], "MaxAttempts": 1}]), {}, [BOOM, BOOM])
    assert (played.output, len(played.invokes)) == ("boom", 2)


@pytest.mark.parametrize("field", ["Arguments", "Output"])
def test_an_expression_that_fails_is_caught_too(play: Play, field: str) -> None:
    catch = [{"ErrorEquals": ["States.QueryEvaluationError"], "Next": "C"}]
    played = play(task(Catch=catch, **{field: "{% $states.input.nope %}"}), {}, [Succeeded(1)])
    assert played.output["Error"] == "States.QueryEvaluationError"
    assert played.facts("EvaluationFailed")["location"] == field


def test_an_assignment_that_fails_assigns_nothing(play: Play) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]
    states = task(Catch=catch, Assign={"a": 1, "b": "{% $states.input.nope %}"})
    states["C"]["Output"] = "{% $exists($a) %}"
    assert play(states, {}, [Succeeded(1)]).output is False


def test_a_catcher_whose_output_fails_fails_the_execution(play: Play) -> None:
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "C", "Output": "{% $nope %}"}]
    assert play(task(Catch=catch), {}, [BOOM]).error[0] == "States.QueryEvaluationError"


def test_too_large_arguments_are_caught_by_name_only(play: Play) -> None:
    large = "{% $pad('', 300000) %}"
    by_name = [{"ErrorEquals": ["States.DataLimitExceeded"], "Next": "C"}]
    everything = [{"ErrorEquals": ["States.ALL"], "Next": "C"}]
    assert play(task(Arguments=large, Catch=by_name)).output["Error"] == "States.DataLimitExceeded"
    assert play(task(Arguments=large, Catch=everything)).error[0] == "States.DataLimitExceeded"


def test_a_retry_of_a_map_runs_every_iteration_again(play: Play) -> None:
    processor = {
        "StartAt": "I",
        "States": {"I": {"Type": "Task", "Resource": "arn:aws:states:::glue:startJobRun", "End": True}},
    }
    states = {"M": {"Type": "Map", "ItemProcessor": processor, "Retry": [{"ErrorEquals": ["Boom"]}], "End": True}}
    played = play(states, [1, 2], [Succeeded(1), BOOM, Succeeded(3), Succeeded(4)])
    assert played.output == [3, 4]


def test_effects_of_a_retry_have_new_ids(play: Play) -> None:
    played = play(task(Retry=[{"ErrorEquals": ["Boom"]}]), {}, [BOOM, Succeeded(1)])
    assert [each.id for each in played.invokes] == [1, 3]
    assert played.sleeps == [asl.Sleep(2, START_MS + STEP_MS + 1000)]
