"""Pass, Wait, Succeed and Fail: the states that only move on."""

from __future__ import annotations

import re
from datetime import datetime

from ..document import Fail, Pass, Succeed, Wait
from ..errors import StateError
from ..template import Template
from ..values import shown
from ..visit import Transition, Visit
from ..wants import Pause, Steps
from .numbers import whole
from .typed import text, wrong

MAX_WAIT_SECONDS = 99_999_999
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def pass_(visit: Visit, state: Pass) -> Steps[Transition]:
    """Hands on its input, its Result or its Output."""
    default = state.result if "result" in state.model_fields_set else visit.input
    return (yield from visit.leave(state.next, default, state.output, state.assign))


def succeed(visit: Visit, state: Succeed) -> Steps[Transition]:
    """Ends the branch with its input or Output."""
    return (yield from visit.leave(None, visit.input, state.output))


def fail(visit: Visit, state: Fail) -> Steps[Transition]:
    """Ends the branch with an error."""
    raise StateError(text(visit, state.error), text(visit, state.cause))
    yield  # makes it a generator like the others


def wait(visit: Visit, state: Wait) -> Steps[Transition]:
    """Pauses for Seconds, or until Timestamp; a time that has passed is no wait."""
    if state.seconds is not None:
        seconds = whole(visit, state.seconds, 0, MAX_WAIT_SECONDS)
        yield Pause(visit.frame.world.now_ms + 1000 * seconds)
    elif state.timestamp is not None:
        yield Pause(_milliseconds(text(visit, state.timestamp), state.timestamp))
    return (yield from visit.leave(state.next, visit.input, state.output, state.assign))


def _milliseconds(moment: str, template: Template) -> int:
    """RFC 3339 with a zone, T and Z in capitals (States Language, "Timestamps"): 2026-01-31T12:00:00Z."""
    try:
        if not _TIMESTAMP.fullmatch(moment):
            raise ValueError(moment)
        return round(datetime.fromisoformat(moment).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        problem = f"does not give a valid ISO-8601 extended offset date-time format string, but {shown(moment)}"
        raise wrong(template, problem) from error
