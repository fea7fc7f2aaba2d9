"""The functions of the language, each a row of a table: over values of one event, or over those of a group.

A value is a text, a number, or None where an event has no such field. What a function cannot use gives None.
"""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence

Value = str | float
Maybe = Value | None


def number(value: Maybe) -> float | None:
    """The number that a value is or spells."""
    try:
        return None if value is None else float(value)
    except ValueError:
        return None


def text(value: Maybe) -> str:
    """A value as results show it: a whole number without a point."""
    match value:
        case None:
            return ""
        case float() if value.is_integer() and abs(value) < 1e15:
            return str(int(value))
        case _:
            return str(value)


def _numeric(function: Callable[..., float]) -> Callable[..., Maybe]:
    def of(*values: Maybe) -> Maybe:
        numbers = [number(value) for value in values]
        try:
            return None if None in numbers else function(*numbers)
        except (ArithmeticError, ValueError):
            return None

    return of


def _textual(function: Callable[..., Value]) -> Callable[..., Maybe]:
    return lambda *values: None if None in values else function(*map(text, values))


def _floor(time: Maybe, period: Maybe) -> Maybe:
    return _numeric(lambda ms, width: ms // width * width)(time, period)


def _ceiling(time: Maybe, period: Maybe) -> Maybe:
    return _numeric(lambda ms, width: -(-ms // width) * width)(time, period)


def _substring(value: str, start: str, length: str | None = None) -> str:
    begin = int(float(start))
    return value[begin:] if length is None else value[begin : begin + int(float(length))]


FUNCTIONS: Mapping[str, Callable[..., Maybe]] = {
    "abs": _numeric(abs),
    "ceil": _numeric(math.ceil),
    "floor": _numeric(math.floor),
    "greatest": _numeric(max),
    "least": _numeric(min),
    "log": _numeric(math.log),
    "sqrt": _numeric(math.sqrt),
    "bin": lambda period, time=None: _floor(time, period),
    "datefloor": _floor,
    "dateceil": _ceiling,
    "frommillis": lambda time: number(time),
    "tomillis": lambda time: number(time),
    "coalesce": lambda *values: next((value for value in values if value is not None), None),
    "ispresent": lambda value: int(value is not None),
    "isempty": lambda value: int(value is None or value == ""),
    "isblank": lambda value: int(not text(value).strip()),
    "concat": lambda *values: "".join(map(text, values)),
    "ltrim": _textual(lambda value, *letters: value.lstrip(*letters)),
    "rtrim": _textual(lambda value, *letters: value.rstrip(*letters)),
    "trim": _textual(lambda value, *letters: value.strip(*letters)),
    "replace": _textual(lambda value, old, new: value.replace(old, new)),
    "strcontains": _textual(lambda value, part: int(part in value)),
    "strlen": _textual(len),
    "substr": _textual(_substring),
    "tolower": _textual(str.lower),
    "toupper": _textual(str.upper),
}
"""`bin(5m)` is of the event's @timestamp, which its caller adds."""


def _numbers(values: Sequence[Maybe]) -> list[float]:
    return [found for value in values if (found := number(value)) is not None]


def _of_numbers(function: Callable[[list[float]], float]) -> Callable[[Sequence[Maybe]], Maybe]:
    return lambda values: function(found) if (found := _numbers(values)) else None


def _texts(values: Sequence[Maybe]) -> list[Value]:
    return [value for value in values if value is not None]


def percentile(values: Sequence[Maybe], percent: float) -> Maybe:
    """The value at this percentage of the sorted ones, between two of them in proportion."""
    found = sorted(_numbers(values))
    if not found:
        return None
    at = (len(found) - 1) * min(max(percent, 0.0), 100.0) / 100
    low, part = int(at), at - int(at)
    return found[low] if not part else found[low] + (found[low + 1] - found[low]) * part


AGGREGATIONS: Mapping[str, Callable[[Sequence[Maybe]], Maybe]] = {
    "avg": _of_numbers(statistics.fmean),
    "count": lambda values: len(_texts(values)),
    "count_distinct": lambda values: len(set(_texts(values))),
    "earliest": lambda values: next(iter(values), None),
    "latest": lambda values: values[-1] if values else None,
    "max": lambda values: max(_texts(values), key=order, default=None),
    "min": lambda values: min(_texts(values), key=order, default=None),
    "pct": lambda values: percentile(values, 50),
    "sortsfirst": lambda values: min(_texts(values), key=order, default=None),
    "sortslast": lambda values: max(_texts(values), key=order, default=None),
    "stddev": _of_numbers(lambda values: statistics.stdev(values) if len(values) > 1 else 0.0),
    "sum": _of_numbers(math.fsum),
}
"""Over a group's values in the order of their events' times. `pct` is given its percentage by its caller."""


def order(value: Maybe) -> tuple[int, float, str]:
    """What values are sorted by: nothing, then numbers, then texts."""
    found = number(value)
    if value is None:
        return 0, 0.0, ""
    return (1, found, "") if found is not None else (2, 0.0, text(value))
