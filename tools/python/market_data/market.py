"""The six tools: from a call to an answer. Everything that a model can repair becomes a `ToolError`."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

from stepsmith.tool import Call, File, Parts, Rows, ToolError

from .prices import Bar, Chart
from .table import Table, aligned, range_of
from .yahoo import BASE_URL, COOKIE_URL, Session, Yahoo

AT_ONCE = 4
"""Requests under way at the same time: Yahoo counts them."""
DAY = timedelta(days=1)
COLUMNS = ("date", "open", "high", "low", "close", "adjusted_close", "volume")
CSV = "text/csv"


def prices(input: Mapping[str, Any], call: Call) -> Rows:
    """get_ticker_data: the days from start_date to end_date, both included."""
    first, last = date.fromisoformat(input["start_date"]), date.fromisoformat(input["end_date"])
    if last < first:
        raise ToolError("end_date lies before start_date. Exchange them.")
    period = {"period1": _instant(first - DAY), "period2": _instant(last + 2 * DAY)}  # Wider: days begin in time zones.
    chart = _yahoo(call).chart(input["ticker"], interval="1d", **period)
    bars = [bar for bar in chart.bars if input["start_date"] <= bar.when <= input["end_date"]]
    if not bars:
        raise ToolError(f"Yahoo has no prices of ticker {input['ticker']!r} on these days. Ask for other days.")
    return _rows(chart, bars, "1d")


def history(input: Mapping[str, Any], call: Call) -> Rows:
    """get_ticker_recent_history: the last bars."""
    interval = input.get("interval", "1d")
    chart = _yahoo(call).chart(input["ticker"], interval=interval, range=input.get("period", "1mo"))
    return _rows(chart, chart.bars, interval)


def industries(input: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """list_industries: what `top_industry_companies` takes as industry_key, with each one's weight."""
    sector = _yahoo(call).sector(input["sector_key"])
    found = [
        {"key": each.get("key"), "name": each.get("name"), "market_weight": _raw(each, "marketWeight")}
        for each in _objects(sector, "industries")
        if each.get("key")  # The first entry is the sector itself.
    ]
    return {"sector": sector.get("name", input["sector_key"]), "industries": found}


def sector_companies(input: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """top_sector_companies."""
    sector = _yahoo(call).sector(input["sector_key"])
    return {"sector": sector.get("name", input["sector_key"]), "companies": _companies(sector)}


def industry_companies(input: Mapping[str, Any], call: Call) -> dict[str, Any]:
    """top_industry_companies."""
    industry = _yahoo(call).industry(input["industry_key"])
    told = {"industry": industry.get("name", input["industry_key"]), "sector": industry.get("sectorName")}
    return {**told, "companies": _companies(industry)}


def download(input: Mapping[str, Any], call: Call) -> Parts:
    """download_tickers_data: the file for the tools that calculate, and what it holds."""
    wanted = list(dict.fromkeys(ticker.upper() for ticker in input["tickers"]))
    yahoo, days = _yahoo(call), input["days"]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = dict(zip(wanted, pool.map(lambda ticker: _try(yahoo, ticker, days), wanted), strict=True))
    charts = {ticker: chart for ticker, chart in outcomes.items() if isinstance(chart, Chart)}
    failed = {ticker: str(error) for ticker, error in outcomes.items() if isinstance(error, ToolError)}
    table = aligned(charts, days)
    if not table.days:
        raise ToolError("No ticker could be downloaded. " + " ".join(dict.fromkeys(failed.values())))
    at = call.place("prices.csv")
    told = {"bucket": at.bucket, "key": at.key, "file": at.name, **_holds(table, charts)}
    return Parts(({**told, **({"failed": failed} if failed else {})}, File(table.to_csv(), "prices.csv", CSV)))


def _try(yahoo: Yahoo, ticker: str, days: int) -> Chart | ToolError:
    try:
        return yahoo.chart(ticker, interval="1d", range=range_of(days))
    except ToolError as error:
        return error


def _holds(table: Table, charts: Mapping[str, Chart]) -> dict[str, Any]:
    """What a person wants to know of the file."""
    tickers = [
        {
            "ticker": ticker,
            "name": charts[ticker].name,
            "currency": charts[ticker].currency,
            "prices": len(values) - values.count(None),
            "missing": values.count(None),
            "first": _shown(next((value for value in values if value is not None), None)),
            "last": _shown(next((value for value in reversed(values) if value is not None), None)),
        }
        for ticker, values in table.rows.items()
    ]
    span = {"days": len(table.days), "first_day": table.days[0], "last_day": table.days[-1]}
    return {**span, "values": "adjusted closing prices, oldest first", "tickers": tickers}


def _rows(chart: Chart, bars: Sequence[Bar], interval: str) -> Rows:
    rows = [
        (bar.when, *map(_shown, (bar.open, bar.high, bar.low, bar.close, bar.adjusted)), bar.volume) for bar in bars
    ]
    facts = {"ticker": chart.ticker, "name": chart.name, "currency": chart.currency, "exchange": chart.exchange}
    file = File(_csv(rows), f"{_plain(chart.ticker)}-{interval}.csv", CSV)
    return Rows(COLUMNS, rows, (file,), {key: value for key, value in facts.items() if value})


def _csv(rows: Sequence[Sequence[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([COLUMNS, *rows])
    return text.getvalue().encode()


def _plain(ticker: str) -> str:
    """A ticker as the name of a file: ``^GSPC`` is ``GSPC``."""
    return "".join(letter if letter.isalnum() else "_" for letter in ticker).strip("_") or "ticker"


def _companies(domain: Mapping[str, Any]) -> list[dict[str, Any]]:
    """By weight, as Yahoo lists them; what it does not tell of a company is left out."""
    companies = [
        {
            "ticker": each.get("symbol"),
            "name": each.get("name"),
            "rating": each.get("rating"),
            "market_weight": _raw(each, "marketWeight"),
            "market_cap": _raw(each, "marketCap"),
            "last_price": _raw(each, "lastPrice"),
            "ytd_return": _raw(each, "ytdReturn"),
        }
        for each in _objects(domain, "topCompanies")
    ]
    return [{key: value for key, value in company.items() if value is not None} for company in companies]


def _objects(domain: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = domain.get(name)
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _raw(found: Mapping[str, Any], name: str) -> float | None:
    """Yahoo's formatted numbers are ``{"raw": 0.12, "fmt": "12.00%"}``."""
    match found.get(name):
        case {"raw": int() | float() as raw} | (int() | float() as raw):
            return raw
        case _:
            return None


def _shown(price: float | None) -> float | None:
    """Yahoo's prices are single precision: eight digits say all of it."""
    return None if price is None else float(f"{price:.8g}")


def _instant(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp())


def _yahoo(call: Call) -> Yahoo:
    settings = os.environ.get("YAHOO_BASE_URL") or BASE_URL, os.environ.get("YAHOO_COOKIE_URL") or COOKIE_URL
    return Yahoo(_session(*settings), call.seconds_left)


_session = cache(Session)
