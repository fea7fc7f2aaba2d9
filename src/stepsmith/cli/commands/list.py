"""An agent is a folder under agents/: the folder is enough, nothing is registered."""

from __future__ import annotations

import argparse
from typing import Any

from stepsmith.agent import AgentError, LoadedAgent, load

from ..errors import COMPLETED, FAILED
from ..project import Project
from ..settings import read
from ..terminal import document, note, table

COLUMNS = ("agent", "model", "tools", "what it does")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def main(options: argparse.Namespace) -> int:
    root = read(options.data).root
    agents, broken = [], []
    for name in Project(root).agents:
        try:
            agents.append(_shown(load(name, root)))
        except AgentError as error:
            broken.append(str(error))
    if options.json:
        document(agents)
    else:
        table(COLUMNS, (_cells(each) for each in agents))
    for sentence in broken:
        note(sentence, "bold red")
    return FAILED if broken else COMPLETED


def _cells(agent: dict[str, Any]) -> tuple[str, ...]:
    return agent["agent"], agent["model"], "\n".join(agent["tools"]), agent["description"]


def _shown(agent: LoadedAgent) -> dict[str, Any]:
    return {
        "agent": agent.name,
        "model": agent.agent.model,
        "tools": [tool.name for tool in agent.tools],
        "description": agent.agent.description,
    }
