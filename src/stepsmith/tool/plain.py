"""Any value that a database or a library gives, as JSON that loses nothing it need not lose.

date, time, datetime      ISO 8601 text
Decimal, int              a number where a double holds it exactly, otherwise its digits as text
nan, inf                  "NaN", "Infinity", "-Infinity" (as PostgreSQL's to_json does): JSON has no such number
bytes                     "0x" and hexadecimal digits
UUID, Enum, timedelta     their text
str                       without lone surrogates, which UTF-8 cannot hold
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from datetime import date, time
from decimal import Decimal
from typing import Any

EXACT = 2**53
"""The integers up to here are exact in a double, and so in every reader of JSON (RFC 8259, section 6)."""


def plain(value: Any) -> Any:
    """`value` in the types of JSON; strings and keys are valid Unicode."""
    match value:
        case None | bool():
            return value
        case str():
            return unicode(value)
        case int():
            return int(value) if -EXACT <= value <= EXACT else str(int(value))
        case float():
            return _float(value)
        case Decimal():
            return _decimal(value)
        case bytes() | bytearray() | memoryview():
            return f"0x{value.hex()}"
        case date() | time():
            return value.isoformat()
        case Mapping():
            return {unicode(str(key)): plain(each) for key, each in value.items()}
        case Iterable():
            return [plain(each) for each in value]
        case _:
            return unicode(str(value))


def to_json(value: Any) -> str:
    """`value` as compact JSON text, readable in every script (no \\u escapes)."""
    return json.dumps(plain(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def unicode(text: str) -> str:
    """`text` with surrogate pairs joined and lone ones replaced."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _float(value: float) -> float | str:
    if math.isfinite(value):
        return float(value)
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _decimal(value: Decimal) -> Any:
    if not value.is_finite():
        return _float(float(value)) if not value.is_snan() else "NaN"
    if value == value.to_integral_value() and value.as_tuple().exponent == 0:
        return plain(int(value))
    return float(value) if Decimal(repr(float(value))) == value else str(value)
