"""The state types, each a generator of what it wants; `run_branch` walks from one to the next.

Events around a state are the same for all types and are recorded here: entered before, aborted when nobody waits for
the branch any more. A branch that is redriven begins inside the state it had entered: that is not entered again, but
for Fail (Developer Guide, "Redrive behavior of individual states": a Task is scheduled again, a Fail state reentered).
"""

from __future__ import annotations

from functools import partial
from typing import assert_never

from ..document import Branch, Choice, Fail, Guarded, Map, Parallel, Pass, Succeed, Task, Wait
from ..recovery import guarded
from ..values import Json
from ..visit import Place, Transition, Visit
from ..wants import Abandoned, Record, Steps
from .choice import choice
from .flow import fail, pass_, succeed, wait
from .map import map_
from .parallel import parallel
from .task import task

_ABORTABLE = frozenset({"Task", "Wait", "Parallel", "Map"})


def run_branch(branch: Branch, place: Place) -> Steps[Json]:
    """Runs a branch from where it stands to one of its ends; returns its output, raises StateError."""
    frame = place.frame
    while place.state is not None:
        visit = place.visit
        if visit is None:
            state = branch.states[place.state]
            visit = place.visit = Visit(frame, place.state, state, place.input, frame.world.now_ms)
        transition = yield from _run_state(visit)
        place.state, place.input, place.visit = transition.next, transition.output, None
    return place.input


def _run_state(visit: Visit) -> Steps[Transition]:
    if not visit.entered_id or visit.state.type == "Fail":
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
