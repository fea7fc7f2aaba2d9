"""A schema that was checked once, and what of a value does not fit it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time
from itertools import islice
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker, SchemaError, ValidationError
from jsonschema.validators import validator_for
from referencing import Registry
from referencing.exceptions import Unresolvable
from referencing.jsonschema import specification_with

DEFAULT = Draft202012Validator
FORMATS = FormatChecker(("date", "email", "ipv4", "ipv6", "regex", "uuid"))
"""What the standard library can judge, with those at the foot; no package that happens to be installed adds another."""
MOST = 100
"""So many faults are looked for; nobody reads more."""


@dataclass(frozen=True)
class Fault:
    """What does not fit, and where: the keys and indexes that lead there from the whole value."""

    path: tuple[str | int, ...]
    message: str


class InvalidSchema(ValueError):
    """A schema that is none. `path` leads to the place in the schema."""

    def __init__(self, path: Iterable[str | int], message: str) -> None:
        self.path, self.message = tuple(path), message
        super().__init__(f"{message} (at {'/'.join(map(str, self.path))!r})" if self.path else message)


class TooDeep(ValueError):
    """A value that is nested deeper than the schema can be followed."""


class Schema:
    """A schema. Raises `InvalidSchema` where it is none, or refers to what is not in it."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        document = dict(document)
        dialect = validator_for(document, default=None) if "$schema" in document else DEFAULT
        if dialect is None:
            raise InvalidSchema(["$schema"], f"{document['$schema']!r} is no draft of JSON Schema")
        try:
            dialect.check_schema(document)
        except SchemaError as error:
            raise InvalidSchema(error.path, _sentence(error)) from None
        _check_references(document, dialect.META_SCHEMA["$schema"])
        self._validator = dialect(document, registry=Registry(), format_checker=FORMATS)

    def faults(self, value: Any, most: int = MOST) -> tuple[Fault, ...]:
        """What does not fit, at most so many; empty where it fits. Raises `TooDeep`."""
        try:
            errors = islice(self._validator.iter_errors(value), most)
            return tuple(Fault(tuple(error.absolute_path), _sentence(error)) for error in errors)
        except RecursionError:
            raise TooDeep("It is nested too deeply to be checked.") from None

    def fits(self, value: Any) -> bool:
        return not self.faults(value, most=1)


def _check_references(document: Mapping[str, Any], dialect: str) -> None:
    """Raises `InvalidSchema` for a reference that leads nowhere: `jsonschema` would say so when it first follows it."""
    whole = specification_with(dialect).create_resource(document)
    resolver = Registry().with_resource("", whole).resolver()
    waiting = [(whole, resolver)]
    while waiting:
        resource, resolver = waiting.pop()
        reference = resource.contents.get("$ref") if isinstance(resource.contents, Mapping) else None
        try:
            if reference is not None:
                resolver.lookup(reference)
        except Unresolvable:
            raise InvalidSchema([], f"its $ref {reference!r} leads to nothing in the schema") from None
        waiting.extend((each, resolver.in_subresource(each)) for each in resource.subresources())


def _sentence(error: ValidationError | SchemaError) -> str:
    """The library's message, with the value that it begins with as JSON: null, not None."""
    message, shown = str(error.message), repr(error.instance)
    if not message.startswith(f"{shown} "):
        return message
    return json.dumps(error.instance, ensure_ascii=False, default=str) + message.removeprefix(shown)


_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})")


def _is_date_time(value: object) -> bool:
    """RFC 3339, section 5.6, without leap seconds."""
    return not isinstance(value, str) or bool(_DATE_TIME.fullmatch(value) and datetime.fromisoformat(value.upper()))


def _is_time(value: object) -> bool:
    """The full-time of the same."""
    return not isinstance(value, str) or bool(_TIME.fullmatch(value) and time.fromisoformat(value.upper()) is not None)


FORMATS.checks("date-time", raises=ValueError)(_is_date_time)
FORMATS.checks("time", raises=ValueError)(_is_time)
