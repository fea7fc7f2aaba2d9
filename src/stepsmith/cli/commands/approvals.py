"""The oldest first; `stepsmith approve|edit|reject|answer RUN [CALL]` decides. A sub-agent's requests are listed with
its own run, and found by the run above it too. docs/approvals.md explains the whole of it."""

from __future__ import annotations

import argparse
import asyncio

from stepsmith.local.approvals import Waiting

from .. import deciding
from ..errors import COMPLETED
from ..requests import document_of, left
from ..settings import read
from ..terminal import clock, document, say, short_input, table

COLUMNS = ("run", "agent", "call", "tool", "since", "left", "reason", "input")


def arguments(parser: argparse.ArgumentParser) -> None:
    deciding.place(parser)
    parser.add_argument("--json", action="store_true", help="print one JSON document, with whole inputs and hashes")


async def _waiting(options: argparse.Namespace) -> list[Waiting]:
    async with deciding.chosen(read(options.data), options) as (approvals, _):
        return await approvals.waiting()


def main(options: argparse.Namespace) -> int:
    waiting = asyncio.run(_waiting(options))
    if options.json:
        document([document_of(each) for each in waiting])
    elif waiting:
        rows = [(each, each.request) for each in waiting]
        cells = (
            (
                request.run_id[:12],
                request.agent,
                request.call_id,
                request.tool,
                clock(request.requested_at),
                left(each),
                request.reason,
                short_input(request.input, 200),
            )
            for each, request in rows
        )
        table(COLUMNS, cells, cut=True)
    else:
        say("Nothing waits for a decision.")
    return COMPLETED
