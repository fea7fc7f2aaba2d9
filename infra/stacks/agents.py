"""A state machine for each agent.py. It names functions by their ARNs, so nothing here waits for them."""

from infra.constructs.agent_machine import AgentMachine
from infra.contents import Contents
from infra.iac import Construct
from infra.site import Site


class Agents(Construct):
    def __init__(self, scope: Construct, site: Site, contents: Contents) -> None:
        super().__init__(scope, "agents")
        vendors = tuple(contents.callers)
        self.machines = [AgentMachine(self, site, agent, vendors) for agent in contents.agents]
