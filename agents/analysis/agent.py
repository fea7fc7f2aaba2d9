"""A time series analyst: trends, volatility and groups of share prices, with charts."""

from stepsmith.agent import Agent, Limits, toolbox

agent = Agent(
    description="Time series analyst of share prices",
    model="anthropic:claude-sonnet-5-5",
    tools=[
        toolbox("python/market_data", only=["download_tickers_data"]),
        toolbox("java/stock_analyzer"),
        toolbox("rust/clustering"),
        toolbox("python/code_interpreter"),
    ],
    limits=Limits(max_turns=20, max_cost_usd=0.50, deadline_seconds=1800),
)
