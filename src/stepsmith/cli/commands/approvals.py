"""The oldest first; `stepsmith approve|edit|reject|answer RUN [CALL]` decides. A sub-agent's requests are listed with
its own run, and found by the run above it too. docs/approvals.md explains the whole of it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence

from stepsmith.local.approvals import Waiting

from .. import desks
from ..errors import COMPLETED
from ..requests import document_of, left
from ..settings import read
from ..terminal import document, one_line, out, plain, say, short_input

COLUMNS = ("run", "agent", "call", "tool", "left")


def arguments(parser: argparse.ArgumentParser) -> None:
    desks.arguments(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document, with whole inputs and hashes")


def main(options: argparse.Namespace) -> int:
    waiting = asyncio.run(_waiting(options))
    if options.json:
        document([document_of(each) for each in waiting])
    elif waiting:
        _tell(waiting)
    else:
        say("Nothing waits for a decision.")
    return COMPLETED


async def _waiting(options: argparse.Namespace) -> list[Waiting]:
    async with desks.chosen(read(options.data), options).opened() as (approvals, _):
        return await approvals.waiting()


def _tell(waiting: Sequence[Waiting]) -> None:
    """A line of facts for each, and below it, in the whole width, what is asked and why."""
    rows = [COLUMNS, *(_facts(each) for each in waiting)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    heading, *lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    say(heading, "bold")
    for line, each in zip(lines, waiting, strict=True):
        say(line)
        for below in (short_input(each.request.input, 200), each.request.reason):
            say(f"  {one_line(below, out.width - 2)}", "dim")


def _facts(waiting: Waiting) -> tuple[str, ...]:
    request = waiting.request
    facts = (request.run_id[:12], request.agent, request.call_id, request.tool, left(waiting))
    return tuple(map(plain, facts))
