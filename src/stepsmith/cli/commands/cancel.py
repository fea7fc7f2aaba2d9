"""The run ends as `stopped` before its next call of a model, with the best answer so far and its whole transcript.

It puts a mark into the run's folder of transcripts, and into those of its sub-agents' runs, which every model caller
looks for; a sub-agent that begins later inherits it. A run that nobody works on ends when it is resumed.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence

from stepsmith.local.archive import archive
from stepsmith.local.store import Row

from ..errors import COMPLETED
from ..project import Project
from ..settings import read
from ..terminal import count, say
from ..wiring import Workshop

MOST = 100_000


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", metavar="RUN", help="its id, or the beginning of it; see `stepsmith runs`")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    workshop = Workshop(Project(settings.root), settings)
    with archive(settings.data) as recorded:
        row = recorded.find(options.run)
        if row.status != "RUNNING":
            say(f"Run {row.name} has ended ({row.status.lower()}): nothing to cancel.")
            return COMPLETED
        marks = workshop.marks
        marks.make(row.machine, row.name)  # first: whoever begins from now on inherits it
        below = tuple(_below(row, recorded.list(MOST, "RUNNING")))
        for each in below:
            marks.make(each.machine, each.name)
    also = f", and so do {count(len(below), 'run')} of its sub-agents" if below else ""
    say(f"Run {row.name} ends before its next call of a model{also}.")
    return COMPLETED


def _below(row: Row, running: Sequence[Row]) -> Iterator[Row]:
    """The runs that go on below it: its sub-agents', and theirs."""
    for each in running:
        if each.started_by and each.started_by.rpartition("#")[0] == row.arn:
            yield each
            yield from _below(each, running)
