"""The run ends as `stopped` before its next call of a model, with the best answer so far and its whole transcript.

It puts a mark into the run's folder of transcripts, which every model caller looks for. A run that nobody works on
ends when it is resumed.
"""

from __future__ import annotations

import argparse
import asyncio

from ..errors import COMPLETED
from ..project import Project
from ..runs import agent_of
from ..settings import read
from ..terminal import say
from ..wiring import LOCAL, Workshop


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="its id, or the beginning of it; see `stepsmith runs`")


def main(options: argparse.Namespace) -> int:
    return asyncio.run(_cancel(options))


async def _cancel(options: argparse.Namespace) -> int:
    settings = read(options.data)
    project = Project(settings.root)
    async with Workshop(project, settings).archive() as runtime:
        row = runtime.find(options.run)
        if row.status != "RUNNING":
            say(f"Run {row.name} has ended ({row.status.lower()}): nothing to cancel.")
            return COMPLETED
        agent = agent_of(row.machine, project.agents)
        mark = settings.data / "s3" / LOCAL.bucket / "transcripts" / agent / row.name / "cancel"
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()
    say(f"Run {row.name} ends before its next call of a model.")
    return COMPLETED
