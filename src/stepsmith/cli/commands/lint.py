"""Checks what would not work, before it runs: each finding says where, what is wrong, and what to do about it.

Without a name every agent of the repository is checked, and every tool.json. Exit code 1 when anything was found.
"""

from __future__ import annotations

import argparse

from stepsmith.agent import AgentError, Deployment, compile, load
from stepsmith.agent.lint import lint

from ..errors import COMPLETED, FAILED
from ..project import Project
from ..scenarios import problems
from ..settings import read
from ..terminal import say


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("agents", metavar="AGENT", nargs="*", default=[], help="only these")


def main(options: argparse.Namespace) -> int:
    project = Project(read(options.data).root)
    for name in options.agents:
        project.agent_folder(name)
    for name in project.tools:
        project.tool(name)
    found = [line for name in options.agents or project.agents for line in _findings(project, name)]
    for line in found:
        say(line)
    say(f"{len(options.agents or project.agents)} agents, {len(project.tools)} tool functions: {_verdict(len(found))}")
    return FAILED if found else COMPLETED


def _findings(project: Project, name: str) -> list[str]:
    try:
        agent = load(name, project.root)
        definition = compile(agent, Deployment(), callers=project.vendors)
    except AgentError as error:
        return [str(error)]
    scenarios = problems(project.root, name, tuple(tool.name for tool in agent.tools))
    return [f"agents/{name}: {finding}" for finding in lint(agent, definition, project.vendors)] + list(
        map(str, scenarios)
    )


def _verdict(findings: int) -> str:
    return "nothing found" if not findings else f"{findings} to mend"
