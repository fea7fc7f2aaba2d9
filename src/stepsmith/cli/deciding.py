"""A person's decision: found, checked against the tool's schema and the budgets, made, and what became of it.

What `approve`, `edit`, `reject` and `answer` share with the question on the terminal. The approver is the user of the
operating system who runs this process, on AWS whoever the key belongs to: nobody types it. A decision is kept, whoever
works on the run: `stepsmith up`, a `stepsmith run` in another terminal, or nobody until `stepsmith resume`.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from stepsmith import trace
from stepsmith.agent import AgentError, load
from stepsmith.contracts import Decision
from stepsmith.contracts.budgets import json_bytes, max_result_bytes
from stepsmith.local.approvals import Approvals, Waiting
from stepsmith.local.errors import NothingWaits
from stepsmith.local.inbox import TAKEN
from stepsmith.trace import Trace

from . import desks
from .errors import COMPLETED, CommandError, UsageError
from .settings import Settings, read
from .terminal import say

Kind = Literal["approve", "edit", "reject", "answer"]
PAST: Mapping[str, str] = {"approve": "Approved", "edit": "Edited and approved", "reject": "Rejected"}
TAKEN_UP_SECONDS = 1.5
"""How long a process that works on the run is given to take a decision up, before the person is told to resume."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The request that a command is about."""
    parser.add_argument("run", metavar="RUN", help="the run that asks, or one above it: the beginning of its id")
    parser.add_argument("call", metavar="CALL", nargs="?", help="the call's id, where the run waits for several")
    desks.arguments(parser)


def decide(options: argparse.Namespace, kind: Kind, input: Any = None, reason: str | None = None) -> int:
    """The whole of a command: finds the request, decides it, says what became of it."""
    say(asyncio.run(_decided(read(options.data), options, kind, input, reason)))
    return COMPLETED


async def _decided(settings: Settings, options: argparse.Namespace, kind: Kind, input: Any, reason: str | None) -> str:
    async with desks.chosen(settings, options).opened() as (approvals, approver):
        waiting = await found(approvals, options.run, options.call)
        if kind == "edit":
            check_edit(settings, waiting, input, len(so_far(approvals, waiting).turns[-1].calls))
        await approvals.decide(waiting, decision(waiting, kind, approver, input, reason))
        return became(approvals, waiting, kind)


async def found(approvals: Approvals, run: str, call: str | None) -> Waiting:
    """The one request of the run, or of the runs below it, or the one about the call. Raises NothingWaits, and
    UsageError where several are meant."""
    of_run = [each for each in await approvals.waiting() if approvals.is_of(each, run)]
    named = [each for each in of_run if call in (None, each.request.call_id)]
    if not named:
        raise NothingWaits(run, call)
    if len(named) > 1:
        ids = ", ".join(f"{each.request.run_id[:12]} {each.request.call_id} ({each.request.tool})" for each in named)
        raise UsageError(f"Run {run!r} waits for several decisions: {ids}. Name the run and the call.")
    return named[0]


def decision(waiting: Waiting, kind: Kind, approver: str, input: Any = None, reason: str | None = None) -> Decision:
    """The approver's decision, now, about the input that was shown."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Decision(kind, waiting.request.input_hash, approver, now, input, reason)


def so_far(approvals: Approvals, waiting: Waiting) -> Trace:
    """The run that asks, up to the request."""
    return trace.read(approvals.history(waiting))


def check_edit(settings: Settings, waiting: Waiting, input: Any, calls: int) -> None:
    """Raises UsageError for an input that the tool, or the machine, would refuse: in a turn of so many calls."""
    if not isinstance(input, Mapping):
        raise UsageError("An edit is the whole input of the call: one JSON object.")
    most = max_result_bytes(calls) // 4
    if (size := json_bytes(input)) > most:
        raise UsageError(f"The edit has {size:,} bytes; a call takes at most {most:,}: make it smaller, or reject.")
    if fault := _fault(_schema(settings, waiting), dict(input)):
        raise UsageError(f"The edit does not fit {waiting.request.tool}: {fault}.")


def _fault(schema: Mapping[str, Any] | None, input: dict[str, Any]) -> str | None:
    from stepsmith.validation import Schema, TooDeep  # Only an edit needs it.

    try:
        faults = Schema(schema).faults(input, most=1) if schema else ()
    except TooDeep:
        return "it is nested too deeply"
    return next((f"{'/'.join(map(str, each.path))}: {each.message}".removeprefix(": ") for each in faults), None)


def became(approvals: Approvals, waiting: Waiting, kind: Kind) -> str:
    """One sentence about a decision that was just made. Raises CommandError for one that came too late."""
    what = PAST.get(kind, "Answered")
    verdict = _taken_up(approvals, waiting)
    if verdict is None:
        run = waiting.request.run_id[:12]
        return f"{what}. That is kept; nobody works on the run just now: `stepsmith resume {run}` goes on with it."
    if verdict != TAKEN:
        raise CommandError("The decision came too late: the run has gone on without it, and the call is denied.")
    return f"{what}: {waiting.request.tool} of run {waiting.request.run_id[:12]} goes on."


def _taken_up(approvals: Approvals, waiting: Waiting) -> str | None:
    until = time.monotonic() + TAKEN_UP_SECONDS
    while (verdict := approvals.verdict(waiting)) is None and time.monotonic() < until:
        time.sleep(0.05)
    return verdict


def _schema(settings: Settings, waiting: Waiting) -> Mapping[str, Any] | None:
    """The tool's schema as its agent offers it now; None where the agent is none of this repository."""
    try:
        tools = load(waiting.request.agent, settings.root).tools
    except AgentError:
        return None
    return next((tool.input_schema for tool in tools if tool.name == waiting.request.tool), None)
