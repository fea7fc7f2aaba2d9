"""Numbers that a field may compute: seconds, counts, percentages."""

from __future__ import annotations

from typing import overload

from ..template import Template
from ..values import shown
from ..visit import Visit
from .typed import unexpected, wrong


@overload
def whole(visit: Visit, template: Template, minimum: int, maximum: int) -> int: ...
@overload
def whole(visit: Visit, template: Template | None, minimum: int, maximum: int) -> int | None: ...
def whole(visit: Visit, template: Template | None, minimum: int, maximum: int) -> int | None:
    """The integer a field gives, None without the field; anything else is States.QueryEvaluationError."""
    if template is None:
        return None
    value = visit.render(template)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise unexpected(template, value, "'integer'")
    _check_range(template, value, minimum, maximum)
    return value


def number(visit: Visit, template: Template | None, minimum: int, maximum: int) -> float | None:
    """The number a field gives, None without the field; anything else is States.QueryEvaluationError."""
    if template is None:
        return None
    value = visit.render(template)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise unexpected(template, value, "'number'")
    _check_range(template, value, minimum, maximum)
    return value


def _check_range(template: Template, value: float, minimum: int, maximum: int) -> None:
    if not minimum <= value <= maximum:
        problem = f"returned a value that is out of range. Expected {minimum} to {maximum}, but was {shown(value)}"
        raise wrong(template, problem)
