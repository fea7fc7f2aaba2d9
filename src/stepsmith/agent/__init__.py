"""Agents as values, and their compilation to Amazon States Language.

    agent = Agent(description=..., model=..., tools=[toolbox("python/db_interface")])     # agents/sql/agent.py
    loaded = load("sql", root)                            # reads agent.py, instructions.md and every tool.json it names
    definition = compile(loaded, Deployment(), callers=["anthropic"])       # one state machine, a plain dict
    findings = lint(loaded, definition, callers)          # what would not work, where, and what to do

Only `load` and the other functions of loading.py read files; the rest is pure.
"""

from stepsmith.contracts import Limits

from .agent import Agent, Approval, Subagent, Toolbox, subagent, toolbox
from .compile import compile
from .deployment import Deployment
from .loading import AgentError, LoadedAgent, OfferedTool, find_agents, load

__all__ = [
    "Agent",
    "AgentError",
    "Approval",
    "Deployment",
    "Limits",
    "LoadedAgent",
    "OfferedTool",
    "Subagent",
    "Toolbox",
    "compile",
    "find_agents",
    "load",
    "subagent",
    "toolbox",
]
