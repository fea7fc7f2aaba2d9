"""Map: the processor once an item, some at a time, inline or (distributed.py) as child executions."""

from __future__ import annotations

from functools import partial

from ..document import Map
from ..errors import EXCEED_TOLERATED_FAILURE_THRESHOLD, StateError
from ..template import literal
from ..values import Json
from ..visit import Frame, MapRun, Place, Transition, Visit
from ..wants import Abandoned, Record, Steps
from .branches import RunBranch, run_open
from .distributed import run_children
from .numbers import whole
from .typed import unexpected

MAX_ITEMS = 100_000_000
INLINE_AT_ONCE = 40
"""How many iterations an inline Map runs at a time, whatever MaxConcurrency says (Developer Guide, "Inline mode")."""
_NOT_SELECTED = object()
"""The input of an iteration that has not begun."""
_SOURCE = "STATE_DATA"
"""Where items come from that no ItemReader has read (Developer Guide, "Context object data for Map states")."""
_INPUT = literal("$states.input", "Items")
"""What a Map without Items works on."""


def map_(visit: Visit, state: Map, run_branch: RunBranch) -> Steps[Transition]:
    """The result is the array of outputs in the order of the items; tolerated failures are left out."""
    distributed = state.item_processor.processor_config.mode == "DISTRIBUTED"
    try:
        result = yield from (_distribute(visit, state) if distributed else _iterate(visit, state, run_branch))
    except StateError:
        yield Record("MapStateFailed")
        raise
    yield Record("MapStateSucceeded")
    output = result if state.output is not None else visit.checked(result, "Output")
    return (yield from visit.leave(state.next, output, state.output, state.assign, result=result))


def _iterate(visit: Visit, state: Map, run_branch: RunBranch) -> Steps[list[Json]]:
    inner = visit.inner if isinstance(visit.inner, list) else None
    places = inner if inner is not None else (yield from visit.evaluated(lambda: _places(visit, state)))
    at_once, tolerated = yield from visit.evaluated(lambda: _bounds(visit, state, len(places)))
    if inner is None:
        yield Record("MapStateStarted", {"length": len(places)})
        visit.inner = places
    at_once = min(at_once or INLINE_AT_ONCE, INLINE_AT_ONCE)
    try:
        return (yield from run_open(places, partial(_iteration, visit, state, run_branch), at_once, tolerated))
    except StateError as error:
        if tolerated:
            raise exceeded() from error
        raise


def _distribute(visit: Visit, state: Map) -> Steps[list[Json]]:
    inner = visit.inner if isinstance(visit.inner, MapRun) else None
    run = inner or MapRun("", (yield from visit.evaluated(lambda: _inputs(visit, state))))
    at_once, tolerated = yield from visit.evaluated(lambda: _bounds(visit, state, len(run.items)))
    if inner is None:
        yield Record("MapStateStarted", {"length": len(run.items)})
        visit.inner = run
    return (yield from run_children(visit, state, run, at_once, tolerated))


def _places(visit: Visit, state: Map) -> list[Place]:
    start = state.item_processor.start_at
    return [Place(visit.frame.inner(item), start, _NOT_SELECTED) for item in _items(visit, state)]


def _inputs(visit: Visit, state: Map) -> list[Json]:
    """The inputs of all children."""
    return [_input(visit, state, visit.frame.inner(item)) for item in _items(visit, state)]


def _bounds(visit: Visit, state: Map, length: int) -> tuple[int, int]:
    """How many at once (0: all), and how many may fail."""
    return whole(visit, state.max_concurrency, 0, MAX_ITEMS) or 0, tolerated_failures(visit, state, length)


def _items(visit: Visit, state: Map) -> list[dict[str, Json]]:
    """The items, each as the context object shows it: where it came from, its value, and its key in an object."""
    value = visit.input
    if state.items is not None:
        value = visit.render(state.items)
        visit.measure(value, "Items")
    match value:
        case list():
            return [{"Index": index, "Value": each, "Source": _SOURCE} for index, each in enumerate(value)]
        case dict():
            items = enumerate(value.items())
            return [{"Index": index, "Key": key, "Value": each, "Source": _SOURCE} for index, (key, each) in items]
        case _:
            raise unexpected(state.items or _INPUT, value, "'array' or 'object'")


def tolerated_failures(visit: Visit, state: Map, length: int) -> int:
    """How many iterations may fail: the smaller of the two bounds, none without a bound."""
    count = whole(visit, state.tolerated_failure_count, 0, MAX_ITEMS)
    percentage = whole(visit, state.tolerated_failure_percentage, 0, 100)
    bounds = [count, None if percentage is None else percentage * length // 100]
    return min((bound for bound in bounds if bound is not None), default=0)


def exceeded() -> StateError:
    """More iterations failed than may."""
    return StateError(EXCEED_TOLERATED_FAILURE_THRESHOLD, "The specified tolerated failure threshold was exceeded")


def _iteration(visit: Visit, state: Map, run_branch: RunBranch, index: int, place: Place) -> Steps[Json]:
    facts = {"name": visit.name, "index": index}
    yield Record("MapIterationStarted", facts)
    try:
        if place.input is _NOT_SELECTED:
            place.input = yield from visit.evaluated(lambda: _input(visit, state, place.frame))
        output = yield from run_branch(state.item_processor, place)
    except StateError:
        yield Record("MapIterationFailed", facts)
        raise
    except Abandoned:
        yield Record("MapIterationAborted", facts)
        raise
    yield Record("MapIterationSucceeded", facts, advance=False)
    return output


def _input(visit: Visit, state: Map, frame: Frame) -> Json:
    """What an iteration starts with: its item's value, or what ItemSelector makes of it."""
    if state.item_selector is None:
        return frame.item["Value"]
    inside = Visit(frame, visit.name, state, visit.input, visit.entered_ms, visit.entered_id, visit.retries)
    return inside.checked(inside.render(state.item_selector), "ItemSelector")
