"""Prices of several tickers side by side: one row a ticker, one column a trading day, oldest first, as CSV.

AAPL,4.186663,3.919675,...        the form that the tools in Rust and Java read: no header,
FB,,,38.2318,...                  an empty cell for a day on which a ticker has no price
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .prices import Chart


@dataclass(frozen=True)
class Table:
    """`rows` has one value, or a gap, for each of `days` (ISO dates)."""

    days: tuple[str, ...]
    rows: Mapping[str, tuple[float | None, ...]]

    def to_csv(self) -> bytes:
        lines = (",".join([ticker, *map(_cell, values)]) for ticker, values in self.rows.items())
        return "".join(f"{line}\n" for line in lines).encode()


def aligned(charts: Mapping[str, Chart], days: int) -> Table:
    """The adjusted closes of the last `days` days on which any ticker has one."""
    closes = {ticker: _closes(chart) for ticker, chart in charts.items()}
    calendar = sorted({day for known in closes.values() for day in known})[-days:]
    return Table(tuple(calendar), {ticker: tuple(map(known.get, calendar)) for ticker, known in closes.items()})


def range_of(days: int) -> str:
    """The shortest of Yahoo's ranges with at least so many trading days."""
    return next((name for name, least in _RANGES if days <= least), "max")


_RANGES: Sequence[tuple[str, int]] = (
    ("5d", 4), ("1mo", 18), ("3mo", 58), ("6mo", 118), ("1y", 245), ("2y", 495), ("5y", 1245), ("10y", 2495),
)  # fmt: skip


def _closes(chart: Chart) -> dict[str, float]:
    """The last one counts, where Yahoo tells a running day twice."""
    return {bar.when: bar.adjusted for bar in chart.bars if bar.adjusted is not None}


def _cell(value: float | None) -> str:
    return "" if value is None else repr(float(value))
