"""A run that was interrupted (Ctrl-C, a crash, a full disk) goes on from its last recorded step, on the definition it
began with. Finished tasks are not repeated; stand-ins that `run` began with are there again. A run that `stepsmith up`
works on is watched to its end.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from stepsmith.agent import AgentError, LoadedAgent, load
from stepsmith.local.archive import archive
from stepsmith.local.store import Row

from ..client import running
from ..errors import INTERRUPTED
from ..following import here, there
from ..native import build, functions_of, native
from ..offline import needed, stand_ins
from ..project import Project
from ..runs import agent_of
from ..settings import Settings, read
from ..terminal import log_line, no_log
from ..wiring import Workshop, base_url_of, below, has_stand_ins, is_of_its_own


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="its id, or the beginning of it; see `stepsmith runs`")
    parser.add_argument("--no-wait", action="store_true", help="leave (exit code 4) when it waits for a person")
    parser.add_argument("--logs", action="store_true", help="print what the Lambdas log, on stderr")
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    project = Project(settings.root)
    row, input = _found(settings, options.run)
    endpoint = None if options.logs or is_of_its_own(input) else running(settings.data)
    if endpoint and row.status == "RUNNING":
        return there(endpoint, row.arn, agent_of(row.machine, project.agents), settings, options)
    agents = _agents(project, settings, row)
    tools = {name: tool for agent in agents for name, tool in functions_of(agent).items()}.values()
    build(settings.root, native(tools))
    try:
        with stand_ins(needed(settings, tools) if has_stand_ins(input) else (), settings) as settings:
            return asyncio.run(_resume(Workshop(project, settings, base_url_of(input)), agents, settings, options))
    except asyncio.CancelledError:
        return INTERRUPTED


def _found(settings: Settings, run: str) -> tuple[Row, Any]:
    """The run and its input."""
    with archive(settings.data) as recorded:
        row = recorded.find(run)
        return row, recorded.beginning(row.arn).input


def _agents(project: Project, settings: Settings, row: Row) -> tuple[LoadedAgent, ...]:
    """The agent of the run and those that it may still start, as their sources are now; none for one that has gone."""
    try:
        agent = load(agent_of(row.machine, project.agents), settings.root)
    except AgentError:
        return ()
    return agent, *below(agent)


async def _resume(
    workshop: Workshop, agents: tuple[LoadedAgent, ...], settings: Settings, options: argparse.Namespace
) -> int:
    log = log_line if options.logs else no_log
    async with workshop.runtime(log, agents=agents[1:]) as runtime:
        run = runtime.resume(options.run)
        return await here(runtime, run, agent_of(run.machine, Project(settings.root).agents), settings, options)
