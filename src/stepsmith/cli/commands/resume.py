"""A run that was interrupted (Ctrl-C, a crash, a full disk) goes on from its last recorded step, on the definition it
began with. Finished tasks are not repeated. A run that `stepsmith up` works on is watched to its end.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from stepsmith.local import Row

from .. import remote
from ..client import Client, running
from ..errors import INTERRUPTED
from ..live import Live
from ..project import Project
from ..runs import agent_of, base_url_of, goes_on, interrupted, tell, tell_json, watch
from ..settings import Settings, read
from ..terminal import log_line, no_log, note
from ..wiring import Workshop


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="its id, or the beginning of it; see `stepsmith runs`")
    parser.add_argument("--logs", action="store_true", help="print what the Lambdas log, on stderr")
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    project = Project(settings.root)
    row, input = asyncio.run(_found(project, settings, options.run))
    base_url = base_url_of(input)
    endpoint = None if options.logs or base_url else running(settings.data)
    if endpoint and row.status == "RUNNING":
        return _watch_there(endpoint, row, project, settings, options)
    try:
        return asyncio.run(_resume(project, settings, base_url, options))
    except asyncio.CancelledError:
        return INTERRUPTED


async def _found(project: Project, settings: Settings, run: str) -> tuple[Row, Any]:
    """The run and its input."""
    async with Workshop(project, settings).archive() as archive:
        row = archive.find(run)
        return row, archive.beginning(row.arn).input


def _watch_there(endpoint: Client, row: Row, project: Project, settings: Settings, options: argparse.Namespace) -> int:
    """A run that the running endpoint has taken up, or takes up now that it is asked for."""
    try:
        trace = remote.watch(endpoint, row.arn, Live())
    except KeyboardInterrupt:
        note(goes_on(row.name), "yellow")
        return INTERRUPTED
    if options.json:
        return tell_json(trace, row.name, agent_of(row.machine, project.agents), settings)
    return tell(trace, row.name, settings)


async def _resume(project: Project, settings: Settings, base_url: str | None, options: argparse.Namespace) -> int:
    async with Workshop(project, settings, base_url).runtime(log_line if options.logs else no_log) as runtime:
        run = runtime.resume(options.run)
        try:
            trace = await watch(run, Live())
        except asyncio.CancelledError:
            note(interrupted(run.name), "yellow")
            raise
    if options.json:
        return tell_json(trace, run.name, agent_of(run.machine, project.agents), settings)
    return tell(trace, run.name, settings)
