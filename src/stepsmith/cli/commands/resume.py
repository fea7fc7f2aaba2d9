"""A run that was interrupted (Ctrl-C, a crash, a full disk) goes on from its last recorded step, on the definition it
began with. Finished tasks are not repeated. A run that `stepsmith up` works on is watched to its end.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from stepsmith.agent import AgentError, LoadedAgent, load
from stepsmith.local import Row

from ..client import running
from ..errors import INTERRUPTED
from ..following import here, there
from ..project import Project
from ..runs import agent_of
from ..settings import Settings, read
from ..terminal import log_line, no_log
from ..wiring import Workshop, base_url_of, below


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="its id, or the beginning of it; see `stepsmith runs`")
    parser.add_argument("--no-wait", action="store_true", help="leave (exit code 4) when it waits for a person")
    parser.add_argument("--logs", action="store_true", help="print what the Lambdas log, on stderr")
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    project = Project(settings.root)
    row, input = asyncio.run(_found(project, settings, options.run))
    base_url = base_url_of(input)
    endpoint = None if options.logs or base_url else running(settings.data)
    if endpoint and row.status == "RUNNING":
        return there(endpoint, row.arn, agent_of(row.machine, project.agents), settings, options)
    try:
        return asyncio.run(_resume(project, settings, base_url, _agents(project, settings, row), options))
    except asyncio.CancelledError:
        return INTERRUPTED


async def _found(project: Project, settings: Settings, run: str) -> tuple[Row, Any]:
    """The run and its input."""
    async with Workshop(project, settings).archive() as archive:
        row = archive.find(run)
        return row, archive.beginning(row.arn).input


def _agents(project: Project, settings: Settings, row: Row) -> tuple[LoadedAgent, ...]:
    """The agents that the run may still start, as their sources are now; none for an agent that has gone."""
    try:
        return tuple(below(load(agent_of(row.machine, project.agents), settings.root)))
    except AgentError:
        return ()


async def _resume(
    project: Project,
    settings: Settings,
    base_url: str | None,
    agents: tuple[LoadedAgent, ...],
    options: argparse.Namespace,
) -> int:
    workshop = Workshop(project, settings, base_url)
    async with workshop.runtime(log_line if options.logs else no_log, agents=agents) as runtime:
        run = runtime.resume(options.run)
        return await here(runtime, run, agent_of(run.machine, project.agents), settings, options)
