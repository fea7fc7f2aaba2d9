"""What counts as the same history, and what does not: the yardstick of benchmarks/endpoint/crash.py."""

from typing import Any

from benchmarks.endpoint.story import LOST, told

Event = dict[str, Any]


def event(id: int, previous: int, type: str, **details: Any) -> Event:
    name = type[0].lower() + type[1:] + "EventDetails"
    return {"id": id, "previousEventId": previous, "type": type, "timestamp": id / 7, name: details}


def attempt(id: int, previous: int, end: Event) -> list[Event]:
    """Scheduled and started as `id` and `id + 1`, then the end."""
    return [
        event(id, previous, "TaskScheduled", resource="invoke"),
        event(id + 1, id, "TaskStarted", resource="invoke"),
        end,
    ]


def succeeded(id: int, output: str = "{}") -> Event:
    return event(id, id - 1, "TaskSucceeded", output=output)


def failed(id: int, error: str) -> Event:
    return event(id, id - 1, "TaskFailed", error=error)


STARTED = event(1, 0, "ExecutionStarted", input='{"run_id":"one"}')
WHOLE = [STARTED, *attempt(2, 1, succeeded(4)), event(5, 4, "ExecutionSucceeded", output="{}")]


def test_names_ids_and_times_make_no_difference() -> None:
    of_another = [{**each, "timestamp": 99} for each in WHOLE]
    of_another[0] = event(1, 0, "ExecutionStarted", input='{"run_id":"two"}')
    assert told(WHOLE, "one") == told(of_another, "two")


def test_an_attempt_that_a_kill_cut_short_makes_no_difference() -> None:
    again = attempt(5, 4, succeeded(7))
    killed = [STARTED, *attempt(2, 1, failed(4, LOST)), *again, event(8, 7, "ExecutionSucceeded", output="{}")]
    assert told(killed, "one") == told(WHOLE, "one")


def test_a_repeated_task_does() -> None:
    again = attempt(5, 4, succeeded(7))
    repeated = [STARTED, *attempt(2, 1, succeeded(4)), *again, event(8, 7, "ExecutionSucceeded", output="{}")]
    assert told(repeated, "one") != told(WHOLE, "one")


def test_another_failure_or_result_does() -> None:
    for end in (failed(4, "States.Timeout"), succeeded(4, '{"other":1}')):
        assert told([STARTED, *attempt(2, 1, end)], "one") != told(WHOLE[:4], "one")


def test_branches_may_take_turns_in_any_order() -> None:
    def branches(left: int, right: int) -> list[Event]:
        two = [event(left, 1, "PassStateEntered", name="L"), event(right, 1, "PassStateEntered", name="R")]
        return [STARTED, *sorted(two, key=lambda each: each["id"])]

    assert told(branches(2, 3), "one") == told(branches(3, 2), "one")
