"""A run that was interrupted (Ctrl-C, a crash, a full disk) goes on from its last recorded step, on the definition it
began with. Finished tasks are not repeated.
"""

from __future__ import annotations

import argparse
import asyncio

from ..errors import INTERRUPTED
from ..live import Live
from ..project import Project
from ..runs import agent_of, base_url_of, interrupted, tell, tell_json, watch
from ..settings import Settings, read
from ..terminal import log_line, no_log, note
from ..wiring import Workshop


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="its id, or the beginning of it; see `stepsmith runs`")
    parser.add_argument("--logs", action="store_true", help="print what the Lambdas log, on stderr")
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    try:
        return asyncio.run(_resume(Project(settings.root), settings, options))
    except asyncio.CancelledError:
        return INTERRUPTED


async def _resume(project: Project, settings: Settings, options: argparse.Namespace) -> int:
    async with Workshop(project, settings).archive() as archive:
        base_url = base_url_of(archive.beginning(options.run).input)
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
