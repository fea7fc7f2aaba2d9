"""Knows exchange rates."""

from stepsmith.agent import Agent, toolbox

agent = Agent(description="Currency desk", model="acme:one", tools=[toolbox("go/rates")])
