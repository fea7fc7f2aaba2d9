"""Three languages over one file, all as they are built: Python downloads real daily prices, Java and Rust read them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from bokeh_sampledata import stocks

from tests.artifacts.hosting import BUCKET, PREFIX, built, hosting

CHAIN = ("python/market_data", "java/stock_analyzer", "rust/clustering")
TICKERS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
DAYS, WINDOW = 250, 20

MISSING = ", ".join(name for name in CHAIN if name not in built())
pytestmark = pytest.mark.skipif(bool(MISSING), reason=f"not built: {MISSING}; ./pants package :: makes it")


def prices() -> pd.DataFrame:
    """The adjusted closing prices straight from the data behind the stand-in; Facebook's begin in May 2012."""
    known = {ticker: getattr(stocks, ticker) for ticker in TICKERS}
    columns = {ticker: pd.Series(data["adj_close"], index=data["date"]) for ticker, data in known.items()}
    return pd.DataFrame(columns).sort_index().tail(DAYS)


def test_prices_that_python_wrote_are_read_by_java_and_rust(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with hosting(tmp_path, CHAIN) as lambdas:
            told = await lambdas.result("download_tickers_data", {"tickers": list(TICKERS), "days": DAYS})
            file = {"bucket": told["bucket"], "key": told["key"]}
            volatility = (await lambdas.result("calculate_volatility", file))["tickers"]
            averages = (await lambdas.result("calculate_moving_average", {**file, "window": WINDOW}))["tickers"]
            clusters = await lambdas.result("calculate_hdbscan_clusters", file)
        assert file["bucket"] == BUCKET and file["key"].startswith(PREFIX)
        _same_volatility(volatility)
        _same_averages(averages)
        assert sorted([*clusters["noise"], *(name for each in clusters["clusters"] for name in each)]) == list(TICKERS)

    asyncio.run(scenario())


def _same_volatility(found: dict[str, dict[str, float]]) -> None:
    known = prices()
    expected = np.log(known / known.shift()).std() * np.sqrt(252)
    assert {name: each["volatility"] for name, each in found.items()} == pytest.approx(dict(expected), abs=1e-9)
    assert found["FB"]["returns"] == known["FB"].count() - 1 < DAYS - 1


def _same_averages(found: dict[str, dict[str, list[float | None]]]) -> None:
    expected = prices().rolling(WINDOW).mean()[WINDOW - 1 :]
    for ticker, each in found.items():
        seen = pd.Series(each["averages"], index=expected.index, dtype=float)
        pd.testing.assert_series_equal(seen, expected[ticker], check_names=False, rtol=1e-9)
