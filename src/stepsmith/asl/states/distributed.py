"""Map, distributed: a Map Run, one child execution an item, as the parent sees it.

The children are executions of their own, with histories of their own: they read no variable of the parent (Developer
Guide, "Passing data between states with variables"), so their definition stands alone.
"""

from __future__ import annotations

import re
from typing import Any

from ..document import Map
from ..effects import RunMap
from ..errors import StateError, told
from ..outcome import Failed, Outcome, Succeeded
from ..values import Json
from ..visit import MapRun, Visit
from ..wants import Abandoned, Distribute, Record, Steps

MAX_LABEL = 40


def run_children(visit: Visit, state: Map, run: MapRun, at_once: int, tolerated: int) -> Steps[list[Json]]:
    """Starts the Map Run, or redrives it; returns what its children answered, raises StateError."""
    yield _begun(visit, state, run)
    bounds = (_bound(visit, state.tolerated_failure_count), _bound(visit, state.tolerated_failure_percentage))
    config, definition = state.item_processor.processor_config, state.item_processor.definition
    kind = config.execution_type or "STANDARD"

    def effect(id: int) -> RunMap:
        told = (id, run.arn, _label(visit, state), kind, definition, run.items, at_once, tolerated)
        return RunMap(*told, *bounds, redrive_count=run.redrives)

    try:
        outcome = yield Distribute(effect)
    except Abandoned:
        yield Record("MapRunAborted")
        raise
    return (yield from _result(outcome))


def _begun(visit: Visit, state: Map, run: MapRun) -> Record:
    if not run.arn:
        run.arn = visit.frame.world.new_map_run(_label(visit, state))
        return Record("MapRunStarted", {"mapRunArn": run.arn})
    run.redrives += 1
    return Record("MapRunRedriven", {"mapRunArn": run.arn, "redriveCount": run.redrives})


def _result(outcome: Outcome) -> Steps[list[Json]]:
    match outcome:
        case Succeeded(result=list() as results):
            yield Record("MapRunSucceeded")
            return results
        case Failed(error=error, cause=cause):
            yield Record("MapRunFailed", told(error, cause))
            raise StateError(error, cause)
        case _:
            raise TypeError(f"a Map Run was answered {type(outcome).__name__}; answer a list that Succeeded, or Failed")


def _label(visit: Visit, state: Map) -> str:
    """What names the Map Run in ARNs: Label, or made from the state's name (AWS: "a unique label")."""
    return state.label or re.sub(r"[^A-Za-z0-9_-]", "-", visit.name)[:MAX_LABEL]


def _bound(visit: Visit, template: Any) -> Any:
    return 0 if template is None else visit.render(template)
