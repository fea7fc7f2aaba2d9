"""Bounds that jsonata2py does not keep itself, put in place of three names that translated code calls.

Its deadline is asked between the calls of a loop, so what runs long inside one call needs a bound of its own: a
regular expression that backtracks, a `$pad` to a gigabyte, a range of ten million. A result larger than a field may
be is useless to Step Functions anyway.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonata2py.errors import JsonataEvaluationError
from jsonata2py.runtime import core
from jsonata2py.runtime.strings import regex_ops
from jsonata2py.runtime.values import JRegex, is_number

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


@lru_cache(maxsize=1024)
def regex_value(pattern: str, flags: str) -> JRegex:
    """A regular expression literal."""
    return JRegex(pattern, flags, BoundedPattern(regex_ops.regex_value(pattern, flags).compiled))


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


GUARDED: dict[str, Callable[..., Any]] = {"fn_pad": fn_pad, "range_": range_, "regex_value": regex_value}
"""By the name that translated code calls."""
