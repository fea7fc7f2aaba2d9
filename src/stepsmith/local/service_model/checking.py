"""A request, checked as AWS's front door checks it.

A member of the wrong JSON type is `Unreadable`. Constraints (required, lengths, ranges, patterns, enums) are collected
over the whole request and told in one `Invalid`, in the words of the JVM's validator:

    2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; Value 'X'
    at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]

Values of members that the model marks as sensitive are not repeated.
"""

import binascii
import re
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any, assert_never

import orjson

from .shapes import NUMBERS, Blob, Flag, Items, Map, Number, Shape, Structure, Text


class Unreadable(Exception):
    """The request has another form than the model says: services call it SerializationException."""


class Invalid(Exception):
    """The request breaks constraints of the model: services call it ValidationException."""


def checked(shape: Structure, given: Any, spelled: Callable[[str], str] = str) -> dict[str, Any]:
    """The request's members that the model knows; nulls are left out. Messages call a member `spelled(name)`.

    Raises Unreadable, Invalid.
    """
    walk = _Walk(spelled)
    value = walk.structure(shape, given, "")
    if walk.problems:
        count = f"{len(walk.problems)} validation error{'s' if len(walk.problems) > 1 else ''} detected"
        raise Invalid(f"{count}: {'; '.join(walk.problems)}")
    return value


@dataclass(frozen=True, slots=True)
class _Walk:
    """One walk over a request: each method gives the value as an action gets it, and notes what is wrong with it."""

    spelled: Callable[[str], str]
    problems: list[str] = field(default_factory=list)

    def value(self, shape: Shape, value: Any, path: str) -> Any:
        match shape:
            case Text():
                return self.text(shape, value, path)
            case Number():
                return self.number(shape, value, path)
            case Flag():
                return value if isinstance(value, bool) else _refuse(value, "a Boolean")
            case Blob():
                return self.blob(shape, value, path)
            case Items():
                return self.items(shape, value, path)
            case Map():
                return self.map(shape, value, path)
            case Structure():
                return self.structure(shape, value, path)
            case _:
                assert_never(shape)

    def structure(self, shape: Structure, value: Any, path: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            _refuse(value, "a structure")
        at = {name: f"{path}.{self.spelled(name)}" if path else self.spelled(name) for name in shape.members}
        known = {name: each for name, each in value.items() if each is not None and name in shape.members}
        self.problems.extend(
            _said("Value null", at[name], "not be null") for name in shape.required if name not in known
        )
        return {name: self.value(shape.members[name], each, at[name]) for name, each in known.items()}

    def items(self, shape: Items, value: Any, path: str) -> list[Any]:
        if not isinstance(value, list):
            _refuse(value, "a list")
        self.length(len(value), shape, f"Value '{_shown(value)}'", path)
        return [self.item(shape.each, each, f"{path}.{n}.member") for n, each in enumerate(value, 1)]

    def item(self, shape: Shape, value: Any, path: str) -> Any:
        if value is None:
            return self.problems.append(_said("Value null", path, "not be null"))
        return self.value(shape, value, path)

    def map(self, shape: Map, value: Any, path: str) -> dict[str, Any]:
        """Constraints of keys and values are told of the map as a whole."""
        if not isinstance(value, dict):
            _refuse(value, "a map")
        shown = "Value" if shape.is_sensitive else f"Value '{_shown(value)}'"
        for part, of, each in (("keys", shape.key, value), ("value", shape.value, value.values())):
            within = _Walk(self.spelled)
            for one in each:
                within.item(of, one, path)
            if musts := dict.fromkeys(problem.partition("constraint: ")[2] for problem in within.problems):
                told = f"Map {part} must satisfy constraint: [{', '.join(musts)}]"
                self.problems.append(f"{shown} at '{path}' failed to satisfy constraint: {told}")
        return {key: self.value(shape.value, each, path) for key, each in value.items() if each is not None}

    def text(self, shape: Text, value: Any, path: str) -> str:
        if not isinstance(value, str):
            _refuse(value, "a String")
        shown = "Value" if shape.is_sensitive else f"Value '{value}'"
        self.length(len(value), shape, shown, path)
        if shape.words and value not in shape.words:
            self.problems.append(_said(shown, path, f"satisfy enum value set: [{', '.join(shape.words)}]"))
        if shape.pattern is not None and not _pattern(shape.pattern).fullmatch(value):
            self.problems.append(_said(shown, path, f"satisfy regular expression pattern: {shape.pattern}"))
        return str(value)

    def blob(self, shape: Blob, value: Any, path: str) -> bytes:
        if not isinstance(value, str):
            _refuse(value, "a Blob")
        try:
            content = b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise Unreadable(f"The value at {path!r} is no base64.") from None
        self.length(len(content), shape, "Value", path)
        return content

    def number(self, shape: Number, value: Any, path: str) -> float:
        is_whole = isinstance(value, int) and not isinstance(value, bool)
        if not is_whole and not (isinstance(value, float) and shape.name in _FRACTIONS):
            _refuse(value, shape.name)
        shown = "Value" if shape.is_sensitive else f"Value '{value}'"
        if shape.least is not None and value < shape.least:
            self.problems.append(_said(shown, path, f"have value greater than or equal to {shape.least}"))
        if shape.most is not None and value > shape.most:
            self.problems.append(_said(shown, path, f"have value less than or equal to {shape.most}"))
        return value  # type: ignore[no-any-return]  # int or float, as just checked

    def length(self, length: int, shape: Text | Blob | Items, shown: str, path: str) -> None:
        if length < shape.least:
            self.problems.append(_said(shown, path, f"have length greater than or equal to {shape.least}"))
        if shape.most is not None and length > shape.most:
            self.problems.append(_said(shown, path, f"have length less than or equal to {shape.most}"))


_CLASSES = {r"\p{ASCII}": r"[\x00-\x7f]", r"\p{L}": r"\w", r"\p{N}": r"\d", r"\p{Z}": r"\s"}
"""Letters are taken for Python's `\\w`, which has digits and `_` besides: the model's classes have these anyway."""
_FRACTIONS = frozenset(NUMBERS[kind] for kind in ("float", "double", "timestamp"))


def _said(value: str, path: str, must: str) -> str:
    return f"{value} at '{path}' failed to satisfy constraint: Member must {must}"


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """The model's patterns are Java's: what Python writes in another way is translated."""
    for java, python in _CLASSES.items():
        pattern = pattern.replace(java, python)
    return re.compile(pattern)


def _shown(value: list[Any] | dict[str, Any]) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}={_plain(each)}" for key, each in value.items()) + "}"
    return "[" + ", ".join(map(_plain, value)) + "]"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _refuse(value: Any, wanted: str) -> Any:
    """A JSON type where another is wanted, in the words of AWS's parser."""
    match value:
        case dict():
            raise Unreadable("Start of structure or map found where not expected.")
        case list():
            raise Unreadable("Start of list found where not expected")
        case bool():
            given = "TRUE_VALUE" if value else "FALSE_VALUE"
        case str():
            given = "STRING_VALUE"
        case int() | float():
            given = "NUMBER_VALUE"
        case _:
            given = "NULL_VALUE"
    raise Unreadable(f"{given} can not be converted to {wanted}")
