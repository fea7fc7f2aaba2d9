"""JSON values: their type, their size in bytes, their text.

Values are treated as immutable: input, variables, results and history share them by reference, nobody changes one.
Sizes are counted in bytes of compact UTF-8 JSON, as AWS counts its 262,144. Measuring is also the check that a value
is JSON at all: a JSONata function is not.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import orjson

Json = Any  # any JSON value; recursive aliases cost every caller a cast and buy little here

MAX_BYTES = 262_144
"""The bound on a state's input, output, arguments and each variable (AWS, service quotas)."""


class NotJson(ValueError):
    """A value that JSON cannot carry: a function, a regular expression, a number that is none."""


def encode(value: Json) -> bytes:
    """Compact UTF-8 JSON; raises NotJson."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return _encode_slowly(value)


def size(value: Json) -> int:
    """Bytes of the value as compact UTF-8 JSON; raises NotJson, for a number that is not finite too."""
    encoded = encode(value)
    if b"null" in encoded:  # what orjson makes of a number that is not finite
        _refuse_infinity(value)
    return len(encoded)


def _refuse_infinity(value: Json) -> None:
    waiting = [[value]]
    while waiting:
        for each in waiting.pop():
            kind = type(each)
            if kind is dict:
                waiting.append(each.values())
            elif kind is list:
                waiting.append(each)
            elif kind is float and not math.isfinite(each):
                raise NotJson(f"Number out of range: {json.dumps(each)}")


def shown(value: Json) -> str:
    """A value as messages show it: JSON, cut short; the same at every replay."""
    try:
        return text(value)[:80]
    except NotJson:
        return f"no JSON ({type(value).__name__})"


def text(value: Json) -> str:
    """Compact JSON as text, what history and APIs carry."""
    return encode(value).decode()


@lru_cache(maxsize=64)
def timestamp(ms: int) -> str:
    """Milliseconds since 1970 as the context object has times: 2025-01-31T12:00:00.250Z, and 2025-01-31T12:00:00Z.

    "When a timestamp has zero fractional seconds, Step Functions removes the trailing zeros" (Developer Guide, "Context
    object fields").
    """
    moment = datetime.fromtimestamp(ms // 1000, UTC)
    fraction = f".{ms % 1000:03d}" if ms % 1000 else ""
    return f"{moment.isoformat()[:19]}{fraction}Z"


def _encode_slowly(value: Json) -> bytes:
    """For what orjson refuses but JSON has: integers over 64 bits, deep nesting, lone surrogates."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8", "replace")
    except (TypeError, ValueError, RecursionError) as error:
        raise NotJson(str(error)) from error
