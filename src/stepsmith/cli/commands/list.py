"""An agent is a folder under agents/: the folder is enough, nothing is registered."""

from __future__ import annotations

import argparse
from typing import Any

from stepsmith.agent import LoadedAgent, load

from ..errors import COMPLETED
from ..project import Project
from ..settings import read
from ..terminal import document, table

COLUMNS = ("agent", "model", "tools", "what it does")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def main(options: argparse.Namespace) -> int:
    root = read(options.data).root
    agents = [_shown(load(name, root)) for name in Project(root).agents]
    if options.json:
        document(agents)
    else:
        table(
            COLUMNS, ((each["agent"], each["model"], "\n".join(each["tools"]), each["description"]) for each in agents)
        )
    return COMPLETED


def _shown(agent: LoadedAgent) -> dict[str, Any]:
    return {
        "agent": agent.name,
        "model": agent.agent.model,
        "tools": [tool.name for tool in agent.tools],
        "description": agent.agent.description,
    }
