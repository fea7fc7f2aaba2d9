"""Claims on the financial agent's scenarios: real tools over real prices, a scripted model."""

from bokeh_sampledata import stocks


def told(change):
    return f"{'lost' if change < 0 else 'gained'} {abs(change):.1f} %"


def change(prices):
    return round((prices["adj_close"][-1] / prices["adj_close"][prices["date"].index("2012-03-01")] - 1) * 100, 1)


def test_two_tickers_are_compared_by_their_prices_with_a_chart(play):
    run = play("financial", "apple and ibm")
    assert run.status == "completed", run.end
    assert [call.is_error for call in run.calls] == [False, False, False]
    assert f"Apple **{told(change(stocks.AAPL))}** and IBM **{told(change(stocks.IBM))}**" in run.output.output
    assert "From 2012-03-01 to 2013-03-01" in run.output.output
    assert [block.type for block in run.calls[2].result.content] == ["text", "image"]


def test_the_largest_company_is_found_by_its_sector(play):
    run = play("financial", "largest of a sector")
    assert run.status == "completed", run.end
    assert run.output.output.startswith("**Apple Inc.** (AAPL) is the largest")
    assert "Consumer Electronics, led by Apple Inc." in run.output.output
