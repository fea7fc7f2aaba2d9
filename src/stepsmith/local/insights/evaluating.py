"""What an expression is for one row. A field that a row lacks is None: equal to nothing, different from everything."""

import operator
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import assert_never

from .functions import FUNCTIONS, Maybe, number, order, text
from .query import Expression, Field, Function, Literal, Operation, Pattern, Period, Within

Row = Mapping[str, Maybe]


def value(expression: Expression, row: Row) -> Maybe:
    """A text, a number, None; truth is 1 or 0."""
    match expression:
        case Literal(found):
            return found
        case Field(name):
            return row.get(name)
        case Period(ms):
            return ms
        case Pattern(regex):
            return regex
        case Function():
            return _called(expression, row)
        case Within(inner, choices):
            return int(any(_equal(value(inner, row), value(each, row)) for each in choices))
        case Operation():
            return _operated(expression, row)
        case _:
            assert_never(expression)


def is_true(expression: Expression, row: Row) -> bool:
    found = value(expression, row)
    return bool(found) and found != "0"


def _called(call: Function, row: Row) -> Maybe:
    if call.text in row:  # the column of a `stats` before
        return row[call.text]
    arguments = [value(each, row) for each in call.arguments]
    if call.name == "bin":
        arguments.append(row.get("@timestamp"))
    try:
        return FUNCTIONS[call.name](*arguments)
    except (KeyError, TypeError, ValueError):  # an aggregation out of place, or a wrong count of arguments
        return None


def _operated(operation: Operation, row: Row) -> Maybe:
    match operation.operator, operation.operands:
        case "or", (left, right):
            return int(is_true(left, row) or is_true(right, row))
        case "and", (left, right):
            return int(is_true(left, row) and is_true(right, row))
        case "not", (inner,):
            return int(not is_true(inner, row))
        case "like", (left, right):
            return int(_is_like(value(left, row), right, row))
        case "-", (inner,):
            found = number(value(inner, row))
            return None if found is None else -found
        case symbol, (left, right):
            return _BINARY[symbol](value(left, row), value(right, row))
        case other:
            raise AssertionError(f"the parser makes no {other!r}")


def _is_like(given: Maybe, wanted: Expression, row: Row) -> bool:
    if given is None:
        return False
    if isinstance(wanted, Pattern):
        return _compiled(wanted.regex).search(text(given)) is not None
    return text(value(wanted, row)) in text(given)


@cache
def _compiled(regex: str) -> re.Pattern[str]:
    return re.compile(regex)


def _equal(left: Maybe, right: Maybe) -> bool:
    return left is not None and right is not None and order(left) == order(right)


Order = tuple[int, float, str]


def _compared(test: Callable[[Order, Order], bool]) -> Callable[[Maybe, Maybe], Maybe]:
    return lambda left, right: int(left is not None and right is not None and test(order(left), order(right)))


def _computed(compute: Callable[[float, float], float]) -> Callable[[Maybe, Maybe], Maybe]:
    def of(left: Maybe, right: Maybe) -> Maybe:
        one, other = number(left), number(right)
        try:
            return None if one is None or other is None else compute(one, other)
        except (ArithmeticError, ValueError):
            return None

    return of


_BINARY: Mapping[str, Callable[[Maybe, Maybe], Maybe]] = {
    "=": lambda left, right: int(_equal(left, right)),
    "!=": lambda left, right: int(not _equal(left, right)),
    "<": _compared(operator.lt),
    "<=": _compared(operator.le),
    ">": _compared(operator.gt),
    ">=": _compared(operator.ge),
    "+": _computed(operator.add),
    "-": _computed(operator.sub),
    "*": _computed(operator.mul),
    "/": _computed(operator.truediv),
    "%": _computed(operator.mod),
    "^": _computed(operator.pow),
}
