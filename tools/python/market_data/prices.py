"""What Yahoo's chart endpoint answers, as values: bars, oldest first.

A chart is parallel lists: ``timestamp``, ``indicators.quote[0].open`` and so on, with null for a gap, and
``indicators.adjclose[0].adjclose`` for bars of a day and longer: the close as dividends and splits leave it comparable.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Self

INTRADAY = ("m", "h")
GRACE = timedelta(hours=1)
"""Yahoo tells the exchange's offset of now; half of the year a day begins an hour before or after that midnight."""


@dataclass(frozen=True)
class Bar:
    """One day (or another interval). `when` is a date, or an instant with its offset; None is an unknown price."""

    when: str
    open: float | None
    high: float | None
    low: float | None
    close: float | None
    adjusted: float | None
    volume: int | None


@dataclass(frozen=True)
class Chart:
    """A ticker's bars; `name`, `currency` and `exchange` are empty where Yahoo does not tell them."""

    ticker: str
    name: str
    currency: str
    exchange: str
    bars: tuple[Bar, ...]

    @classmethod
    def from_json(cls, result: Mapping[str, Any]) -> Self:
        """Raises KeyError, TypeError or IndexError for another shape, and ValueError where there is no bar."""
        meta, indicators, stamps = result["meta"], result["indicators"], result.get("timestamp") or []
        if not stamps:
            raise ValueError("The chart is empty.")
        quote = indicators["quote"][0]
        columns = [quote[name] for name in ("open", "high", "low", "close")]
        adjusted = (indicators.get("adjclose") or [{"adjclose": quote["close"]}])[0]["adjclose"]
        bars = zip(_whens(meta, stamps), *map(_prices, [*columns, adjusted]), quote["volume"], strict=True)
        return cls(
            str(meta["symbol"]),
            str(meta.get("longName") or meta.get("shortName") or ""),
            str(meta.get("currency") or ""),
            str(meta.get("fullExchangeName") or meta.get("exchangeName") or ""),
            tuple(Bar(*bar) for bar in bars),
        )


def _whens(meta: Mapping[str, Any], stamps: Sequence[int]) -> list[str]:
    offset = timedelta(seconds=meta.get("gmtoffset", 0))
    if str(meta.get("dataGranularity", "1d")).endswith(INTRADAY):
        zone = timezone(offset)
        return [datetime.fromtimestamp(stamp, zone).isoformat() for stamp in stamps]
    return [(datetime.fromtimestamp(stamp, UTC) + offset + GRACE).date().isoformat() for stamp in stamps]


def _prices(values: Sequence[float | None]) -> list[float | None]:
    return [value if value is not None and math.isfinite(value) else None for value in values]
