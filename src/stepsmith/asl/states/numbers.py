"""Numbers that a field may compute: seconds, counts, percentages."""

from __future__ import annotations

from typing import overload

from ..errors import EvaluationError
from ..template import Template
from ..values import shown
from ..visit import Visit


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
        raise _not_whole(template, value, "Expected 'integer'")
    if not minimum <= value <= maximum:
        raise _not_whole(template, value, f"Expected an integer from {minimum} to {maximum}")
    return value


def _not_whole(template: Template, value: object, expected: str) -> EvaluationError:
    name = template.location
    expression = template.expressions[0].expression.text if template.expressions else str(template.source)
    cause = (
        f"The JSONata expression '{expression}' specified for the field '{name}' returned an unexpected result type. "
        f"{expected}, but was {shown(value)}."
    )
    return EvaluationError(name, cause)
