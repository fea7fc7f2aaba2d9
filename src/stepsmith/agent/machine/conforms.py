"""Whether a value fits a contract, as JSONata: one more walk over the type hints of `stepsmith.contracts`.

    conforms(Message, "$m")     # ($type($m) = 'object' ? ($type($m.role) = 'string' ? $m.role in [..] : false) and ..

The tests are total: they give true or false for any JSON, and for undefined. Each step into a value is guarded by a
conditional, never by `and`, whose right side JSONata may evaluate all the same.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal

from stepsmith.contracts.codec import Field, fields, members, tag

from .expressions import either


def conforms(hint: Any, value: str, depth: int = 0) -> str:
    """A test of the fragment `value`; `hint` is a type that a contract's field may have."""
    if hint is Any:
        return f"$exists({value})"
    if dataclasses.is_dataclass(hint):
        return _object(hint, value, depth)
    if union := members(hint):
        return _union(union, value, depth)
    origin = typing.get_origin(hint)
    if origin is Literal:
        return f"($type({value}) = 'string' ? {value} in {either(typing.get_args(hint))} : false)"
    if origin is tuple:
        return _array(typing.get_args(hint)[0], value, depth)
    if origin is Mapping:
        return f"$type({value}) = 'object'"
    return _SCALARS[hint](value)


def field_conforms(field: Field, value: str, depth: int = 0) -> str:
    """A test of one field of a contract, absence and lower bound included."""
    test = conforms(field.type, value, depth)
    if field.minimum is not None:
        test = f"({test} ? {value} >= {field.minimum} : false)"
    if field.nullable:
        test = f"({value} = null ? true : {test})"
    return test if field.required else f"($exists({value}) ? {test} : true)"


def _object(contract: Any, value: str, depth: int) -> str:
    return f"($type({value}) = 'object' ? {_all(fields(contract), value, depth)} : false)"


def _all(known: Iterable[Field], value: str, depth: int) -> str:
    return " and ".join(field_conforms(field, f"{value}.{field.name}", depth) for field in known)


def _union(union: tuple[Any, ...], value: str, depth: int) -> str:
    cases = " : ".join(_case(member, value, depth) for member in union)
    return f"($type({value}) = 'object' ? ({cases} : false) : false)"


def _case(member: Any, value: str, depth: int) -> str:
    others = [field for field in fields(member) if field.name != "type"]
    return f"{value}.type = '{tag(member)}' ? {_all(others, value, depth)}"


def _array(item: Any, value: str, depth: int) -> str:
    """Not by $filter: of wrong items that are empty arrays it makes nothing."""
    each = f"$i{depth}"
    tested = f"$map({value}, function({each}) {{{conforms(item, each, depth + 1)}}})"
    return f"($type({value}) = 'array' ? $not(false in {tested}) : false)"


_SCALARS: Mapping[Any, Callable[[str], str]] = {
    str: lambda value: f"$type({value}) = 'string'",
    bool: lambda value: f"$type({value}) = 'boolean'",
    int: lambda value: f"($type({value}) = 'number' ? {value} = $floor({value}) : false)",
    float: lambda value: f"$type({value}) = 'number'",
}
