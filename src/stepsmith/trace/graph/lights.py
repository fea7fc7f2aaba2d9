"""What a run did to the states and ways of its graph, counted from its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .graph import Graph
from .visits import Event, Taken, Visit, Visits


@dataclass(frozen=True, slots=True)
class Light:
    """One state in a run: how its visits ended, and their seconds together (one under way: up to the last event).

    A visit is running, succeeded, caught (it failed, and a Catch went on), failed, or stopped from outside.
    """

    visits: int = 0
    seconds: float = 0.0
    retries: int = 0
    running: int = 0
    failed: int = 0
    caught: int = 0
    stopped: int = 0
    errors: tuple[tuple[str, int], ...] = ()

    @property
    def status(self) -> str:
        """What matters most now: ``running``, ``failed``, ``caught``, ``stopped``, ``succeeded`` or ``untouched``."""
        told = ("running", self.running), ("failed", self.failed), ("caught", self.caught), ("stopped", self.stopped)
        return next((word for word, count in told if count), "succeeded" if self.visits else "untouched")


UNTOUCHED = Light()


@dataclass(frozen=True, slots=True)
class Lights:
    """A run, as far as it went. `status` is ``running``, ``succeeded``, ``failed``, ``timed out`` or ``aborted``.

    Whoever knows that nobody works on a running one may say so there.
    """

    status: str
    seconds: float
    states: Mapping[str, Light]
    ways: Mapping[Taken, int]

    def of(self, state: str) -> Light:
        return self.states.get(state, UNTOUCHED)


def lights(graph: Graph, events: Iterable[Event]) -> Lights:
    """`events` are GetExecutionHistory's, in their order."""
    visits = Visits({state.name: home for state, home in graph.walk()})
    for event in events:
        visits.read(event)
    by_name: dict[str, list[Visit]] = {}
    for visit in visits.all:
        by_name.setdefault(visit.name, []).append(visit)
    missing = "running" if visits.status == "running" else "stopped"
    states = {name: _light(several, missing, visits.now) for name, several in by_name.items()}
    return Lights(visits.status, visits.now - (visits.began or visits.now), states, dict(visits.ways))


def _light(visits: list[Visit], missing: str, now: float) -> Light:
    """`missing` is what a visit is that no event ended."""
    ends = Counter(visit.end or missing for visit in visits)
    return Light(
        visits=len(visits),
        seconds=sum(_until(visit, now) - visit.entered for visit in visits),
        retries=sum(visit.retries for visit in visits),
        running=ends["running"],
        failed=ends["failed"],
        caught=ends["caught"],
        stopped=ends["stopped"],
        errors=tuple(sorted(Counter(error for visit in visits for error in visit.errors).items())),
    )


def _until(visit: Visit, now: float) -> float:
    return next((time for time in (visit.left, visit.over) if time is not None), now)
