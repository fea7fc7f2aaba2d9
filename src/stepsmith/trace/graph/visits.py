"""From a history to visits: which state was entered when, inside which Map or Parallel, and what became of it.

Every event names the one before it in the same thread (`previousEventId`), so it belongs to the visit in which its
predecessor stood, or to one around that; branches that interleave are told apart so. A way was taken where a state is
entered right after another of the same graph was left: by its Catch, where a failure was the last thing before.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .graph import Graph

Event = Mapping[str, Any]
Taken = tuple[str, str, bool]
"""Source, target, and whether a Catch led there."""


@dataclass(slots=True, eq=False)
class Visit:
    """A state entered once; times are seconds since 1970. `end` is "" as long as no event says what became of it.

    `left` is when it was exited, `over` when it ended otherwise.
    """

    name: str
    type: str
    home: Graph
    around: Visit | None
    entered: float
    left: float | None = None
    over: float | None = None
    end: str = ""
    retries: int = 0
    errors: list[str] = field(default_factory=list)
    has_failed: bool = False
    """The last attempt failed, and nothing has answered that yet."""
    is_joined: bool = False
    """Of a Map or Parallel: its branches have come together."""

    def outwards(self) -> Iterator[Visit]:
        visit: Visit | None = self
        while visit is not None:
            yield visit
            visit = visit.around


@dataclass(slots=True)
class Visits:
    """Reads events (GetExecutionHistory's JSON) one by one, in their order."""

    homes: Mapping[str, Graph]
    all: list[Visit] = field(default_factory=list)
    ways: Counter[Taken] = field(default_factory=Counter)
    status: str = "running"
    began: float | None = None
    now: float = 0.0
    ended: float = 0.0
    _stood: dict[int, Visit] = field(default_factory=dict)  # Where a thread stands after an event, by the event's id.
    _redriven: int = (
        0  # The last ExecutionRedriven: threads begin there again, in the order in which they were entered.
    )
    _broken_off: deque[Visit] = field(default_factory=deque)

    def read(self, event: Event) -> None:
        self.now = float(event["timestamp"])
        self.began = self.now if self.began is None else self.began
        previous = event.get("previousEventId", 0)
        goes_on = previous == self._redriven and self._broken_off
        before = self._broken_off.popleft() if goes_on else self._stood.get(previous)
        stands = self._step(event["type"], _details(event), before)
        if stands is not None:
            self._stood[event["id"]] = stands
        if event["type"] == "ExecutionRedriven":
            self._begin_again(event["id"])

    def _step(self, type: str, details: Event, before: Visit | None) -> Visit | None:
        if type.endswith("StateEntered"):
            return self._enter(type.removesuffix("StateEntered"), details["name"], before)
        if type.endswith("StateExited"):
            return self._leave(details["name"], before)
        if type.startswith("Execution"):
            return self._of_the_run(type, before)
        about = _about(type, details, before)
        if about is not None and before is not None:
            for suffix, happened in _HAPPENINGS:
                if type.endswith(suffix):
                    happened(about, before, details, self.now)
                    break
        return about

    def _enter(self, type: str, name: str, before: Visit | None) -> Visit:
        home, around = self.homes[name], before
        if before is not None and before.home is home:  # Not the state around this one: the one before.
            around = before.around
            self._take(before, name)
        self.all.append(Visit(name, type, home, around, self.now))
        return self.all[-1]

    def _take(self, before: Visit, target: str) -> None:
        """The definition says what led here; where both a Catch and an ordinary way do, the last failure decides."""
        if before.left is None:  # A redrive enters a state of its own again.
            before.end, before.over = "failed", self.ended
            return
        kinds = {way.is_caught for way in before.home.ways if (way.source, way.target) == (before.name, target)}
        is_caught = kinds.pop() if len(kinds) == 1 else before.end == "caught"
        before.end = "caught" if is_caught else "succeeded"
        self.ways[before.name, target, is_caught] += 1

    def _leave(self, name: str, before: Visit | None) -> Visit | None:
        visit = next((each for each in before.outwards() if each.name == name), None) if before else None
        if visit is not None:
            visit.left, visit.end = self.now, "caught" if visit.has_failed else "succeeded"
        return visit

    def _of_the_run(self, type: str, before: Visit | None) -> Visit | None:
        self.status = ENDS.get(type, "running")
        self.ended = self.now if type in ENDS else self.ended
        if type == "ExecutionFailed" and before is not None:
            _give_up(before, None, self.now)
        return before

    def _begin_again(self, event_id: int) -> None:
        unfinished = [visit for visit in self.all if visit.left is None]
        for visit in unfinished:
            visit.end, visit.over, visit.has_failed, visit.is_joined = "", None, False, False
        around = {id(visit.around) for visit in unfinished}
        self._redriven = event_id
        self._broken_off = deque(visit for visit in unfinished if id(visit) not in around)


ENDS = {
    "ExecutionSucceeded": "succeeded",
    "ExecutionFailed": "failed",
    "ExecutionTimedOut": "timed out",
    "ExecutionAborted": "aborted",
}


def _about(type: str, details: Event, before: Visit | None) -> Visit | None:
    """The visit that an event is about. Those of a Map or Parallel may follow one of a state inside it."""
    if before is None:
        return None
    if type.startswith("MapIteration"):
        return next((each for each in before.outwards() if each.name == details.get("name")), before)
    kind, is_of_a_state, happened = type.partition("State")
    if not is_of_a_state or happened == "Started":
        return before
    return next((each for each in before.outwards() if each.type == kind and not each.is_joined), before)


def _give_up(inner: Visit, outer: Visit | None, at: float) -> None:
    """What a failure leaves behind on its way out."""
    for visit in inner.outwards():
        if visit is outer:
            return
        if visit.left is None:
            visit.end, visit.over = "failed", at


def _failed(visit: Visit, before: Visit, details: Event, at: float) -> None:
    visit.has_failed = True
    if "error" in details:
        visit.errors.append(details["error"])
    _give_up(before, visit, at)


def _all_failed(visit: Visit, before: Visit, details: Event, at: float) -> None:
    _failed(visit, before, details, at)
    visit.is_joined = True


def _all_succeeded(visit: Visit, before: Visit, details: Event, at: float) -> None:
    visit.has_failed, visit.is_joined = False, True


def _succeeded(visit: Visit, before: Visit, details: Event, at: float) -> None:
    visit.has_failed = False


def _stopped(visit: Visit, before: Visit, details: Event, at: float) -> None:
    visit.end, visit.over = "stopped", at


def _attempted(visit: Visit, before: Visit, details: Event, at: float) -> None:
    """A state that failed and begins again was retried."""
    visit.retries += visit.has_failed
    visit.has_failed = visit.is_joined = False


def _went_on(visit: Visit, before: Visit, details: Event, at: float) -> None:
    """Says nothing about the state."""


_HAPPENINGS: tuple[tuple[str, Callable[[Visit, Visit, Event, float], None]], ...] = (
    ("IterationStarted", _went_on),
    ("IterationSucceeded", _went_on),
    ("IterationAborted", _went_on),
    ("StateStarted", _attempted),  # MapStateStarted, ParallelStateStarted
    ("Scheduled", _attempted),
    ("StateFailed", _all_failed),
    ("StateSucceeded", _all_succeeded),
    ("StateAborted", _stopped),
    ("Failed", _failed),  # TaskFailed, LambdaFunctionFailed, MapIterationFailed, EvaluationFailed ...
    ("TimedOut", _failed),
    ("Succeeded", _succeeded),
)
"""By the end of an event's type; the first that fits."""


def _details(event: Event) -> Event:
    return next((value for name, value in event.items() if name.endswith("EventDetails")), {})
