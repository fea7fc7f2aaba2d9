"""The one adapter to Yahoo Finance: a thin client of the endpoints that yfinance asks, at a configured base URL.

    GET /v8/finance/chart/{ticker}              prices; `Chart`
    GET /v1/finance/sectors/{key}               a sector's industries and largest companies
    GET /v1/finance/industries/{key}            an industry's largest companies
    GET /v1/test/getcrumb                       the text that the latter two want as ``crumb``, bound to a cookie

yfinance itself is not used: with pandas and a browser's TLS library it makes 160 MB unpacked, and its hosts, consent
pages and cookie files are constants inside it. Paths, parameters, faults and the order cookie, crumb, question are
those of its source (yfinance 1.x: data.py, scrapers/history.py, domain/); Yahoo documents none of them.

Asked again, until the call's time is up: 429 (no sooner than Retry-After says), 5xx and what the network loses. What is
left then, and what Yahoo does not know, is a `ToolError`; only a refusal of the function as such is `YahooRefused`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx2

from stepsmith.tool import ToolError

from .prices import Chart

BASE_URL = "https://query1.finance.yahoo.com"
COOKIE_URL = "https://fc.yahoo.com"

REQUEST_SECONDS = 10.0
ATTEMPTS = 4
PAUSE = 0.5
"""Seconds before the second attempt; twice as many before each further one."""

_HEADERS = {"user-agent": "Mozilla/5.0 (X11; Linux x64) stepsmith", "accept": "application/json, text/plain, */*"}
_DOMAIN = {"formatted": "true", "withReturns": "true", "lang": "en-US", "region": "US"}
_REFUSALS = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)

logging.getLogger("httpx2").setLevel(logging.WARNING)  # It logs each URL, and so what is asked for.


class YahooRefused(Exception):
    """Yahoo refuses this function, whatever it asks for: an operator must act."""


@dataclass
class Session:
    """Connections, the cookie and its crumb, kept over the calls of one process. Threads may share it."""

    base_url: str = BASE_URL
    cookie_url: str = COOKIE_URL
    client: httpx2.Client = field(default_factory=lambda: httpx2.Client(headers=_HEADERS))
    crumb: str | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)


@dataclass(frozen=True)
class Yahoo:
    """Yahoo Finance for one call; `seconds_left` is its time."""

    session: Session
    seconds_left: Callable[[], float]
    sleep: Callable[[float], None] = time.sleep

    def chart(self, ticker: str, **parameters: str | int) -> Chart:
        """Prices; `parameters` are interval, and range or period1 and period2 (Unix seconds)."""
        what = f"ticker {ticker!r}"
        answer = self._get(f"/v8/finance/chart/{quote(ticker, safe='')}", {"events": "div,splits", **parameters}, what)
        with suppress(KeyError, TypeError, IndexError, ValueError):
            return Chart.from_json(_json(answer)["chart"]["result"][0])
        raise ToolError(f"Yahoo has no prices of {what} for this time. Ask for another time, or another ticker.")

    def sector(self, key: str) -> Mapping[str, Any]:
        return self._domain(f"/v1/finance/sectors/{quote(key, safe='')}", f"sector {key!r}")

    def industry(self, key: str) -> Mapping[str, Any]:
        return self._domain(f"/v1/finance/industries/{quote(key, safe='')}", f"industry {key!r}")

    def _domain(self, path: str, what: str) -> Mapping[str, Any]:
        answer = self._get(path, _DOMAIN | {"crumb": self._crumb()}, what, refusals=())
        if answer.status_code in _REFUSALS:  # The crumb is too old: once more with a new one.
            self.session.crumb = None
            answer = self._get(path, _DOMAIN | {"crumb": self._crumb()}, what)
        found = _json(answer).get("data")
        if not isinstance(found, dict):
            raise ToolError(f"Yahoo tells nothing of the {what}.")
        return found

    def _crumb(self) -> str:
        with self.session.lock:
            if self.session.crumb is None:
                with suppress(httpx2.TransportError):  # Where the cookie's host is blocked, Yahoo may do without it.
                    self.session.client.get(self.session.cookie_url, timeout=self._timeout())
                self.session.crumb = self._get("/v1/test/getcrumb", {}, "crumb").text.strip()
            return self.session.crumb

    def _get(
        self, path: str, parameters: Mapping[str, Any], what: str, refusals: tuple[HTTPStatus, ...] = _REFUSALS
    ) -> httpx2.Response:
        """The answer to a question that Yahoo understood, or, but for `refusals`, one that it refused."""
        answer = self._answer(self.session.base_url.rstrip("/") + path, parameters)
        if answer.status_code in refusals:
            raise YahooRefused(f"Yahoo refuses this function ({answer.status_code}).")
        if answer.is_success or answer.status_code in _REFUSALS:
            return answer
        raise ToolError(_told(answer, what))

    def _answer(self, url: str, parameters: Mapping[str, Any]) -> httpx2.Response:
        fault = "No time is left to ask Yahoo."
        for pause in _pauses():
            try:
                answer = self.session.client.get(url, params=dict(parameters), timeout=self._timeout())
            except httpx2.TransportError as error:
                fault = f"Yahoo does not answer ({type(error).__name__})."
            else:
                if not _passing(answer.status_code):
                    return answer
                fault, pause = _overload(answer), max(pause, _retry_after(answer))
            if pause >= self.seconds_left():
                break
            self.sleep(pause)
        raise ToolError(f"{fault} Go on without it, or try again in some minutes.")

    def _timeout(self) -> float:
        return max(0.1, min(REQUEST_SECONDS, self.seconds_left()))


def _pauses() -> Iterator[float]:
    """Seconds to wait after each attempt; after the last one, for ever."""
    yield from (PAUSE * 2**attempt for attempt in range(ATTEMPTS - 1))
    yield float("inf")


def _passing(status: int) -> bool:
    return status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR


def _overload(answer: httpx2.Response) -> str:
    if answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return "Yahoo's quota is used up: it takes no more requests for now (429)."
    return f"Yahoo is out of order ({answer.status_code})."


def _retry_after(answer: httpx2.Response) -> float:
    """Seconds; 0 where it is not said, or said as a date."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdigit() else 0.0


def _told(answer: httpx2.Response, what: str) -> str:
    if answer.status_code == HTTPStatus.NOT_FOUND:
        return f"Yahoo does not know the {what}. Check its spelling, or use another one."
    return f"Yahoo did not answer about the {what} ({answer.status_code}). {_description(answer)}".strip()


def _description(answer: httpx2.Response) -> str:
    """Yahoo's own words, where there are any."""
    for part in _json(answer).values():
        match part:
            case {"error": {"description": str(words)}}:
                return words[:300]
    return ""


def _json(answer: httpx2.Response) -> dict[str, Any]:
    """The document, or an empty one where the answer is none."""
    try:
        found = answer.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
