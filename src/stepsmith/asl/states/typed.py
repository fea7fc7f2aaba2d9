"""Values of the type that a field must have; the message is AWS's for an expression that gives another one."""

from __future__ import annotations

from typing import overload

from ..errors import EvaluationError
from ..template import Template
from ..values import Json, shown
from ..visit import Visit

_TYPES = {str: "string", bool: "boolean", int: "number", float: "number", dict: "object", list: "array"}


@overload
def text(visit: Visit, template: Template) -> str: ...
@overload
def text(visit: Visit, template: Template | None) -> str | None: ...
def text(visit: Visit, template: Template | None) -> str | None:
    """The string a field gives, None without the field."""
    if template is None:
        return None
    value = visit.render(template)
    if not isinstance(value, str):
        raise unexpected(template, value, "'string'")
    return value


def an_object(visit: Visit, template: Template) -> dict[str, Json]:
    """The object that a field gives."""
    value = visit.render(template)
    if not isinstance(value, dict):
        raise unexpected(template, value, "'object'")
    return value


def unexpected(template: Template, value: Json, expected: str, location: str = "") -> EvaluationError:
    """The field's value has another type than `expected`."""
    problem = (
        f"returned an unexpected result type. Expected {expected}, but was '{_type(value)}' for value: {shown(value)}"
    )
    return wrong(template, problem, location)


def wrong(template: Template, problem: str, location: str = "") -> EvaluationError:
    """The field's value cannot be used; `location` where it is not the field's name."""
    location = location or template.location
    expression = template.expressions[0].expression.text if template.expressions else str(template.source)
    return EvaluationError(
        location, f"The JSONata expression '{expression}' specified for the field '{location}' {problem}"
    )


def _type(value: Json) -> str:
    return "null" if value is None else _TYPES.get(type(value), "function")
