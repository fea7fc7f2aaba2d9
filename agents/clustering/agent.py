"""Finds companies whose share prices move alike: downloads their prices and clusters the curves."""

from stepsmith.agent import Agent, Limits, toolbox

agent = Agent(
    description="Clusters time series of share prices",
    model="anthropic:claude-sonnet-5-5",
    tools=[
        toolbox(
            "python/market_data",
            only=["download_tickers_data", "list_industries", "top_sector_companies", "top_industry_companies"],
        ),
        toolbox("rust/clustering"),
    ],
    limits=Limits(max_turns=15, max_cost_usd=0.30, deadline_seconds=1800),
)
