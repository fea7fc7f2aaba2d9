"""Bounds that jsonata2py does not keep itself, put in place of names that translated code calls.

Its deadline is asked between the calls of a loop, so what runs long inside one call needs a bound of its own: a
regular expression that backtracks, a `$pad` to a gigabyte, a range of ten million. A result larger than a field may
be is useless to Step Functions anyway.

`$replace` of a pattern by plain text is done here in one pass: the agent loop counts bytes by it, on every result.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonata2py.errors import JsonataEvaluationError
from jsonata2py.runtime import core
from jsonata2py.runtime.strings import regex_ops
from jsonata2py.runtime.values import MISSING, JRegex, is_number

MAX_CHARACTERS = 16 * 1024 * 1024
MAX_RANGE = 1_000_000
MAX_REGEX_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class BoundedPattern:
    """A compiled pattern that gives up: jsonata2py searches and does nothing else with it."""

    pattern: Any

    def search(self, text: str, position: int = 0) -> Any:
        try:
            return self.pattern.search(text, position, timeout=MAX_REGEX_SECONDS)
        except TimeoutError as error:
            raise JsonataEvaluationError("U1001", "The regular expression takes too long") from error

    def replaced(self, text: str, replacement: str) -> str:
        """All matches replaced by plain text; EmptyMatch where JSONata would have to decide."""

        def replace(match: Any) -> str:
            if match.start() == match.end():
                raise EmptyMatch
            return replacement

        try:
            return str(self.pattern.sub(replace, text, timeout=MAX_REGEX_SECONDS))
        except TimeoutError as error:
            raise JsonataEvaluationError("U1001", "The regular expression takes too long") from error


class EmptyMatch(Exception):
    """A pattern matched nothing at all somewhere."""


@lru_cache(maxsize=1024)
def regex_value(pattern: str, flags: str) -> JRegex:
    """A regular expression literal."""
    return JRegex(pattern, flags, BoundedPattern(regex_ops.regex_value(pattern, flags).compiled))


def fn_replace(text: Any, pattern: Any, replacement: Any, limit: Any = MISSING) -> Any:
    """$replace."""
    plain = isinstance(text, str) and isinstance(replacement, str) and "$" not in replacement
    if plain and isinstance(pattern, JRegex) and limit is MISSING:
        try:
            return pattern.compiled.replaced(text, replacement)
        except EmptyMatch:
            pass
    return core.fn_replace(text, pattern, replacement, limit)


def fn_pad(text: Any, width: Any, *fill: Any) -> Any:
    """$pad."""
    if is_number(width) and abs(width) > MAX_CHARACTERS:
        raise JsonataEvaluationError("U1001", f"$pad: more than {MAX_CHARACTERS} characters")
    return core.fn_pad(text, width, *fill)


def range_(first: Any, last: Any) -> Any:
    """[first..last]."""
    if is_number(first) and is_number(last) and last - first >= MAX_RANGE:
        raise JsonataEvaluationError("D2014", f"The range expression generates more than {MAX_RANGE} values")
    return core.range_(first, last)


GUARDED: dict[str, Callable[..., Any]] = {
    "fn_pad": fn_pad,
    "fn_replace": fn_replace,
    "range_": range_,
    "regex_value": regex_value,
}
"""By the name that translated code calls."""
