"""The run ends as `stopped` before its next call of a model, with the best answer so far and its whole transcript.

It puts a mark into the run's folder of transcripts, and into those of its sub-agents' runs, which every model caller
looks for. A run that nobody works on
ends when it is resumed.
"""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path

from stepsmith.local import Row

from ..errors import COMPLETED
from ..project import Project
from ..runs import agent_of
from ..settings import Settings, read
from ..terminal import count, say
from ..wiring import LOCAL, Workshop

MOST = 100_000


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
        marked = (row, *_below(row, runtime.list(MOST, "RUNNING")))
        for each in marked:
            mark = _folder(settings, agent_of(each.machine, project.agents), each.name) / "cancel"
            mark.parent.mkdir(parents=True, exist_ok=True)
            mark.touch()
    also = f", and so do {count(len(marked) - 1, 'run')} of its sub-agents" if len(marked) > 1 else ""
    say(f"Run {row.name} ends before its next call of a model{also}.")
    return COMPLETED


def _folder(settings: Settings, agent: str, run: str) -> Path:
    return settings.data / "s3" / LOCAL.bucket / "transcripts" / agent / run


def _below(row: Row, running: Sequence[Row]) -> Iterator[Row]:
    """The runs that go on below it: its sub-agents', and theirs."""
    for each in running:
        if each.started_by and each.started_by.rpartition("#")[0] == row.arn:
            yield each
            yield from _below(each, running)
