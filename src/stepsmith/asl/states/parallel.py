"""Parallel: every branch at once, on the same input."""

from __future__ import annotations

from ..document import Parallel
from ..errors import StateError
from ..visit import Place, Transition, Visit
from ..wants import Record, Steps
from .branches import RunBranch, run_open


def parallel(visit: Visit, state: Parallel, run_branch: RunBranch) -> Steps[Transition]:
    """The result is the array of outputs; the first branch that fails ends the others, and its error is the state's."""
    places = visit.inner if isinstance(visit.inner, list) else (yield from _started(visit, state))
    try:
        result = yield from run_open(places, lambda index, place: run_branch(state.branches[index], place))
    except StateError:
        yield Record("ParallelStateFailed")
        raise
    yield Record("ParallelStateSucceeded")
    output = result if state.output is not None else visit.checked(result, "Output")
    return (yield from visit.leave(state.next, output, state.output, state.assign, result=result))


def _started(visit: Visit, state: Parallel) -> Steps[list[Place]]:
    input = visit.input
    if state.arguments is not None:
        input = visit.checked(visit.render(state.arguments), "Arguments")
    yield Record("ParallelStateStarted")
    visit.inner = [Place(visit.frame.inner(), branch.start_at, input) for branch in state.branches]
    return visit.inner
