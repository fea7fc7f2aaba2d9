"""Has two agents work at once, with what is left of its limits."""

from stepsmith.agent import Agent, Limits, subagent

agent = Agent(
    description="Sends others",
    model="scripted:overseer/two at once",
    tools=[subagent("scout"), subagent("shop")],
    limits=Limits(max_turns=5, max_total_tokens=100_000, max_cost_usd=1.0, deadline_seconds=7_200),
)
