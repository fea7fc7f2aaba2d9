"""A bookseller: recommends books from the best seller lists of the New York Times."""

from stepsmith.agent import Agent, Limits, toolbox

agent = Agent(
    description="Book recommendations",
    model="anthropic:claude-sonnet-5-5",
    tools=[toolbox("typescript/books")],
    limits=Limits(max_turns=10, max_cost_usd=0.20, deadline_seconds=600),
)
