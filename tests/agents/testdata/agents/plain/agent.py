"""The smallest agent: no tools, no limits of its own."""

from stepsmith.agent import Agent

agent = Agent(description="Answers from what it knows", model="anthropic:model-a")
