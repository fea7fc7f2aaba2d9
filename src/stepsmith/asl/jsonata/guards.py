"""Bounds that jsonata2py does not keep itself, put in place of names that translated code calls.

Its deadline is asked between the calls of a loop, so what runs long inside one call needs a bound of its own: a
regular expression that backtracks, a `$pad` to a gigabyte, a range of ten million, a text or an array that a function
doubles at every call. A result larger than a field may be is useless to Step Functions anyway.

`$replace` of a pattern by plain text is done here in one pass: the agent loop counts bytes by it, on every result.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, wraps
from typing import Any

from jsonata2py.errors import JsonataEvaluationError
from jsonata2py.runtime import core
from jsonata2py.runtime.strings import regex_ops
from jsonata2py.runtime.values import MISSING, JRegex, is_number

from .evaluator import MEMORY, TIMEOUT, EvaluationFailure

MAX_CHARACTERS = 16 * 1024 * 1024
MAX_ITEMS = 1_000_000
MAX_REGEX_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class BoundedPattern:
    """A compiled pattern that gives up: jsonata2py searches and does nothing else with it."""

    pattern: Any

    def search(self, text: str, position: int = 0) -> Any:
        try:
            return self.pattern.search(text, position, timeout=MAX_REGEX_SECONDS)
        except TimeoutError as error:
            raise JsonataEvaluationError("U1001", TIMEOUT) from error

    def replaced(self, text: str, replacement: str) -> str:
        """All matches replaced by plain text; EmptyMatch where JSONata would have to decide."""
        left = MAX_CHARACTERS

        def replace(match: Any) -> str:
            nonlocal left
            left -= len(replacement)
            if match.start() == match.end():
                raise EmptyMatch
            if left < 0:
                raise _too_large()
            return replacement

        try:
            return str(self.pattern.sub(replace, text, timeout=MAX_REGEX_SECONDS))
        except TimeoutError as error:
            raise JsonataEvaluationError("U1001", TIMEOUT) from error


class EmptyMatch(Exception):
    """A pattern matched nothing at all somewhere."""


@lru_cache(maxsize=1024)
def regex_value(pattern: str, flags: str) -> JRegex:
    """A regular expression literal."""
    return JRegex(pattern, flags, BoundedPattern(regex_ops.regex_value(pattern, flags).compiled))


def fn_replace(text: Any, pattern: Any, replacement: Any, limit: Any = MISSING) -> Any:
    """$replace."""
    texts = isinstance(text, str) and isinstance(replacement, str)
    if texts and isinstance(pattern, JRegex) and limit is MISSING and "$" not in replacement:
        try:
            return pattern.compiled.replaced(text, replacement)
        except EmptyMatch:
            pass
    if texts and len(text) * len(replacement) > MAX_CHARACTERS:
        matches = text.count(pattern) if isinstance(pattern, str) and pattern else len(text)
        if matches * len(replacement) > MAX_CHARACTERS:
            raise _too_large()
    return core.fn_replace(text, pattern, replacement, limit)


def fn_pad(text: Any, width: Any, *fill: Any) -> Any:
    """$pad."""
    if is_number(width) and abs(width) > MAX_CHARACTERS:
        raise _too_large()
    return core.fn_pad(text, width, *fill)


def range_(first: Any, last: Any) -> Any:
    """[first..last]."""
    if is_number(first) and is_number(last) and last - first >= MAX_ITEMS:
        raise JsonataEvaluationError("D2014", _RANGE.format(int(last - first) + 1))
    return core.range_(first, last)


_RANGE = "The size of the sequence allocated by the range operator (..) must not exceed 1e6.  Attempted to allocate {}."


def finite(function: Callable[..., Any]) -> Callable[..., Any]:
    """Arithmetic whose result JSON can carry; jsonata2py lets infinity pass."""

    @wraps(function)
    def call(*arguments: Any) -> Any:
        value = function(*arguments)
        if value.__class__ is float and math.isinf(value):
            raise JsonataEvaluationError("D1001", f"Number out of range: {'-' if value < 0 else ''}Infinity")
        return value

    return call


def bounded(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function whose result is at most twice a bound: whoever doubles it again is stopped."""

    @wraps(function)
    def call(*arguments: Any) -> Any:
        value = function(*arguments)
        if isinstance(value, list):
            if len(value) > MAX_ITEMS:
                raise _too_large()
        elif isinstance(value, str) and len(value) > MAX_CHARACTERS:
            raise _too_large()
        return value

    return call


def check_size(value: Any) -> None:
    """Refuses a value of more than MAX_ITEMS parts, counted as often as they would be written."""
    left = MAX_ITEMS
    waiting = [value] if isinstance(value, dict | list) else []
    while waiting:
        each = waiting.pop()
        inner = each.values() if isinstance(each, dict) else each
        left -= len(inner)
        if left < 0:
            raise EvaluationFailure(f"U1001: {MEMORY}")
        waiting += [part for part in inner if part.__class__ is dict or part.__class__ is list]


def _too_large() -> JsonataEvaluationError:
    return JsonataEvaluationError("U1001", MEMORY)


GUARDED: dict[str, Callable[..., Any]] = {
    "array_of": bounded(core.array_of),
    "concat": bounded(core.concat),
    "fn_append": bounded(core.fn_append),
    "fn_join": bounded(core.fn_join),
    "fn_pad": fn_pad,
    "fn_replace": fn_replace,
    "fn_sum": finite(core.fn_sum),
    "num_wrap": finite(core.num_wrap),
    "range_": range_,
    "regex_value": regex_value,
}
"""By the name that translated code calls."""
