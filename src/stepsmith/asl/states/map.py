"""Map: the processor once an item, some at a time, inline or (distributed.py) as child executions."""

from __future__ import annotations

from functools import partial

from ..document import Map
from ..errors import EXCEED_TOLERATED_FAILURE_THRESHOLD, StateError
from ..maprun import Tolerance
from ..values import Json
from ..visit import Place, Transition, Visit
from ..wants import Abandoned, Record, Steps
from .branches import RunBranch, run_open
from .distributed import distribute
from .items import own_items, selected, shown
from .numbers import number, whole

MAX_COUNT = 100_000_000
INLINE_AT_ONCE = 40
"""How many iterations an inline Map runs at a time, whatever MaxConcurrency says (Developer Guide, "Inline mode")."""
_NOT_SELECTED = object()
"""The input of an iteration that has not begun."""


def map_(visit: Visit, state: Map, run_branch: RunBranch) -> Steps[Transition]:
    """The result is the array of outputs in the order of the items; tolerated failures are left out."""
    try:
        if state.is_distributed:
            result: Json = yield from distribute(visit, state, lambda: _bounds(visit, state))
        else:
            result = yield from _iterate(visit, state, run_branch)
    except StateError:
        yield Record("MapStateFailed")
        raise
    yield Record("MapStateSucceeded")
    output = result if state.output is not None else visit.checked(result, "Output")
    return (yield from visit.leave(state.next, output, state.output, state.assign, result=result))


def _iterate(visit: Visit, state: Map, run_branch: RunBranch) -> Steps[list[Json]]:
    inner = visit.inner if isinstance(visit.inner, list) else None
    places = inner if inner is not None else (yield from visit.evaluated(lambda: _places(visit, state)))
    at_once, tolerance = yield from visit.evaluated(lambda: _bounds(visit, state))
    if inner is None:
        yield Record("MapStateStarted", {"length": len(places)})
        visit.inner = places
    at_once, tolerated = min(at_once or INLINE_AT_ONCE, INLINE_AT_ONCE), tolerance.of(len(places))
    try:
        return (yield from run_open(places, partial(_iteration, visit, state, run_branch), at_once, tolerated))
    except StateError as error:
        if tolerated:
            raise exceeded() from error
        raise


def _places(visit: Visit, state: Map) -> list[Place]:
    start, items = state.item_processor.start_at, enumerate(own_items(visit, state))
    return [Place(visit.frame.inner(shown(index, item)), start, _NOT_SELECTED) for index, item in items]


def _bounds(visit: Visit, state: Map) -> tuple[int, Tolerance]:
    """How many at once (0: all), and how many may fail."""
    return whole(visit, state.max_concurrency, 0, MAX_COUNT) or 0, tolerance_of(visit, state)


def tolerance_of(visit: Visit, state: Map) -> Tolerance:
    """How many items may fail."""
    count = whole(visit, state.tolerated_failure_count, 0, MAX_COUNT)
    return Tolerance(count, number(visit, state.tolerated_failure_percentage, 0, 100))


def exceeded() -> StateError:
    """More iterations failed than may."""
    return StateError(EXCEED_TOLERATED_FAILURE_THRESHOLD, "The specified tolerated failure threshold was exceeded")


def _iteration(visit: Visit, state: Map, run_branch: RunBranch, index: int, place: Place) -> Steps[Json]:
    facts = {"name": visit.name, "index": index}
    yield Record("MapIterationStarted", facts)
    try:
        if place.input is _NOT_SELECTED:
            place.input = yield from visit.evaluated(lambda: selected(visit, state, place.frame))
        output = yield from run_branch(state.item_processor, place)
    except StateError:
        yield Record("MapIterationFailed", facts)
        raise
    except Abandoned:
        yield Record("MapIterationAborted", facts)
        raise
    yield Record("MapIterationSucceeded", facts, advance=False)
    return output
