"""Looks at pages of the web."""

from stepsmith.agent import Agent, toolbox

agent = Agent(
    description="Looks at pages of the web",
    model="scripted:scout/two at once",
    tools=[toolbox("python/counter", only=["look"])],
)
