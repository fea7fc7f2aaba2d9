"""Yahoo Finance offline: real daily prices of five companies from March 2000 to 1 March 2013, which is its today.

Prices are those of the package bokeh-sampledata (stocks.csv.gz). Yahoo documents its endpoints nowhere; paths,
parameters and shapes are those that the source of yfinance reads (https://github.com/ranaroussi/yfinance:
scrapers/history.py for /v8/finance/chart, domain/sector.py and industry.py for /v1/finance, data.py for cookie and
crumb), the faults those that its users report: 404 with ``chart.error`` for an unknown symbol, 422 for intraday bars
that are too old, 401 "Invalid Crumb", 429 "Too Many Requests" as plain text. Bars of a day begin at 14:30 UTC here, in
summer, too. The market values are the last price times a rounded number of shares; most sectors have no company.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import groupby
from typing import Any, ClassVar, NamedTuple

from stand_ins.service.server import Asked, Reply, Service

VARIABLE = "YAHOO_BASE_URL"
CRUMB, COOKIE = "offline.crumb", "A3=offline"
QUOTA = Reply(429, "Too Many Requests\r\n")
BAD_CRUMB = Reply(401, {"finance": {"result": None, "error": {"code": "Unauthorized", "description": "Invalid Crumb"}}})
OPENING = time(14, 30)
NEW_YORK_SECONDS = -5 * 3600


class Company(NamedTuple):
    name: str
    shares: float
    industry: str


COMPANIES: Mapping[str, Company] = {
    "AAPL": Company("Apple Inc.", 939e6, "consumer-electronics"),
    "MSFT": Company("Microsoft Corporation", 8.35e9, "software-infrastructure"),
    "IBM": Company("International Business Machines Corporation", 1.11e9, "information-technology-services"),
    "GOOG": Company("Google Inc.", 330e6, "internet-content-information"),
    "FB": Company("Facebook, Inc.", 2.38e9, "internet-content-information"),
}
SECTORS: Mapping[str, tuple[str, ...]] = {
    "basic-materials": ("chemicals", "gold", "steel"),
    "communication-services": ("internet-content-information", "telecom-services", "entertainment"),
    "consumer-cyclical": ("auto-manufacturers", "internet-retail", "restaurants"),
    "consumer-defensive": ("discount-stores", "packaged-foods", "tobacco"),
    "energy": ("oil-gas-integrated", "oil-gas-midstream", "uranium"),
    "financial-services": ("asset-management", "banks-diversified", "credit-services"),
    "healthcare": ("biotechnology", "drug-manufacturers-general", "medical-devices"),
    "industrials": ("aerospace-defense", "airlines", "railroads"),
    "real-estate": ("reit-office", "reit-residential", "reit-retail"),
    "technology": (
        "consumer-electronics", "information-technology-services", "semiconductors", "software-infrastructure",
    ),
    "utilities": ("utilities-regulated-electric", "utilities-regulated-gas", "utilities-renewable"),
}  # fmt: skip
RANGES: Mapping[str, int] = {
    "1d": 0, "5d": 6, "1mo": 31, "3mo": 92, "6mo": 183, "1y": 365, "2y": 730, "5y": 1826, "10y": 3652, "max": 100_000,
}  # fmt: skip


@dataclass(frozen=True)
class Day:
    """A bar; one of a week or a month has the date of its first day."""

    date: date
    open: float
    high: float
    low: float
    close: float
    adjusted: float
    volume: int

    @property
    def stamp(self) -> int:
        return int(datetime.combine(self.date, OPENING, UTC).timestamp())


class Yahoo(Service):
    VARIABLE: ClassVar = VARIABLE

    @property
    def environment(self) -> dict[str, str]:
        return {VARIABLE: self.url, "YAHOO_COOKIE_URL": f"{self.url}/cookie"}

    def answer(self, asked: Asked) -> Reply:
        match asked.path.strip("/").split("/"):
            case ["cookie"]:
                return Reply(404, "", {"set-cookie": f"{COOKIE}; Path=/"})  # As fc.yahoo.com does it.
            case ["v1", "test", "getcrumb"]:
                return Reply(200, CRUMB) if _has_cookie(asked) else Reply(401, "")
            case ["v8", "finance", "chart", symbol]:
                return _chart(symbol.upper(), asked.parameters)
            case ["v1", "finance", "sectors" | "industries" as kind, key]:
                right = _has_cookie(asked) and asked.parameters.get("crumb") == CRUMB
                return _domain(kind, key) if right else BAD_CRUMB
            case _:
                return Reply(404, "")


def _has_cookie(asked: Asked) -> bool:
    return COOKIE in asked.headers.get("cookie", "")


@cache
def days(symbol: str) -> tuple[Day, ...]:
    """The daily bars of one of the five, oldest first."""
    from bokeh_sampledata import stocks  # it reads all prices, 50 ms; who only asks what this plays needs none

    known: stocks.StockData = getattr(stocks, symbol)
    columns = (known[name] for name in ("open", "high", "low", "close", "adj_close", "volume"))
    return tuple(Day(date.fromisoformat(day), *values) for day, *values in zip(known["date"], *columns, strict=True))


def _chart(symbol: str, asked: Mapping[str, str]) -> Reply:
    interval = asked.get("interval", "1d")
    if symbol not in COMPANIES:
        return _fault(404, "Not Found", "No data found, symbol may be delisted")
    if interval not in _STEPS:
        return _fault(422, "Unprocessable Entity", f"{interval} data not available for these days of long ago.")
    known = days(symbol)
    if "range" in asked and asked["range"] not in (*RANGES, "ytd"):
        return _fault(422, "Unprocessable Entity", f"Invalid input - range={asked['range']}")
    found = [day for day in known if _is_asked_for(day, known[-1].date, asked)]
    if not found and "period1" in asked:
        words = f"Data doesn't exist for startDate = {asked['period1']}, endDate = {asked.get('period2')}"
        return _fault(400, "Bad Request", words)
    return Reply(200, {"chart": {"result": [_result(symbol, interval, tuple(_bars(found, interval)))], "error": None}})


def _is_asked_for(day: Day, today: date, asked: Mapping[str, str]) -> bool:
    if "period1" in asked:
        return int(asked["period1"]) <= day.stamp < int(asked.get("period2", 1 << 40))
    if asked.get("range") == "ytd":
        return day.date.year == today.year
    return day.date >= today - timedelta(days=RANGES[asked.get("range", "1d")])


def _bars(found: Sequence[Day], interval: str) -> Iterator[Day]:
    """The days, or what they make together in a week, a month or a quarter."""
    for start, group in groupby(found, lambda day: _STEPS[interval](day.date)):
        part = list(group)
        low, high = min(day.low for day in part), max(day.high for day in part)
        volume = sum(day.volume for day in part)
        yield Day(start, part[0].open, high, low, part[-1].close, part[-1].adjusted, volume)


_STEPS: Mapping[str, Any] = {
    "1d": lambda day: day,
    "1wk": lambda day: day - timedelta(days=day.weekday()),
    "1mo": lambda day: day.replace(day=1),
    "3mo": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
}


def _result(symbol: str, interval: str, bars: tuple[Day, ...]) -> dict[str, Any]:
    last = days(symbol)[-1]
    meta = {
        "currency": "USD",
        "symbol": symbol,
        "exchangeName": "NYQ" if symbol == "IBM" else "NMS",
        "fullExchangeName": "NYSE" if symbol == "IBM" else "NasdaqGS",
        "instrumentType": "EQUITY",
        "regularMarketTime": last.stamp,
        "gmtoffset": NEW_YORK_SECONDS,
        "timezone": "EST",
        "exchangeTimezoneName": "America/New_York",
        "regularMarketPrice": last.close,
        "longName": COMPANIES[symbol].name,
        "priceHint": 2,
        "dataGranularity": interval,
        "validRanges": [*RANGES, "ytd"],
    }
    if not bars:
        return {"meta": meta, "indicators": {"quote": [{}]}}
    names = ("open", "high", "low", "close", "volume")
    quote = {name: [getattr(bar, name) for bar in bars] for name in names}
    indicators = {"quote": [quote], "adjclose": [{"adjclose": [bar.adjusted for bar in bars]}]}
    return {"meta": meta, "timestamp": [bar.stamp for bar in bars], "indicators": indicators}


def _fault(status: int, code: str, description: str) -> Reply:
    return Reply(status, {"chart": {"result": None, "error": {"code": code, "description": description}}})


def _domain(kind: str, key: str) -> Reply:
    if kind == "sectors" and key in SECTORS:
        industries = [_industry(each, key) for each in SECTORS[key]]
        listed = {"industries": [{"name": "All Industries", "marketWeight": _number(1.0)}, *industries]}
        return Reply(200, {"data": _told(key, SECTORS[key]) | listed, "error": None})
    sector = next((name for name, industries in SECTORS.items() if key in industries), None)
    if kind == "industries" and sector:
        told = {"sectorKey": sector, "sectorName": _title(sector)}
        return Reply(200, {"data": _told(key, (key,)) | told, "error": None})
    return Reply(404, {"data": None, "error": {"code": "Not Found", "description": f"No data found for {key}"}})


def _told(key: str, industries: tuple[str, ...]) -> dict[str, Any]:
    symbols = _within(industries)
    whole = _value(symbols)
    return {
        "key": key,
        "name": _title(key),
        "symbol": f"^YH{sum(map(ord, key)):05d}",
        "overview": {"companiesCount": len(symbols), "marketCap": _number(whole)},
        "topCompanies": [_company(symbol, whole) for symbol in symbols],
    }


def _within(industries: tuple[str, ...]) -> list[str]:
    """The companies of these industries, the largest first."""
    found = [symbol for symbol, company in COMPANIES.items() if company.industry in industries]
    return sorted(found, key=lambda symbol: -_value([symbol]))


def _value(symbols: Sequence[str]) -> float:
    return sum(days(symbol)[-1].close * COMPANIES[symbol].shares for symbol in symbols)


def _industry(key: str, sector: str) -> dict[str, Any]:
    weight = _value(_within((key,))) / max(_value(_within(SECTORS[sector])), 1.0)
    return {"key": key, "name": _title(key), "symbol": f"^YH{sum(map(ord, key)):05d}", "marketWeight": _number(weight)}


def _company(symbol: str, whole: float) -> dict[str, Any]:
    last = days(symbol)[-1].close
    first = next(day.close for day in days(symbol) if day.date.year == days(symbol)[-1].date.year)
    value = _value([symbol])
    return {
        "symbol": symbol,
        "name": COMPANIES[symbol].name,
        "rating": "Buy",
        "marketCap": _number(value),
        "marketWeight": _number(value / whole),
        "lastPrice": _number(last),
        "ytdReturn": _number(last / first - 1),
    }


def _number(value: float) -> dict[str, Any]:
    return {"raw": round(value, 6), "fmt": f"{value:,.2f}"}


def _title(key: str) -> str:
    return key.replace("-", " ").title()
