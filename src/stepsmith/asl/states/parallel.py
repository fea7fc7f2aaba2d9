"""Parallel: every branch at once, on the same input."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from ..document import Branch, Parallel
from ..errors import StateError
from ..values import Json
from ..visit import Frame, Transition, Visit
from ..wants import Fork, Joined, Record, Steps

RunBranch = Callable[[Frame, Branch, Json], Steps[Json]]


def parallel(visit: Visit, state: Parallel, run_branch: RunBranch) -> Steps[Transition]:
    """The result is the array of outputs; the first branch that fails ends the others, and its error is the state's."""
    input = visit.input
    if state.arguments is not None:
        input = visit.checked(visit.render(state.arguments), "Arguments")
    yield Record("ParallelStateStarted")
    branches = [partial(run_branch, visit.frame.inner(), branch, input) for branch in state.branches]
    try:
        joined: Joined = yield Fork(branches)
    except StateError:
        yield Record("ParallelStateFailed")
        raise
    yield Record("ParallelStateSucceeded")
    result = joined.results
    output = result if state.output is not None else visit.checked(result, "Output")
    return (yield from visit.leave(state.next, output, state.output, state.assign, result=result))
