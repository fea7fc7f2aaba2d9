"""Pass, Wait, Succeed and Fail: the states that only move on."""

from __future__ import annotations

from datetime import datetime

from ..document import Fail, Pass, Succeed, Wait
from ..errors import EvaluationError, StateError
from ..template import Template
from ..values import shown
from ..visit import Transition, Visit
from ..wants import Pause, Steps
from .numbers import whole

MAX_WAIT_SECONDS = 99_999_999


def pass_(visit: Visit, state: Pass) -> Steps[Transition]:
    """Hands on its input, its Result or its Output."""
    default = state.result if "result" in state.model_fields_set else visit.input
    return (yield from visit.leave(state.next, default, state.output, state.assign))


def succeed(visit: Visit, state: Succeed) -> Steps[Transition]:
    """Ends the branch with its input or Output."""
    return (yield from visit.leave(None, visit.input, state.output))


def fail(visit: Visit, state: Fail) -> Steps[Transition]:
    """Ends the branch with an error."""
    raise StateError(_text(visit, state.error), _text(visit, state.cause))
    yield  # makes it a generator like the others


def wait(visit: Visit, state: Wait) -> Steps[Transition]:
    """Pauses for Seconds, or until Timestamp; a time that has passed is no wait."""
    if state.seconds is not None:
        seconds = whole(visit, state.seconds, 0, MAX_WAIT_SECONDS)
        yield Pause(visit.frame.world.now_ms + 1000 * seconds)
    elif state.timestamp is not None:
        yield Pause(_milliseconds(_text(visit, state.timestamp), state.timestamp))
    return (yield from visit.leave(state.next, visit.input, state.output, state.assign))


def _text(visit: Visit, template: Template | None) -> str | None:
    if template is None:
        return None
    value = visit.render(template)
    if not isinstance(value, str):
        cause = f"The field '{template.location}' must be a string, but was {shown(value)}."
        raise EvaluationError(template.location, cause)
    return value


def _milliseconds(text: str | None, template: Template) -> int:
    """ISO 8601 with a zone, as the States Language asks: 2026-01-31T12:00:00Z."""
    try:
        moment = datetime.fromisoformat(text or "")
        if moment.tzinfo is None:
            raise ValueError("it names no time zone")
    except ValueError as error:
        cause = f"The field '{template.location}' is not a timestamp such as 2026-01-31T12:00:00Z: {text!r} ({error})."
        raise EvaluationError(template.location, cause) from error
    return round(moment.timestamp() * 1000)
