"""A state's arguments as the members of an API's request.

Step Functions writes every member with a capital (`LogGroupName`), whatever the API does; members of members too, but
not the keys of maps, which are data. Times are texts of ISO 8601, binary members take text (its UTF-8 bytes) or any
JSON (its text). What does not fit is told in the words of "The Parameters ... could not be used to start the Task".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from stepsmith.asl.values import Json
from stepsmith.local.packing import encode

if TYPE_CHECKING:
    from botocore.model import Shape

DOCUMENTS = frozenset({"SensitiveData", "Definition"})
"""Texts of JSON in Step Functions' own API (`Input` of startExecution), which may be given as the value itself."""


class BadArguments(Exception):
    """The arguments make no request of this action. `wrong` holds one sentence each."""

    def __init__(self, wrong: list[str]) -> None:
        super().__init__(", ".join(wrong))
        self.wrong = wrong


def parameters(shape: Shape | None, arguments: Json) -> dict[str, Any]:
    """The request's members by the API's own names. Raises BadArguments."""
    wrong: list[str] = []
    given = {} if arguments is None else arguments
    made = _structure(shape, given, "", wrong) if shape is not None else {}
    if wrong:
        raise BadArguments(wrong)
    return dict(made)


def named(member: str) -> str:
    """A member's name as a state sees it."""
    return member[:1].upper() + member[1:]


def _value(shape: Shape, value: Json, name: str, wrong: list[str]) -> Any:
    if getattr(shape, "is_document_type", False):
        return value
    match shape.type_name, value:
        case "structure", dict():
            return _structure(shape, value, name, wrong)
        case "map", dict():
            return {key: _value(shape.value, each, key, wrong) for key, each in value.items()}
        case "list", list():
            return [_value(shape.member, each, name, wrong) for each in value]
        case "blob", _:
            return value.encode() if isinstance(value, str) else encode(value)
        case "string", dict() | list() if shape.name in DOCUMENTS:
            return encode(value).decode()
        case "integer" | "long", float() if value.is_integer():
            return int(value)
        case (kind, _) if isinstance(value, bool) == (kind == "boolean") and isinstance(value, _TYPES.get(kind, ())):
            return value
        case kind, _:
            wrong.append(f"The value for the field '{name}' must be {_CALLED.get(kind, 'another')}")
            return None


def _structure(shape: Shape, value: Json, name: str, wrong: list[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        wrong.append(f"The value for the field '{name}' must be a MAP" if name else "The Parameters must be an object")
        return {}
    members = {named(member): member for member in shape.members}
    wrong += _unknown(members, value)
    missing = (named(member) for member in shape.required_members if named(member) not in value)
    wrong += [f"The field '{each}' is required but was missing" for each in missing]
    known = {each: given for each, given in value.items() if each in members and given is not None}
    return {members[each]: _value(shape.members[members[each]], given, each, wrong) for each, given in known.items()}


def _unknown(members: dict[str, str], value: dict[str, Json]) -> Iterator[str]:
    return (f"The field '{each}' is not supported by Step Functions" for each in value if each not in members)


_WHOLE, _NUMBER = (int,), (int, float)
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "character": (str,),
    "boolean": (bool,),
    "integer": _WHOLE,
    "long": _WHOLE,
    "float": _NUMBER,
    "double": _NUMBER,
    "timestamp": (str, *_NUMBER),
}
_CALLED = {
    "structure": "a MAP",
    "map": "a MAP",
    "list": "a LIST",
    "string": "a STRING",
    "character": "a STRING",
    "boolean": "a BOOLEAN",
    "integer": "a NUMBER",
    "long": "a NUMBER",
    "float": "a NUMBER",
    "double": "a NUMBER",
    "timestamp": "a TIMESTAMP",
}
