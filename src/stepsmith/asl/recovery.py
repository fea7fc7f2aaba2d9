"""Retry and Catch, once for every state that has them.

Which error matches which name (Developer Guide, "Handling errors"): a name matches itself; States.TaskFailed anything
but States.Timeout and States.QueryEvaluationError; States.ALL anything. Nothing matches States.Runtime, and
States.DataLimitExceeded is matched by its own name only. A heartbeat that expired is States.Timeout in history, and
States.HeartbeatTimeout for Retry and Catch as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from . import errors
from .document import Catcher, Guarded, Retrier
from .errors import EvaluationError, StateError
from .visit import Transition, Visit
from .wants import Pause, Steps

_NOT_TASK_FAILED = frozenset({errors.TIMEOUT, errors.QUERY_EVALUATION_ERROR})


def guarded(visit: Visit, state: Guarded, attempt: Callable[[], Steps[Transition]]) -> Steps[Transition]:
    """Runs attempts until one ends well, a Catcher takes the error, or nobody does.

    What the branches inside have done is forgotten before another attempt. After an error that nobody takes it stays
    for a redrive, unless it is States.DataLimitExceeded: then a redrive runs all of them again (Developer Guide).
    """
    used = [0] * len(state.retry)
    visit.retries = 0
    while True:
        try:
            return (yield from visit.recorded(attempt()))
        except StateError as error:
            index = retrier_for(state, error)
            if index is None or used[index] >= state.retry[index].max_attempts:
                return (yield from _caught(visit, state, error))
            delay = backoff_ms(state.retry[index], used[index], visit)
            used[index] += 1
        visit.inner = None
        yield Pause(visit.frame.world.now_ms + delay)
        visit.retries += 1


def retrier_for(state: Guarded, error: StateError) -> int | None:
    """The index of the first Retrier that covers the error: it decides alone, even when it is used up."""
    return next((index for index, each in enumerate(state.retry) if matches(each.error_equals, error)), None)


def catcher_for(state: Guarded, error: StateError) -> int | None:
    """The index of the first Catcher that covers the error."""
    return next((index for index, each in enumerate(state.catch) if matches(each.error_equals, error)), None)


def matches(names: Sequence[str], error: StateError) -> bool:
    """Whether ErrorEquals of a Retrier or Catcher covers the error."""
    if error.error == errors.RUNTIME:
        return False
    if error.error in names or (error.also is not None and error.also in names):
        return True
    if error.error == errors.DATA_LIMIT_EXCEEDED:
        return False
    return errors.ALL in names or (errors.TASK_FAILED in names and error.error not in _NOT_TASK_FAILED)


def backoff_ms(retrier: Retrier, before: int, visit: Visit) -> int:
    """IntervalSeconds, grown by BackoffRate for each attempt `before`, capped, then jittered between 0 and itself."""
    cap = float(retrier.max_delay_seconds or _LONGEST)
    try:
        seconds = min(cap, retrier.interval_seconds * retrier.backoff_rate**before)
    except OverflowError:
        seconds = cap
    if retrier.jitter_strategy == "FULL":
        seconds = visit.frame.world.moment.random.uniform(0, seconds)
    return round(seconds * 1000)


_LONGEST = 31_622_400


def _caught(visit: Visit, state: Guarded, error: StateError) -> Steps[Transition]:
    index = catcher_for(state, error)
    if index is None:
        if error.error == errors.DATA_LIMIT_EXCEEDED:
            visit.inner = None
        raise error
    return (yield from visit.recorded(_leave_by_rule(visit, state, index, error)))


def _leave_by_rule(visit: Visit, state: Guarded, index: int, error: StateError) -> Steps[Transition]:
    try:
        return (yield from leave_by(visit, state.catch[index], error))
    except EvaluationError as failure:
        raise failure.within(f"Catch[{index}]") from failure


def leave_by(visit: Visit, catcher: Catcher, error: StateError) -> Steps[Transition]:
    """Goes where the Catcher says, with its Output and Assign."""
    output = error.output()
    return (yield from visit.leave(catcher.next, output, catcher.output, catcher.assign, errorOutput=output))
