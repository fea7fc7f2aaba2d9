"""A company researcher: finds out about companies on the web, with sources."""

from stepsmith.agent import Agent, Limits, toolbox

agent = Agent(
    description="Company research on the web",
    model="anthropic:claude-sonnet-5-5",
    tools=[
        toolbox("go/web_research"),
        toolbox("python/market_data", only=["list_industries", "top_sector_companies", "top_industry_companies"]),
    ],
    limits=Limits(max_turns=15, max_cost_usd=0.50, deadline_seconds=1800),
)
