"""JSON to frozen values and back, and to JSON Schema: three walks over the same type hints.

A contract is a frozen dataclass that derives from `Contract`. Its fields have these types, and no others:

    str int float bool        JSON's own (an integral number like 2.0 is an int)
    Any                       any JSON value
    Literal["a", "b"]         one of these words
    Mapping[str, T]           an object
    tuple[T, ...]             an array
    A | B                     contracts told apart by their field ``type: Literal[...]``
    T | None = None           optional: absent, never null, in JSON
    T | None                  required, and null is an answer of its own (an unknown price)
    Annotated[T, AtLeast(1)]  a number with a lower bound: `Positive`, `Count`, `Amount`

`Strict` classes refuse unknown fields, the others pass over them, so that a newer writer can talk to an older reader.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from .errors import ContractError


class Contract:
    """A frozen dataclass that JSON can be parsed into and made from."""

    @classmethod
    def from_json(cls, value: Any, at: str = "") -> Self:
        """Parses decoded JSON; `at` is the path that errors begin with. Raises `ContractError`."""
        return typing.cast(Self, decode(cls, value, at))

    def to_json(self) -> dict[str, Any]:
        """The value as JSON-ready dicts and lists; absent fields are left out."""
        return typing.cast(dict[str, Any], encode(self))


class Strict(Contract):
    """A contract that people write by hand: a field it does not know is an error, not a newer version."""


@dataclasses.dataclass(frozen=True)
class AtLeast:
    """A number's lower bound."""

    minimum: float


Positive = Annotated[int, AtLeast(1)]
Count = Annotated[int, AtLeast(0)]
Amount = Annotated[float, AtLeast(0)]


@dataclasses.dataclass(frozen=True)
class Field:
    """One field of a contract; its `type` without ``| None`` and without its bound."""

    name: str
    type: Any
    required: bool
    nullable: bool
    minimum: float | None


@functools.cache
def fields(contract: Any) -> tuple[Field, ...]:
    """The fields of a contract in the order of writing."""
    hints = typing.get_type_hints(contract, include_extras=True)
    return tuple(_field(field, hints[field.name]) for field in dataclasses.fields(contract))


def _field(field: dataclasses.Field[Any], hint: Any) -> Field:
    inner = _without_none(hint)
    bound = inner.__metadata__[0].minimum if hasattr(inner, "__metadata__") else None
    required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    return Field(
        field.name, inner.__origin__ if bound is not None else inner, required, required and inner is not hint, bound
    )


def _without_none(hint: Any) -> Any:
    rest = tuple(member for member in members(hint) if member is not type(None))
    if not rest:
        return hint
    return rest[0] if len(rest) == 1 else typing.Union[rest]  # noqa: UP007 (built from a tuple)


def members(hint: Any) -> tuple[Any, ...]:
    """The members of a union; none for any other type."""
    is_union = isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union
    return tuple(typing.get_args(hint)) if is_union else ()


@functools.cache
def tag(contract: Any) -> str:
    """The word in ``type`` that tells a contract from the others of its union."""
    return str(next(field for field in fields(contract) if field.name == "type").type.__args__[0])


# Decoding


def decode(hint: Any, value: Any, at: str) -> Any:
    """`value` as the type `hint`; raises `ContractError` with the path of what does not fit."""
    if hint is Any:
        return value
    if dataclasses.is_dataclass(hint):
        return _decode_contract(hint, value, at)
    if union := members(hint):
        return _decode_union(union, value, at)
    origin = typing.get_origin(hint)
    if origin is Literal:
        return _decode_word(typing.get_args(hint), value, at)
    if origin is tuple:
        return _decode_array(typing.get_args(hint)[0], value, at)
    if origin is Mapping:
        return _decode_object(typing.get_args(hint)[1], value, at)
    return _decode_scalar(hint, value, at)


def _decode_contract(contract: Any, value: Any, at: str) -> Any:
    if not isinstance(value, Mapping):
        raise ContractError(at, f"an object is needed, not {shown(value)}")
    known = fields(contract)
    if issubclass(contract, Strict):
        _refuse_unknown(value, {field.name for field in known}, at)
    given = {field.name: _decode_field(field, value, at) for field in known if field.name in value}
    for field in known:
        if field.required and field.name not in value:
            raise ContractError(_join(at, field.name), "it is missing")
    return contract(**{name: each for name, each in given.items() if name != "type"})


def _decode_field(field: Field, value: Mapping[str, Any], at: str) -> Any:
    item, path = value[field.name], _join(at, field.name)
    if item is None and field.nullable:
        return None
    decoded = decode(field.type, item, path)
    if field.minimum is not None and decoded < field.minimum:
        raise ContractError(path, f"at least {field.minimum} is needed, not {shown(item)}")
    return decoded


def _refuse_unknown(value: Mapping[str, Any], known: set[str], at: str) -> None:
    for name in value:
        if name not in known:
            raise ContractError(_join(at, str(name)), f"no such field; there are {', '.join(sorted(known))}")


def _decode_union(union: tuple[Any, ...], value: Any, at: str) -> Any:
    by_tag = {tag(member): member for member in union}
    if not isinstance(value, Mapping):
        raise ContractError(at, f"an object is needed, not {shown(value)}")
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in by_tag:
        raise ContractError(_join(at, "type"), f"one of {', '.join(by_tag)} is needed, not {shown(kind)}")
    return _decode_contract(by_tag[kind], value, at)


def _decode_word(words: tuple[str, ...], value: Any, at: str) -> str:
    if isinstance(value, str) and value in words:
        return value
    raise ContractError(at, f"one of {', '.join(words)} is needed, not {shown(value)}")


def _decode_array(item: Any, value: Any, at: str) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple):
        raise ContractError(at, f"an array is needed, not {shown(value)}")
    return tuple(decode(item, each, f"{at}[{index}]") for index, each in enumerate(value))


def _decode_object(item: Any, value: Any, at: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise ContractError(at, f"an object is needed, not {shown(value)}")
    return {str(name): decode(item, each, _join(at, str(name))) for name, each in value.items()}


_SCALARS: dict[Any, tuple[str, Any]] = {
    str: ("a string", lambda value: value if isinstance(value, str) else None),
    bool: ("true or false", lambda value: value if isinstance(value, bool) else None),
    int: ("an integer", lambda value: int(value) if _is_number(value) and value == int(value) else None),
    float: ("a number", lambda value: value if _is_number(value) else None),
}


def _decode_scalar(hint: Any, value: Any, at: str) -> Any:
    needed, parse = _SCALARS[hint]
    if (parsed := parse(value)) is None:
        raise ContractError(at, f"{needed} is needed, not {shown(value)}")
    return parsed


def _is_number(value: Any) -> bool:
    finite = isinstance(value, int) or (isinstance(value, float) and value - value == 0)
    return finite and not isinstance(value, bool)


def _join(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name


def shown(value: Any) -> str:
    """A value in an error message, short."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


# Encoding


def encode(value: Any) -> Any:
    """A contract as JSON-ready dicts, lists and scalars."""
    if isinstance(value, Contract):
        return _encode_contract(value)
    if isinstance(value, Mapping):
        return {name: encode(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [encode(each) for each in value]
    return value


def _encode_contract(value: Contract) -> dict[str, Any]:
    contract: Any = type(value)
    pairs = ((field, getattr(value, field.name)) for field in fields(contract))
    return {field.name: encode(each) for field, each in pairs if each is not None or field.required}
