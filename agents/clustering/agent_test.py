"""Claims on the clustering agent's scenarios: prices from the stand-in of Yahoo, clusters from the tool in Rust."""

import json
from itertools import chain, combinations

import numpy as np
from bokeh_sampledata import stocks


def told(call):
    return json.loads(call.result.content[0].text)


def correlations(tickers, first_day, last_day):
    """How the adjusted closing prices of each two tickers correlate, straight from the data behind the stand-in."""

    def prices(ticker):
        known = getattr(stocks, ticker)
        days = zip(known["date"], known["adj_close"], strict=True)
        return [price for day, price in days if first_day <= day <= last_day]

    return {frozenset(pair): np.corrcoef(*map(prices, pair))[0, 1] for pair in combinations(tickers, 2)}


def test_companies_of_a_cluster_correlate_more_than_others(play):
    run = play("clustering", "technology companies")
    assert run.status == "completed", run.end
    assert [call.name for call in run.calls] == ["download_tickers_data", "calculate_hdbscan_clusters"]
    prices, found = map(told, run.calls)
    tickers = ["AAPL", "MSFT", "IBM", "GOOG", "FB"]
    assert sorted(chain(found["noise"], *found["clusters"])) == sorted(tickers)
    assert found["clusters"], "the sample question is one that shows clusters"
    known = correlations(tickers, prices["first_day"], prices["last_day"])
    for cluster in found["clusters"]:
        assert all(f"({ticker})" in run.output.output for ticker in cluster)
        inside = min(known[frozenset(pair)] for pair in combinations(cluster, 2))
        outside = max(known[frozenset((one, other))] for one in cluster for other in tickers if other not in cluster)
        assert inside > outside


def test_too_few_series_and_an_unknown_ticker_are_put_right(play):
    run = play("clustering", "too few at first")
    assert run.status == "completed", run.end
    assert [call.is_error for call in run.calls] == [False, True, False, False, False]
    assert "at least 3 are needed" in run.calls[1].result.content[0].text
    assert "NOSUCH" in told(run.calls[3])["failed"]
    found = told(run.calls[4])
    assert sorted(chain(found["noise"], *found["clusters"])) == ["AAPL", "GOOG", "IBM", "MSFT"]
