"""Keeps the books: asks before it deletes, and has a desk of its own for currencies."""

from stepsmith.agent import Agent, subagent, toolbox

agent = Agent(
    description="Keeps the ledger",
    model="acme:one",
    tools=[toolbox("python/ledger"), subagent("desk")],
)
