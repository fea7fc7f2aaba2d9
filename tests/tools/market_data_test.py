"""Claims on the tools of market_data, asked as the machine asks them, over the stand-in of Yahoo Finance."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bokeh_sampledata import stocks
from market_data import market, yahoo
from market_data.yahoo import Session, Yahoo, YahooRefused

from stand_ins.service.server import Reply
from stand_ins.yahoo import server
from stepsmith.objects import MemoryObjects, Objects
from stepsmith.tool import ToolError, serve

TOOL = Path(market.__file__).parent / "tool.json"
TOOLS: dict[str, Any] = {
    "get_ticker_data": market.prices,
    "get_ticker_recent_history": market.history,
    "list_industries": market.industries,
    "top_sector_companies": market.sector_companies,
    "top_industry_companies": market.industry_companies,
    "download_tickers_data": market.download,
}
MANY = 100


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 60_000


@pytest.fixture
def service() -> Iterator[server.Yahoo]:
    with server.Yahoo() as service:
        yield service


@pytest.fixture
def objects() -> Objects:
    return MemoryObjects()


@pytest.fixture
def ask(service: server.Yahoo, objects: Objects, monkeypatch: pytest.MonkeyPatch) -> Any:
    """ask(tool, **input) answers the result's error flag, and its text, parsed where it is JSON."""
    for name, value in service.environment.items():
        monkeypatch.setenv(name, value)
    handler = serve(TOOLS, description=TOOL, objects=objects)
    context = {"run_id": "r1", "agent": "financial", "turn": 1, "effect_id": "e1", "max_result_bytes": 32_768}
    context |= {"artifacts": "s3://b/artifacts/financial/r1/", "deadline": "2999-01-01T00:00:00Z"}

    def ask(tool: str, **input: Any) -> Any:
        result = handler({"name": tool, "id": "id1", "input": input, "context": context}, Context())
        text = result["content"][0]["text"]
        return result["is_error"], json.loads(text) if text.startswith("{") else text

    return ask


def test_prices_between_two_days_are_those_of_the_data(ask: Any, objects: Objects) -> None:
    _, told = ask("get_ticker_data", ticker="AAPL", start_date="2013-01-02", end_date="2013-02-01")
    at = stocks.AAPL["date"].index("2013-01-02")
    assert (told["name"], told["currency"], told["row_count"]) == ("Apple Inc.", "USD", 22)
    assert told["rows"][0]["close"] == stocks.AAPL["close"][at]
    assert told["rows"][-1]["date"] == "2013-02-01"
    kept = objects.get(f"s3://b/artifacts/financial/r1/{told['files'][0]}").decode()
    assert [float(row["close"]) for row in csv.DictReader(io.StringIO(kept))] == stocks.AAPL["close"][at : at + 22]


def test_recent_history_ends_at_the_last_day(ask: Any) -> None:
    _, told = ask("get_ticker_recent_history", ticker="fb")
    assert told["rows"][-1]["date"] == "2013-03-01"
    _, monthly = ask("get_ticker_recent_history", ticker="FB", period="3mo", interval="1mo")
    assert [row["date"] for row in monthly["rows"]][-2:] == ["2013-02-01", "2013-03-01"]


def test_industries_and_companies_lead_from_one_to_the_next(ask: Any) -> None:
    _, sector = ask("list_industries", sector_key="technology")
    keys = [industry["key"] for industry in sector["industries"]]
    _, companies = ask("top_industry_companies", industry_key=keys[0])
    assert companies["companies"][0]["ticker"] == "AAPL"
    _, largest = ask("top_sector_companies", sector_key="technology")
    weights = [company["market_weight"] for company in largest["companies"]]
    assert weights == sorted(weights, reverse=True)
    assert sum(weights) == pytest.approx(1, abs=1e-5)


def test_a_file_of_several_tickers_holds_real_prices_and_names_what_failed(ask: Any, objects: Objects) -> None:
    is_error, told = ask("download_tickers_data", tickers=["AAPL", "FB", "NOPE"], days=250)
    assert not is_error
    assert (told["days"], told["last_day"], list(told["failed"])) == (250, "2013-03-01", ["NOPE"])
    lines = objects.get(f"s3://{told['bucket']}/{told['key']}").decode().splitlines()
    rows = {name: cells for name, *cells in (line.split(",") for line in lines)}
    assert [float(cell) for cell in rows["AAPL"]] == stocks.AAPL["adj_close"][-250:]
    assert [float(cell) for cell in rows["FB"] if cell] == stocks.FB["adj_close"]
    assert rows["FB"].count("") == 54 == told["tickers"][1]["missing"]


@pytest.mark.parametrize(
    ("tool", "input", "hint"),
    [
        ("get_ticker_data", {"ticker": "NOPE", "start_date": "2013-01-02", "end_date": "2013-01-03"}, "does not know"),
        ("get_ticker_data", {"ticker": "AAPL", "start_date": "2013-01-02", "end_date": "2012-01-03"}, "Exchange them"),
        ("get_ticker_data", {"ticker": "AAPL", "start_date": "2023-01-02", "end_date": "2023-02-03"}, "doesn't exist"),
        ("get_ticker_data", {"ticker": "AAPL", "start_date": "2013-01-05", "end_date": "2013-01-06"}, "other days"),
        ("get_ticker_data", {"ticker": "AAPL", "start_date": "2013-02-30", "end_date": "2013-03-01"}, "start_date"),
        ("get_ticker_recent_history", {"ticker": "AAPL", "interval": "1m"}, "1m data not available"),
        ("top_industry_companies", {"industry_key": "nope"}, "does not know the industry 'nope'"),
        ("download_tickers_data", {"tickers": ["NOPE"], "days": 5}, "No ticker could be downloaded"),
    ],
)
def test_what_cannot_be_had_is_told_to_the_model(ask: Any, tool: str, input: Any, hint: str) -> None:
    is_error, text = ask(tool, **input)
    assert is_error
    assert hint in text


def test_an_old_crumb_is_renewed_once(ask: Any, service: server.Yahoo) -> None:
    ask("list_industries", sector_key="energy")
    service.next_replies.append(server.BAD_CRUMB)
    assert ask("list_industries", sector_key="energy")[0] is False
    crumbs = [asked for asked in service.asked if asked.path.endswith("getcrumb")]
    assert len(crumbs) == 2


@pytest.mark.parametrize("body", ["", "<html>", "[]", "null", '{"chart": null}', '{"chart": {"result": [{}]}}'])
def test_an_answer_in_another_shape_is_no_crash(ask: Any, service: server.Yahoo, body: str) -> None:
    service.next_replies.append(Reply(200, body))
    is_error, text = ask("get_ticker_recent_history", ticker="AAPL")
    assert is_error
    assert "no prices" in text


def over(service: server.Yahoo, waited: list[float], seconds: float = 60.0) -> Yahoo:
    return Yahoo(Session(service.url, f"{service.url}/cookie"), lambda: seconds, waited.append)


def test_a_refusal_of_the_function_is_the_operators_matter(service: server.Yahoo) -> None:
    service.next_replies += [Reply(403, "Forbidden")] * MANY
    with pytest.raises(YahooRefused):
        over(service, []).chart("AAPL")
    with pytest.raises(YahooRefused):
        over(service, []).sector("energy")


def test_a_used_up_quota_is_told_as_such(service: server.Yahoo) -> None:
    service.next_replies += [server.QUOTA] * MANY
    with pytest.raises(ToolError, match="quota is used up"):
        over(service, []).chart("AAPL")
    assert len(service.asked) == yahoo.ATTEMPTS


def test_it_waits_as_long_as_the_service_asks_and_longer_each_time(service: server.Yahoo) -> None:
    service.next_replies += [Reply(429, "", {"retry-after": "7"}), Reply(502, ""), Reply(502, "")]
    waited: list[float] = []
    over(service, waited).chart("AAPL", range="5d")
    assert waited == [7.0, 1.0, 2.0]


def test_it_does_not_wait_past_the_calls_time(service: server.Yahoo) -> None:
    service.next_replies += [Reply(429, "", {"retry-after": "61"})]
    waited: list[float] = []
    with pytest.raises(ToolError, match="quota"):
        over(service, waited).chart("AAPL")
    assert not waited


def test_a_server_that_is_not_there_is_told(service: server.Yahoo) -> None:
    gone = Session("http://127.0.0.1:1", "http://127.0.0.1:1")
    with pytest.raises(ToolError, match="does not answer"):
        Yahoo(gone, lambda: 60.0, lambda seconds: None).chart("AAPL")
