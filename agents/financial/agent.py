"""A stock analyst: answers questions on tickers, sectors and industries, with figures and charts."""

from stepsmith.agent import Agent, Limits, toolbox

agent = Agent(
    description="Stock analyst with charts",
    model="anthropic:claude-sonnet-5-5",
    tools=[
        toolbox(
            "python/market_data",
            only=[
                "get_ticker_data",
                "get_ticker_recent_history",
                "list_industries",
                "top_sector_companies",
                "top_industry_companies",
            ],
        ),
        toolbox("python/code_interpreter"),
    ],
    limits=Limits(max_turns=20, max_cost_usd=0.50, deadline_seconds=1800),
)
