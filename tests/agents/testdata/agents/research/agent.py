"""A sub-agent that reads the open web."""

from stepsmith.agent import Agent, toolbox

agent = Agent(
    description="Researches a company on the web",
    model="openai:model-b",
    tools=[toolbox("python/web")],
)
