"""Map, distributed: a Map Run, one child execution an item or a batch, as the parent sees it.

The children are executions of their own, with histories of their own: they read no variable of the parent (Developer
Guide, "Passing data between states with variables"), so their definition stands alone. Items that an ItemReader reads
are read by the Map Run: MapStateStarted tells no number of them, and what goes wrong with them fails the Map Run.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal

from ..distribution import LIST_OBJECTS, ItemReader, ReaderConfig, ResultWriter, WriterConfig
from ..document import Map
from ..effects import RunMap
from ..errors import RUNTIME, StateError, located_in, told
from ..maprun import Dataset, Given, Results, Tolerance
from ..outcome import Failed, Outcome, Succeeded
from ..values import Json
from ..visit import MapRun, Visit
from ..wants import Abandoned, Distribute, Record, Steps
from .items import MAX_ITEMS, children_of, own_items
from .numbers import whole
from .typed import an_object

MAX_LABEL = 40
MAX_REDRIVES = 1000
"""Of one Map Run; after that "you'll receive the States.Runtime error" (Developer Guide, "Redriving Map Runs")."""
Bounds = Callable[[], tuple[int, Tolerance]]


def distribute(visit: Visit, state: Map, bounds: Bounds) -> Steps[Json]:
    """Starts the Map Run, or redrives it; returns what its children came to, raises StateError."""
    inner = visit.inner if isinstance(visit.inner, MapRun) else None
    run = inner or MapRun("", (yield from visit.evaluated(lambda: _source(visit, state))))
    at_once, tolerance = yield from visit.evaluated(bounds)
    results = yield from visit.evaluated(lambda: _results(visit, state.result_writer))
    if inner is None:
        length = len(run.source.children) if isinstance(run.source, Given) else 0
        yield Record("MapStateStarted", {"length": length})
        visit.inner = run
    yield _begun(visit, state, run)
    config, definition = state.item_processor.processor_config, state.item_processor.definition
    what = (run.arn, _label(visit, state), config.execution_type or "STANDARD", definition, run.source)
    return (yield from _performed(lambda id: RunMap(id, *what, at_once, tolerance, results, run.redrives)))


def _performed(effect: Callable[[int], RunMap]) -> Steps[Json]:
    try:
        outcome = yield Distribute(effect)
    except Abandoned:
        yield Record("MapRunAborted")
        raise
    return (yield from _result(outcome))


def _source(visit: Visit, state: Map) -> Given | Dataset:
    reader = state.item_reader
    if reader is None:
        children = children_of(visit, state, visit.frame.world)
        return Given(tuple(children(own_items(visit, state))))
    config = reader.reader_config or ReaderConfig()
    action: Literal["getObject", "listObjectsV2"] = "listObjectsV2" if reader.resource == LIST_OBJECTS else "getObject"
    arguments, max_items = _read(visit, reader)
    children = children_of(visit, state, visit.frame.world.apart(f"{visit.name}/{visit.entered_id}/{visit.retries}"))
    return Dataset(action, arguments, config, max_items, children)


def _read(visit: Visit, reader: ItemReader) -> tuple[dict[str, Json], int | None]:
    """What is to be read, and how many items of it at most."""
    assert reader.arguments is not None
    with located_in("ItemReader"):
        arguments = an_object(visit, reader.arguments)
    if reader.reader_config is None:
        return arguments, None
    with located_in("ItemReader/ReaderConfig"):
        return arguments, whole(visit, reader.reader_config.max_items, 1, MAX_ITEMS)


def _results(visit: Visit, writer: ResultWriter | None) -> Results:
    if writer is None:
        return Results()
    config = writer.writer_config or WriterConfig()
    if writer.arguments is None:
        return Results(config.transformation, config.output_type)
    with located_in("ResultWriter"):
        return Results(config.transformation, config.output_type, an_object(visit, writer.arguments))


def _begun(visit: Visit, state: Map, run: MapRun) -> Record:
    if not run.arn:
        run.arn = visit.frame.world.new_map_run(_label(visit, state))
        return Record("MapRunStarted", {"mapRunArn": run.arn})
    if run.redrives == MAX_REDRIVES:
        raise StateError(RUNTIME, f"{visit.whereabouts()}The Map Run {run.arn} was redriven {MAX_REDRIVES} times.")
    run.redrives += 1
    return Record("MapRunRedriven", {"mapRunArn": run.arn, "redriveCount": run.redrives})


def _result(outcome: Outcome) -> Steps[Json]:
    match outcome:
        case Succeeded(result=result):
            yield Record("MapRunSucceeded")
            return result
        case Failed(error=error, cause=cause):
            yield Record("MapRunFailed", told(error, cause))
            raise StateError(error, cause)
        case _:
            raise TypeError(f"a Map Run was answered {type(outcome).__name__}; answer Succeeded or Failed")


def _label(visit: Visit, state: Map) -> str:
    """What names the Map Run in ARNs: Label, or made from the state's name (AWS: "a unique label")."""
    return state.label or re.sub(r"[^A-Za-z0-9_-]", "-", visit.name)[:MAX_LABEL]
