"""The scheduler: determinism, late answers, ends from outside, and the bounds of one execution."""

from dataclasses import replace
from typing import Any

import pytest

from stepsmith import asl
from stepsmith.asl import outcome, status

from .conftest import START_MS, Play, context, machine_of

INVOKE = "arn:aws:states:::glue:startJobRun"
TASK: dict[str, Any] = {"A": {"Type": "Task", "Resource": INVOKE, "End": True}}
LOOP: dict[str, Any] = {
    "A": {"Type": "Pass", "Assign": {"n": "{% $exists($n) ? $n + 1 : 1 %}"}, "Next": "B"},
    "B": {"Type": "Choice", "Choices": [{"Condition": "{% $n < $states.input.times %}", "Next": "A"}], "Default": "C"},
    "C": {"Type": "Succeed", "Output": "{% $n %}"},
}
RANDOM: dict[str, Any] = {
    "M": {
        "Type": "Map",
        "Items": "{% [1..3] %}",
        "ItemProcessor": {
            "StartAt": "T",
            "States": {
                "T": {
                    "Type": "Task",
                    "Resource": INVOKE,
                    "Arguments": "{% [$uuid(), $random(), $now(), $shuffle([1..9])] %}",
                    "Retry": [{"ErrorEquals": ["E"], "JitterStrategy": "FULL"}],
                    "End": True,
                }
            },
        },
        "End": True,
    }
}


def events(run: asl.Execution) -> list[Any]:
    return [event.to_json() for event in run.events]


def test_the_same_journal_gives_the_same_effects_and_events(play: Play) -> None:
    first = play(RANDOM, {}, [outcome.Failed("E"), *[outcome.Succeeded(i) for i in range(9)]], seed=3)
    again = asl.Execution(machine_of(RANDOM), {}, context(), seed=3)
    effects = list(again.start(START_MS))
    for effect_id, reply, now_ms in first.journal:
        effects.extend(again.resume(effect_id, reply, now_ms))
    assert events(again) == events(first.run)
    assert [each for each in effects if isinstance(each, asl.Invoke)] == first.invokes
    assert again.status == first.run.status


def test_another_seed_gives_other_random_values(play: Play) -> None:
    one, two = (play(RANDOM, {}, [None] * 3, seed=seed).invokes[0].arguments for seed in (1, 2))
    assert one[0] != two[0] and one[1] != two[1] and one[2] == two[2]


def test_time_is_what_the_caller_says(play: Play) -> None:
    played = play({"A": {"Type": "Pass", "Output": "{% [$now(), $millis()] %}", "End": True}})
    assert played.output == ["2026-01-01T00:00:00.000Z", START_MS]
    assert all(event.timestamp_ms == START_MS for event in played.run.events)


def test_an_execution_waits_until_it_is_resumed() -> None:
    run = asl.Execution(machine_of(TASK), {"x": 1}, context(), seed=1)
    (effect,) = run.start(START_MS)
    assert isinstance(run.status, status.Running)
    assert run.resume(effect.id, outcome.Succeeded("done"), START_MS + 5) == ()
    ended: asl.Status = run.status
    assert ended == status.Succeeded("done")
    assert run.events[-1].timestamp_ms == START_MS + 5


def test_answers_that_nobody_waits_for_are_ignored(play: Play) -> None:
    played = play(TASK, {}, [outcome.Succeeded(1)])
    before = len(played.run.events)
    assert played.run.resume(1, outcome.Succeeded(2), played.now_ms) == ()
    assert played.run.resume(99, outcome.Succeeded(2), played.now_ms) == ()
    assert len(played.run.events) == before


def test_an_execution_starts_once(play: Play) -> None:
    with pytest.raises(RuntimeError, match="started already"):
        play(TASK, {}, [None]).run.start(START_MS)


def test_an_abort_cancels_what_is_outstanding(play: Play) -> None:
    played = play(RANDOM, {}, [None, None, None])
    assert played.run.abort("Stopped", "by hand", START_MS + 1) == (asl.Cancel(1), asl.Cancel(2), asl.Cancel(3))
    assert played.run.status == status.Aborted("Stopped", "by hand")
    assert played.types[-2:] == ["TaskStarted", "ExecutionAborted"]
    assert played.run.events[-1].previous_event_id == 0
    assert played.run.events[-1].details == {"executionAbortedEventDetails": {"error": "Stopped", "cause": "by hand"}}
    assert played.run.abort(None, None, START_MS + 2) == ()


def test_a_machine_that_outlives_its_timeout_has_timed_out(play: Play) -> None:
    definition = {"QueryLanguage": "JSONata", "TimeoutSeconds": 60, "StartAt": "A", "States": TASK}
    played = play(definition, {}, [None])
    assert played.run.deadline_ms == START_MS + 60_000
    assert played.run.expire(START_MS + 60_000) == (asl.Cancel(1),)
    assert played.run.status == status.TimedOut()
    assert played.types[-2:] == ["TaskStarted", "ExecutionTimedOut"]
    assert played.run.events[-1].previous_event_id == len(played.run.events) - 1


def test_a_machine_without_a_timeout_has_no_deadline(play: Play) -> None:
    assert play(TASK, {}, [None]).run.deadline_ms is None


def test_a_loop_counts_in_a_variable(play: Play) -> None:
    assert play(LOOP, {"times": 50}).output == 50


def test_an_execution_ends_at_25000_events(play: Play) -> None:
    played = play(LOOP, {"times": 10_000})
    assert len(played.run.events) == 25_000
    cause = "The execution reached the maximum number of history events (25000)."
    assert played.error == ("States.Runtime", cause)
    assert played.types[-1] == "ExecutionFailed"


def test_a_full_history_cancels_what_is_outstanding(play: Play) -> None:
    loop = {"StartAt": "A", "States": LOOP}
    waiting = {"StartAt": "T", "States": {"T": TASK["A"]}}
    played = play({"P": {"Type": "Parallel", "Branches": [waiting, loop], "End": True}}, {"times": 10_000}, [None])
    assert 1 in played.cancelled
    assert len(played.run.events) == 25_000


def test_an_input_over_256_kib_fails_before_the_first_state(play: Play) -> None:
    played = play(TASK, "x" * 262_143)
    assert played.error[0] == "States.DataLimitExceeded"
    assert played.types == ["ExecutionStarted", "ExecutionFailed"]


def test_an_output_over_256_kib_fails_the_execution(play: Play) -> None:
    played = play({"A": {"Type": "Pass", "Output": "{% $pad('', 262143) %}", "End": True}})
    assert played.error[0] == "States.DataLimitExceeded"


def test_variables_assigned_at_once_share_256_kib(play: Play) -> None:
    half = "{% $pad('', 130000) %}"
    assert play({"A": {"Type": "Pass", "Assign": {"a": half, "b": half}, "End": True}}).output == {}
    too_much = {"A": {"Type": "Pass", "Assign": {"a": half, "b": half, "c": half}, "End": True}}
    assert play(too_much).error[0] == "States.DataLimitExceeded"


def test_all_variables_share_10_mib(play: Play) -> None:
    names = [f"v{i}" for i in range(50)]
    states: dict[str, Any] = {
        name: {"Type": "Pass", "Assign": {name: "{% $pad('', 250000) %}"}, "Next": f"v{i + 1}"}
        for i, name in enumerate(names)
    }
    states["v50"] = {"Type": "Succeed"}
    played = play(states)
    assert played.error[0] == "States.DataLimitExceeded"
    assert played.types.count("PassStateExited") == 41


def test_the_first_state_has_no_previous_event(play: Play) -> None:
    run = play({"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}).run
    assert [(event.id, event.previous_event_id) for event in run.events] == [
        (1, 0),
        (2, 0),
        (3, 2),
        (4, 3),
        (5, 4),
        (6, 5),
    ]


def test_an_execution_says_by_which_alias_and_version_it_was_started() -> None:
    alias, version = f"{context().state_machine_arn}:live", f"{context().state_machine_arn}:3"
    started = replace(context(), alias_arn=alias, version_arn=version)
    run = asl.Execution(machine_of(TASK), {}, started, seed=1)
    run.start(START_MS)
    details = run.events[0].details["executionStartedEventDetails"]
    assert (details["stateMachineAliasArn"], details["stateMachineVersionArn"]) == (alias, version)


@pytest.mark.parametrize("number", ["1/0", "-1/0", "{'a': [null, 1/0]}", "[$sqrt(4), 1/0]"])
def test_a_number_that_json_cannot_carry_is_no_value(play: Play, number: str) -> None:
    for field in ({"Output": f"{{% {number} %}}"}, {"Assign": {"x": f"{{% {number} %}}"}}):
        played = play({"A": {"Type": "Pass", **field, "End": True}})
        assert played.error[0] == "States.QueryEvaluationError"


def test_an_event_is_written_as_the_api_answers_it(play: Play) -> None:
    assert play({"A": {"Type": "Succeed"}}, {"ü": 1}).run.events[0].to_json() == {
        "timestamp": START_MS / 1000,
        "type": "ExecutionStarted",
        "id": 1,
        "previousEventId": 0,
        "executionStartedEventDetails": {
            "input": '{"ü":1}',
            "inputDetails": {"truncated": False},
            "roleArn": "arn:aws:iam::000000000000:role/machine",
        },
    }
