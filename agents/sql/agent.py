"""A business analyst: answers questions from a SQL database, with numbers and charts."""

from stepsmith.agent import Agent, Limits, toolbox

agent = Agent(
    description="Business analyst over a SQL database",
    model="anthropic:claude-sonnet-5-5",
    tools=[
        toolbox("python/db_interface"),
        toolbox("python/code_interpreter"),
    ],
    limits=Limits(max_turns=20, max_cost_usd=0.50, deadline_seconds=1800),
)
