"""Claims on what a history lights. Events have the shape of GetExecutionHistory (AWS Step Functions API reference)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .graph import graph
from .lights import Light, Lights, lights

PASS: dict[str, Any] = {"Type": "Pass", "End": True}
TASK: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke",
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
    "Next": "Done",
}
LINE = {"StartAt": "Work", "States": {"Work": TASK, "Done": {"Type": "Succeed"}, "Caught": {"Type": "Succeed"}}}


def branch(name: str, **fields: Any) -> dict[str, Any]:
    return {"StartAt": name, "States": {name: {**TASK, "Catch": [], "End": True, **fields}}}


class History:
    """Writes events a second apart; each follows the one before, or the one named by `after`."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def add(self, type: str, name: str = "", after: int | None = None, **details: Any) -> History:
        said = {"name": name, **details} if name else details
        event = {"id": len(self.events) + 1, "previousEventId": len(self.events) if after is None else after}
        kind = "stateEntered" if type.endswith("Entered") else "stateExited" if type.endswith("Exited") else type
        self.events.append({**event, "type": type, "timestamp": 1000.0 + len(self.events), f"{kind}EventDetails": said})
        return self

    def entered(self, name: str, type: str = "Task", after: int | None = None) -> History:
        return self.add(f"{type}StateEntered", name, after)

    def exited(self, name: str, type: str = "Task", after: int | None = None) -> History:
        return self.add(f"{type}StateExited", name, after)

    def failing(self, error: str = "Boom", after: int | None = None) -> History:
        return self.add("TaskScheduled", after=after).add("TaskStarted").add("TaskFailed", error=error)

    def working(self, after: int | None = None) -> History:
        return self.add("TaskScheduled", after=after).add("TaskStarted").add("TaskSucceeded")

    @property
    def last(self) -> int:
        return len(self.events)

    def of(self, definition: dict[str, Any]) -> Lights:
        return lights(graph(definition), self.events)


def started() -> History:
    return History().add("ExecutionStarted")


def test_a_state_that_succeeded_and_the_way_from_it_are_lit() -> None:
    lit = started().entered("Work").working().exited("Work").entered("Done", "Succeed").exited("Done", "Succeed")
    found = lit.add("ExecutionSucceeded").of(LINE)
    assert (found.status, found.seconds) == ("succeeded", 8.0)
    assert found.of("Work") == Light(visits=1, seconds=4.0)
    assert found.of("Work").status == found.of("Done").status == "succeeded"
    assert found.of("Caught").status == "untouched"
    assert found.ways == {("Work", "Done", False): 1}


def test_a_catch_is_told_from_an_ordinary_way() -> None:
    found = started().entered("Work").failing().exited("Work").entered("Caught", "Succeed").of(LINE)
    assert found.of("Work").status == "caught"
    assert found.of("Work").errors == (("Boom", 1),)
    assert found.ways == {("Work", "Caught", True): 1}


def test_where_both_lead_to_the_same_state_the_failure_decides() -> None:
    both = {**LINE, "States": {**LINE["States"], "Work": {**TASK, "Next": "Caught"}}}  # type: ignore[dict-item]
    failed = started().entered("Work").failing().exited("Work").entered("Caught", "Succeed")
    worked = started().entered("Work").working().exited("Work").entered("Caught", "Succeed")
    assert failed.of(both).ways == {("Work", "Caught", True): 1}
    assert worked.of(both).ways == {("Work", "Caught", False): 1}


def test_a_state_that_failed_without_an_event_of_its_own_was_caught_where_its_catch_leads() -> None:
    assert started().entered("Work").exited("Work").entered("Caught", "Succeed").of(LINE).of("Work").caught == 1


def test_attempts_after_a_failure_are_retries() -> None:
    found = started().entered("Work").failing().failing("Other").working().exited("Work").of(LINE)
    assert found.of("Work") == Light(visits=1, seconds=10.0, retries=2, errors=(("Boom", 1), ("Other", 1)))


def test_what_no_event_has_ended_is_running() -> None:
    found = started().entered("Work").add("TaskScheduled").of(LINE)
    assert (found.status, found.of("Work").status, found.of("Work").seconds) == ("running", "running", 1.0)


@pytest.mark.parametrize(
    ("end", "status", "became"),
    [
        ("ExecutionFailed", "failed", "failed"),
        ("ExecutionAborted", "aborted", "stopped"),
        ("ExecutionTimedOut", "timed out", "stopped"),
    ],
)
def test_what_an_executions_end_broke_off_is_no_longer_running(end: str, status: str, became: str) -> None:
    found = started().entered("Work").failing().add(end).of(LINE)
    assert (found.status, found.of("Work").status) == (status, became)


def test_a_fail_state_has_failed() -> None:
    definition = {"StartAt": "No", "States": {"No": {"Type": "Fail"}}}
    assert started().entered("No", "Fail").add("ExecutionFailed").of(definition).of("No").failed == 1


def test_a_loop_is_counted() -> None:
    states = {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Choice", "Choices": [], "Default": "A"}}
    history = started()
    for _ in range(3):
        history.entered("A", "Pass").exited("A", "Pass").entered("B", "Choice").exited("B", "Choice")
    found = history.entered("A", "Pass").of({"StartAt": "A", "States": states})
    assert (found.of("A").visits, found.of("B").visits) == (4, 3)
    assert found.ways == {("A", "B", False): 3, ("B", "A", False): 3}


MAP = {
    "StartAt": "Each",
    "States": {"Each": {"Type": "Map", "ItemProcessor": branch("Item"), "End": True}},
}


def mapped(*iterations: Callable[[History], object]) -> History:
    """All iterations start at once; then each writes its own events, one after the other."""
    history = started().entered("Each", "Map").add("MapStateStarted")
    starts = []
    for index in range(len(iterations)):
        history.add("MapIterationStarted", "Each", after=3, index=index).entered("Item")
        starts.append(history.last)
    for start, iteration in zip(starts, iterations, strict=True):
        history.add("TaskScheduled", after=start)
        iteration(history)
    return history


def test_iterations_that_interleave_are_told_apart() -> None:
    def works(history: History) -> None:
        history.add("TaskSucceeded").exited("Item").add("MapIterationSucceeded", "Each")

    found = mapped(works, works, lambda history: None).of(MAP)
    assert (found.of("Item").visits, found.of("Item").running) == (3, 1)
    assert found.of("Each").running == 1


def test_an_iteration_that_fails_fails_its_state_and_the_map_and_stops_the_others() -> None:
    def fails(history: History) -> None:
        history.add("TaskFailed", error="Boom").add("MapIterationFailed", "Each")

    history = mapped(lambda history: None, fails)
    failed = history.last
    history.add("TaskStateAborted", after=8).add("MapIterationAborted", "Each").add("MapStateFailed", after=failed)
    found = history.add("ExecutionFailed").of(MAP)
    assert (found.of("Item").failed, found.of("Item").stopped) == (1, 1)
    assert found.of("Each").status == "failed"
    assert found.of("Item").errors == (("Boom", 1),)


PARALLEL = {
    "StartAt": "Both",
    "States": {
        "Both": {
            "Type": "Parallel",
            "Branches": [
                branch("Left"),
                {"StartAt": "In", "States": {"In": {"Type": "Parallel", "Branches": [branch("Deep")], "End": True}}},
            ],
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "After"}],
            "Next": "After",
        },
        "After": PASS,
    },
}


def test_a_failure_deep_inside_goes_out_to_the_catch() -> None:
    history = started().entered("Both", "Parallel").add("ParallelStateStarted").entered("Left")
    history.entered("In", "Parallel", after=3).add("ParallelStateStarted").entered("Deep").failing()
    failed = history.add("ParallelStateFailed").last
    history.add("TaskStateAborted", after=4).add("ParallelStateFailed", after=failed).exited("Both", "Parallel")
    found = history.entered("After", "Pass").of(PARALLEL)
    became = {name: found.of(name).status for name in ("Both", "Left", "In", "Deep")}
    assert became == {"Both": "caught", "Left": "stopped", "In": "failed", "Deep": "failed"}
    assert found.ways == {("Both", "After", True): 1}


def test_a_parallel_that_is_retried_runs_its_branches_again() -> None:
    definition = {"StartAt": "P", "States": {"P": {"Type": "Parallel", "Branches": [branch("Left")], "End": True}}}
    history = started().entered("P", "Parallel").add("ParallelStateStarted").entered("Left").failing()
    history.add("ParallelStateFailed").add("ParallelStateStarted").entered("Left").working().exited("Left")
    found = history.add("ParallelStateSucceeded").exited("P", "Parallel").of(definition)
    assert (found.of("P").status, found.of("P").retries) == ("succeeded", 1)
    assert (found.of("Left").visits, found.of("Left").failed) == (2, 1)


def test_a_redrive_goes_on_in_the_state_that_failed() -> None:
    history = started().entered("Work").failing().add("ExecutionFailed").add("ExecutionRedriven")
    assert history.of(LINE).of("Work").status == "running"
    found = history.working().exited("Work").entered("Done", "Succeed").of(LINE)
    assert (found.of("Work").visits, found.of("Work").status) == (1, "succeeded")
    assert found.ways == {("Work", "Done", False): 1}


def test_a_redrive_enters_a_fail_state_again() -> None:
    definition = {"StartAt": "No", "States": {"No": {"Type": "Fail"}}}
    history = started().entered("No", "Fail").add("ExecutionFailed").add("ExecutionRedriven").entered("No", "Fail")
    found = history.add("ExecutionFailed").of(definition)
    assert found.of("No") == Light(visits=2, failed=2, seconds=1.0 + 1.0)
    assert found.ways == {}


def test_no_events_light_nothing() -> None:
    assert lights(graph(LINE), []) == Lights("running", 0.0, {}, {})
