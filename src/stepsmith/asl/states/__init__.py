"""The state types, each a generator of what it wants; `run_branch` walks from one to the next.

Events around a state are the same for all types and are recorded here: entered before, aborted when nobody waits for
the branch any more.
"""

from __future__ import annotations

from functools import partial
from typing import assert_never

from ..document import Branch, Choice, Fail, Guarded, Map, Parallel, Pass, Succeed, Task, Wait
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
    if isinstance(visit.state, Guarded):
        return guarded(visit, visit.state, partial(attempt, visit))
    return visit.recorded(attempt(visit))


def attempt(visit: Visit) -> Steps[Transition]:
    """The state once, as far as it goes without Retry and Catch."""
    match visit.state:
        case Pass() as state:
            return pass_(visit, state)
        case Choice() as state:
            return choice(visit, state)
        case Wait() as state:
            return wait(visit, state)
        case Succeed() as state:
            return succeed(visit, state)
        case Fail() as state:
            return fail(visit, state)
        case Task() as state:
            return task(visit, state)
        case Parallel() as state:
            return parallel(visit, state, run_branch)
        case Map() as state:
            return map_(visit, state, run_branch)
        case _:
            assert_never(visit.state)
