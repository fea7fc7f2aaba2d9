"""The state types, each a generator of what it wants; `run_branch` walks from one to the next.

Events around a state are the same for all types and are recorded here: entered before, aborted when nobody waits for
the branch any more.
"""

from __future__ import annotations

from functools import partial
from typing import assert_never

from ..document import Branch, Choice, Fail, Map, Parallel, Pass, Succeed, Task, Wait
from ..recovery import guarded
from ..values import Json
from ..visit import Frame, Transition, Visit
from ..wants import Abandoned, Record, Steps
from .choice import choice
from .flow import fail, pass_, succeed, wait
from .map import map_
from .parallel import parallel
from .task import task

_ABORTABLE = frozenset({"Task", "Wait", "Parallel", "Map"})


def run_branch(frame: Frame, branch: Branch, input: Json) -> Steps[Json]:
    """Runs a branch from StartAt to one of its ends; returns its output, raises StateError."""
    name: str | None = branch.start_at
    while name is not None:
        visit = Visit(frame, name, branch.states[name], input, frame.world.now_ms)
        transition = yield from _run_state(visit)
        name, input = transition.next, transition.output
    return input


def _run_state(visit: Visit) -> Steps[Transition]:
    visit.entered_id = yield Record(f"{visit.state.type}StateEntered", {"name": visit.name, "input": visit.input})
    try:
        return (yield from _steps(visit))
    except Abandoned:
        if visit.state.type in _ABORTABLE:
            yield Record(f"{visit.state.type}StateAborted")
        raise


def _steps(visit: Visit) -> Steps[Transition]:
    match visit.state:
        case Pass() as state:
            return visit.recorded(pass_(visit, state))
        case Choice() as state:
            return visit.recorded(choice(visit, state))
        case Wait() as state:
            return visit.recorded(wait(visit, state))
        case Succeed() as state:
            return visit.recorded(succeed(visit, state))
        case Fail() as state:
            return visit.recorded(fail(visit, state))
        case Task() as state:
            return guarded(visit, state, partial(task, visit, state))
        case Parallel() as state:
            return guarded(visit, state, partial(parallel, visit, state, run_branch))
        case Map() as state:
            return guarded(visit, state, partial(map_, visit, state, run_branch))
        case _:
            assert_never(visit.state)
