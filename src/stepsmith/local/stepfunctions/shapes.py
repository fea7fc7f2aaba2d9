"""Requests, checked as AWS's front door checks them: against the service model, before any action runs.

The model is botocore's JSON read as data (botocore's client would cost half a second and 20 MB). A member of the
wrong JSON type is a SerializationException. Constraints (required, lengths, ranges, patterns, enums) are collected over
the whole request and told in one ValidationException in AWS's words, those of the JVM's validator:

    2 validation errors detected: Value null at 'name' failed to satisfy constraint: Member must not be null; Value 'X'
    at 'type' failed to satisfy constraint: Member must satisfy enum value set: [STANDARD, EXPRESS]

Values of members that the model marks as sensitive are not repeated.
"""

import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, assert_never

import botocore
import orjson

from .errors import ApiError, serialization

MODEL = "data/stepfunctions/2016-11-23/service-2.json"
TARGET = "AWSStepFunctions"


@dataclass(frozen=True, slots=True)
class Text:
    least: int
    most: int | None
    pattern: str | None
    words: tuple[str, ...]
    is_sensitive: bool


@dataclass(frozen=True, slots=True)
class Number:
    name: str
    least: float | None
    most: float | None
    is_sensitive: bool


@dataclass(frozen=True, slots=True)
class Flag:
    pass


@dataclass(frozen=True, slots=True)
class Items:
    each: "Shape"
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Structure:
    members: Mapping[str, "Shape"]
    required: tuple[str, ...]


Shape = Text | Number | Flag | Items | Structure

NUMBERS = {"integer": "an Integer", "long": "a Long", "float": "a Float", "double": "a Double"}


@cache
def operations() -> Mapping[str, Structure]:
    """The input of every action of the service model, by the action's name."""
    model = _model()
    made: dict[str, Shape] = {}
    inputs = {name: _shape(model["shapes"], of["input"]["shape"], made) for name, of in model["operations"].items()}
    return {name: shape for name, shape in inputs.items() if isinstance(shape, Structure)}


def checked(shape: Structure, given: Any) -> dict[str, Any]:
    """The request's members that the model knows. Raises SerializationException, ValidationException."""
    problems: list[str] = []
    value: dict[str, Any] = _walk(shape, given, "", problems)
    if problems:
        count = f"{len(problems)} validation error{'s' if len(problems) > 1 else ''} detected"
        raise ApiError("ValidationException", f"{count}: {'; '.join(problems)}")
    return value


def _model() -> Any:
    """botocore ships its models packed; a distribution may have unpacked them."""
    model = Path(botocore.__file__).parent / MODEL
    packed = model.with_suffix(".json.gz")
    return orjson.loads(gzip.decompress(packed.read_bytes()) if packed.is_file() else model.read_bytes())


def _shape(shapes: Mapping[str, Any], name: str, made: dict[str, Shape]) -> Shape:
    if name not in made:
        made[name] = _made(shapes, shapes[name], made)
    return made[name]


def _made(shapes: Mapping[str, Any], of: Mapping[str, Any], made: dict[str, Shape]) -> Shape:
    match of["type"]:
        case "structure":
            members = {name: _shape(shapes, member["shape"], made) for name, member in of["members"].items()}
            return Structure(members, tuple(of.get("required", ())))
        case "list":
            return Items(_shape(shapes, of["member"]["shape"], made), of.get("min", 0), of.get("max"))
        case "boolean":
            return Flag()
        case "string":
            words, is_sensitive = tuple(of.get("enum", ())), bool(of.get("sensitive"))
            return Text(of.get("min", 0), of.get("max"), of.get("pattern"), words, is_sensitive)
        case "integer" | "long" | "float" | "double" as kind:
            return Number(NUMBERS[kind], of.get("min"), of.get("max"), bool(of.get("sensitive")))
        case other:
            raise ValueError(f"The service model has a request with a member of the type {other!r}: teach shapes.py.")


def _walk(shape: Shape, value: Any, path: str, problems: list[str]) -> Any:
    """The value as an action gets it; what is wrong with it joins `problems`."""
    match shape:
        case Text():
            return _text(shape, value, path, problems)
        case Number():
            return _number(shape, value, path, problems)
        case Flag():
            return value if isinstance(value, bool) else _refuse(value, "a Boolean")
        case Items():
            return _items(shape, value, path, problems)
        case Structure():
            return _structure(shape, value, path, problems)
        case _:
            assert_never(shape)


def _structure(shape: Structure, value: Any, path: str, problems: list[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        _refuse(value, "a structure")
    within = f"{path}." if path else ""
    known = {name: each for name, each in value.items() if each is not None and name in shape.members}
    problems += [_said("Value null", within + name, "not be null") for name in shape.required if name not in known]
    return {name: _walk(shape.members[name], each, within + name, problems) for name, each in known.items()}


def _items(shape: Items, value: Any, path: str, problems: list[str]) -> list[Any]:
    if not isinstance(value, list):
        _refuse(value, "a list")
    _check_length(len(value), shape.least, shape.most, f"Value '{_shown(value)}'", path, problems)
    return [_item(shape.each, each, f"{path}.{n}.member", problems) for n, each in enumerate(value, 1)]


def _item(shape: Shape, value: Any, path: str, problems: list[str]) -> Any:
    if value is None:
        return problems.append(_said("Value null", path, "not be null"))
    return _walk(shape, value, path, problems)


def _text(shape: Text, value: Any, path: str, problems: list[str]) -> str:
    if not isinstance(value, str):
        _refuse(value, "a String")
    shown = "Value" if shape.is_sensitive else f"Value '{value}'"
    _check_length(len(value), shape.least, shape.most, shown, path, problems)
    if shape.words and value not in shape.words:
        problems.append(_said(shown, path, f"satisfy enum value set: [{', '.join(shape.words)}]"))
    if shape.pattern is not None and not _pattern(shape.pattern).fullmatch(value):
        problems.append(_said(shown, path, f"satisfy regular expression pattern: {shape.pattern}"))
    return str(value)


def _number(shape: Number, value: Any, path: str, problems: list[str]) -> float:
    is_whole = isinstance(value, int) and not isinstance(value, bool)
    if not is_whole and not (isinstance(value, float) and shape.name in (NUMBERS["float"], NUMBERS["double"])):
        _refuse(value, shape.name)
    shown = "Value" if shape.is_sensitive else f"Value '{value}'"
    if shape.least is not None and value < shape.least:
        problems.append(_said(shown, path, f"have value greater than or equal to {shape.least}"))
    if shape.most is not None and value > shape.most:
        problems.append(_said(shown, path, f"have value less than or equal to {shape.most}"))
    return value  # type: ignore[no-any-return]  # int or float, as just checked


def _check_length(length: int, least: int, most: int | None, shown: str, path: str, problems: list[str]) -> None:
    if length < least:
        problems.append(_said(shown, path, f"have length greater than or equal to {least}"))
    if most is not None and length > most:
        problems.append(_said(shown, path, f"have length less than or equal to {most}"))


def _said(value: str, path: str, must: str) -> str:
    return f"{value} at '{path}' failed to satisfy constraint: Member must {must}"


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """The model's patterns are Java's: a POSIX class that Python has not is written out."""
    return re.compile(pattern.replace(r"\p{ASCII}", r"[\x00-\x7f]"))


def _shown(value: list[Any]) -> str:
    return "[" + ", ".join(each if isinstance(each, str) else orjson.dumps(each).decode() for each in value) + "]"


def _refuse(value: Any, wanted: str) -> Any:
    """A JSON type where another is wanted, in the words of AWS's parser."""
    match value:
        case dict():
            raise serialization("Start of structure or map found where not expected.")
        case list():
            raise serialization("Start of list found where not expected")
        case bool():
            given = "TRUE_VALUE" if value else "FALSE_VALUE"
        case str():
            given = "STRING_VALUE"
        case int() | float():
            given = "NUMBER_VALUE"
        case _:
            given = "NULL_VALUE"
    raise serialization(f"{given} can not be converted to {wanted}")
