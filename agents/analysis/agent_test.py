"""Claims on the analysis agent's scenarios: Python writes the prices, Java and Rust read them."""

import json

import numpy as np
from bokeh_sampledata import stocks

NAMES = {"AAPL": "Apple Inc.", "MSFT": "Microsoft Corporation", "IBM": "International Business Machines Corporation"}
NAMES |= {"GOOG": "Google Inc."}


def volatility(ticker, first_day):
    """Per cent a year, straight from the data behind the stand-in of Yahoo."""
    known = getattr(stocks, ticker)
    prices = np.array(known["adj_close"][known["date"].index(first_day) :])
    return np.diff(np.log(prices)).std(ddof=1) * np.sqrt(252) * 100


def told(call):
    return json.loads(call.result.content[0].text)


def test_the_calmest_share_is_found_with_figures_of_the_data_and_a_chart(play):
    run = play("analysis", "calm or restless")
    assert run.status == "completed", run.end
    assert [call.is_error for call in run.calls] == [False] * 4
    known = {name: volatility(ticker, told(run.calls[0])["first_day"]) for ticker, name in NAMES.items()}
    calmest = min(known, key=known.__getitem__)
    assert run.output.output.startswith(
        f"**{calmest}** was the calmest: its volatility was {known[calmest]:.1f} % a year"
    )
    assert all(f"| {name} | {each:.1f} % |" in run.output.output for name, each in known.items())
    assert [block.type for block in run.calls[3].result.content if block.type == "image"] == ["image"]


def test_groups_are_told_with_the_volatility_of_each_share(play):
    run = play("analysis", "alike and restless")
    assert run.status == "completed", run.end
    assert {call.name for call in run.calls[1:]} == {"calculate_hdbscan_clusters", "calculate_volatility"}
    first_day = told(run.calls[0])["first_day"]
    for ticker in ["AAPL", "MSFT", "IBM", "GOOG", "FB"]:
        assert f"{ticker} ({volatility(ticker, first_day):.1f} %)" in run.output.output
