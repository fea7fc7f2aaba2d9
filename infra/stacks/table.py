"""The table of stacks: what each holds, and after which others it is applied."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from infra.constructs.agent_machine import AgentMachine
from infra.constructs.approvals import Approvals
from infra.constructs.artifact_store import ArtifactStore
from infra.constructs.model_caller import ModelCaller
from infra.constructs.secrets import Secrets
from infra.constructs.tool_function import ToolFunction
from infra.contents import Contents
from infra.iac import Construct
from infra.site import Site


def _foundation(stack: Construct, site: Site, contents: Contents) -> None:
    ArtifactStore(stack, "artifacts", site)
    Secrets(stack, "secrets", site, contents.secrets)
    Approvals(stack, "approvals", site)


def _tools(stack: Construct, site: Site, contents: Contents) -> None:
    for folder, tool in contents.tools.items():
        ToolFunction(stack, site, folder, tool)


def _models(stack: Construct, site: Site, contents: Contents) -> None:
    for caller in contents.callers.values():
        ModelCaller(stack, site, caller)


def _agents(stack: Construct, site: Site, contents: Contents) -> None:
    for agent in contents.agents:
        AgentMachine(stack, site, agent, tuple(contents.callers))


@dataclass(frozen=True)
class Plan:
    """`fill` makes the stack's resources; `after` are the stacks that must be there before."""

    fill: Callable[[Construct, Site, Contents], None]
    after: tuple[str, ...] = ()


STACKS: Mapping[str, Plan] = {
    "foundation": Plan(_foundation),
    "tools": Plan(_tools, after=("foundation",)),
    "models": Plan(_models, after=("foundation",)),
    "agents": Plan(_agents, after=("foundation", "tools", "models")),
}
