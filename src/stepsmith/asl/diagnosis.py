"""From pydantic's errors about a definition to diagnostics: where, AWS's code and words, and what to do.

One fault is one diagnostic, in the order of the definition. All fields missing from one object are named together. An
object that uses JSONPath gets one sentence for that, whatever else follows from it (a rule with a Variable has no
Condition).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from pydantic_core import ErrorDetails

from .dialect import JSONPATH, JSONPATH_FIELDS, language_of
from .errors import Diagnostic
from .fields import problems_of
from .template import jsonpath

Location = tuple[int | str, ...]

_TYPES = ("Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
_STATE_TYPES = f"One of {', '.join(_TYPES)}."
_KINDS = {
    "string_type": "String",
    "int_type": "Integer",
    "float_type": "Number",
    "bool_type": "Boolean",
    "dict_type": "Object",
    "model_type": "Object",
    "model_attributes_type": "Object",
    "tuple_type": "Array",
}
_BOUNDS = {
    "greater_than_equal": ("ge", "greater than or equal to"),
    "less_than_equal": ("le", "less than or equal to"),
    "less_than": ("lt", "less than"),
}


def diagnostics(definition: dict[str, Any], errors: Iterable[ErrorDetails]) -> tuple[Diagnostic, ...]:
    """All of them, never none."""
    placed = [(_location(each), each) for each in errors]
    paths = {at[:-1]: at for at, each in reversed(placed) if _is_jsonpath(at, each)}
    missing: dict[Location, list[str]] = {}
    for at, each in placed:
        if each["type"] == "missing":
            missing.setdefault(at[:-1], []).append(str(at[-1]))
    found = [(at, _missing(at, names)) for at, names in missing.items() if at not in paths]
    for at, each in placed:
        follows = each["type"] == "extra_forbidden" and paths.get(at[:-1], at) != at
        if each["type"] != "missing" and not follows:
            found += [(at, diagnostic) for diagnostic in _diagnostics(definition, at, each)]
    return tuple(diagnostic for at, diagnostic in sorted(found, key=lambda it: _ranks(definition, it[0])))


def _location(error: ErrorDetails) -> Location:
    """pydantic's location: the union's tag, which follows a state's name, is no part of it."""
    location: list[int | str] = []
    previous: list[int | str] = []
    for part in error["loc"]:
        tag = part in _TYPES and len(previous) >= 2 and previous[-2] == "States"
        if part != "[key]" and not tag:
            location.append(part)
        previous.append(part)
    return tuple(location)


def _ranks(definition: Any, location: Location) -> tuple[int, ...]:
    """Where in the definition a location stands, to sort by; what is not there stands first."""
    ranks: list[int] = []
    value = definition
    for part in location:
        if isinstance(value, dict) and part in value:
            ranks.append(list(value).index(part))
            value = value[part]
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            ranks.append(part)
            value = value[part]
    return tuple(ranks)


def _path(location: Location) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f"/{part}" for part in location)


def _is_jsonpath(location: Location, error: ErrorDetails) -> bool:
    return error["type"] == "extra_forbidden" and location[-1] in JSONPATH_FIELDS


def _missing(owner: Location, names: list[str]) -> Diagnostic:
    return Diagnostic(_path(owner), f"These fields are required: [{', '.join(names)}]", "Add what is missing.")


def _diagnostics(definition: dict[str, Any], location: Location, error: ErrorDetails) -> Iterator[Diagnostic]:
    path = _path(location)
    match error["type"]:
        case "refusal":
            for each in problems_of(error["ctx"]):
                yield replace(each, path=path + each.path)
        case "extra_forbidden":
            yield _not_a_field(definition, location, path)
        case kind:
            message, remedy = _explained(kind, error)
            yield Diagnostic(path, message, remedy)


def _not_a_field(definition: dict[str, Any], location: Location, path: str) -> Diagnostic:
    name = str(location[-1])
    if name in JSONPATH_FIELDS and _language_at(definition, location) == JSONPATH:
        sentence = jsonpath(name, path)
        return Diagnostic(path, sentence.message, sentence.remedy)
    return Diagnostic(path, "Field is not supported", "Remove it, or check its spelling and the query language.")


def _language_at(definition: dict[str, Any], location: Location) -> str:
    """The query language of the innermost state around a location."""
    default = language = language_of(definition, JSONPATH)
    value: Any = definition
    for previous, part in zip((None, *location), location[:-1], strict=False):
        value = value[part]
        if previous == "States" and isinstance(value, dict):
            language = language_of(value, default)
    return language


def _explained(kind: str, error: ErrorDetails) -> tuple[str, str]:
    """AWS's message for one of pydantic's errors, and what to do."""
    if kind in _KINDS:
        return f"Expected value of type {_KINDS[kind]}", "Correct the value."
    if kind in _BOUNDS:
        bound, relation = _BOUNDS[kind]
        return f"Value must be {relation} {error['ctx'][bound]}", "Correct the value."
    match kind:
        case "union_tag_not_found":
            return "These fields are required: [Type]", _STATE_TYPES
        case "union_tag_invalid":
            return f"Value is not valid. Allowed values are: [{', '.join(_TYPES)}]", _STATE_TYPES
        case "literal_error":
            return f"Value is not valid. Allowed values are: [{error['ctx']['expected']}]", "Write one of these."
        case _:
            return error["msg"], "Correct the value."
