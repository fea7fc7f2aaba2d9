"""While a run is watched: what waits for a person in it, or in a run below it, is asked on the terminal.

    with Asker(settings, run.arn, live) as asker: ...          # asks, or prints the command to decide elsewhere

A thread of its own looks into the data folder, so that it is the same whether this process works on the run or another
one does. What is decided elsewhere meanwhile is said, and the question withdrawn. Ctrl-C leaves the run waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import sys
import threading
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Self

from stepsmith.contracts import Decision
from stepsmith.local.approvals import Approvals, Waiting
from stepsmith.local.errors import ApprovalError, InterpreterChanged, LocalError, RunIsFinished

from .deciding import Kind, approver, check_edit, decision, desk, so_far
from .editor import edited
from .errors import CommandError, UsageError
from .live import Live
from .requests import shown, tainting
from .results import decided
from .settings import Settings
from .terminal import err, note

LOOK_SECONDS = 0.25
PROMPT = "approve (a), edit (e), reject (r) or answer (w)? "
CHOICES: Mapping[str, Kind] = {
    **dict.fromkeys(("a", "approve", "y", "yes"), "approve"),
    **dict.fromkeys(("e", "edit"), "edit"),
    **dict.fromkeys(("r", "reject", "n", "no"), "reject"),
    **dict.fromkeys(("w", "answer"), "answer"),
}


class Withdrawn(Exception):
    """Nobody has to answer any more: it was decided elsewhere, or the watching ends."""


class Asker:
    """Attends to the requests of `run` (its ARN). `waits` tells whether any is undecided just now; `ask` whether
    somebody at this terminal may be asked."""

    def __init__(self, settings: Settings, run: str, live: Live, ask: bool = True) -> None:
        self._settings, self._run, self._live = settings, run, live
        self._asks = ask and sys.stdin.isatty() and err.is_terminal
        self._told: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._attend, name="asker", daemon=True)
        self._mark: int | None = None
        self.waits = False

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._ended.set()
        self._thread.join(timeout=2)

    def _attend(self) -> None:
        with contextlib.suppress(Withdrawn):
            try:
                asyncio.run(self._watch())
            except LocalError as error:
                note(f"Nobody can be asked here: {error}", "yellow")

    async def _watch(self) -> None:
        async with desk(self._settings) as approvals:
            while not self._ended.wait(LOOK_SECONDS):
                await self._look(approvals)
            if not self._asks:  # what was asked for just before --no-wait left
                await self._look(approvals)

    async def _look(self, approvals: Approvals) -> None:
        mark, before = await approvals.table.mark(), self._mark
        self._mark = mark
        if mark == before and not self.waits:
            return
        found = [each for each in await approvals.waiting() if approvals.is_of(each, self._run)]
        for waiting in found:
            if waiting.token not in self._told:
                self._told.add(waiting.token)
                await self._tell(approvals, waiting)
        self.waits = bool(found)

    async def _tell(self, approvals: Approvals, waiting: Waiting) -> None:
        self._live.hold()
        note("\n" + shown(waiting, _tainted(approvals, waiting)), "yellow")
        if self._asks:
            await self._ask(approvals, waiting)
        else:
            note(commands(waiting), "yellow")
        self._live.go_on()

    async def _ask(self, approvals: Approvals, waiting: Waiting) -> None:
        async def ended() -> bool:
            return self._ended.is_set() or waiting not in await approvals.waiting()

        while True:
            try:
                await approvals.decide(waiting, await self._decision(approvals, waiting, ended))
            except UsageError as error:
                note(str(error), "red")
                continue
            except Withdrawn:
                await self._withdraw(approvals, waiting)
            except (ApprovalError, RunIsFinished, CommandError) as error:
                note(str(error), "red")
            return

    async def _decision(self, approvals: Approvals, waiting: Waiting, ended: Ended) -> Decision:
        kind = CHOICES.get((await _line(PROMPT, ended)).lower())
        if kind is None:
            raise UsageError("Say a, e, r or w.")
        input = None
        if kind == "edit":
            input = edited(waiting.request.input)
            check_edit(self._settings, waiting, input, len(so_far(approvals, waiting).turns[-1].calls))
        reason = await _line("the answer: " if kind == "answer" else "reason (or nothing): ", ended)
        if kind == "answer" and not reason:
            raise UsageError("The answer is empty: say what the tool's result shall be, or reject the call.")
        return decision(waiting, kind, approver(), input, reason or None)

    async def _withdraw(self, approvals: Approvals, waiting: Waiting) -> None:
        """Says why it is asked no more; Ctrl-D leaves the decision to somebody elsewhere."""
        if (made := await approvals.decision(waiting)) is not None:
            note(f"\nIt was {decided(made)}.", "yellow")
        elif not self._ended.is_set():
            still = waiting in await approvals.waiting()
            note("\n" + (commands(waiting) if still else "It waits no more: the run has gone on."), "yellow")
        if self._ended.is_set():
            raise Withdrawn


def commands(waiting: Waiting) -> str:
    """How to decide from somewhere else."""
    about = f"{waiting.request.run_id[:12]} {waiting.request.call_id}"
    return f"Decide by: stepsmith approve|edit|reject|answer {about}"


def _tainted(approvals: Approvals, waiting: Waiting) -> str | None:
    try:
        return tainting(so_far(approvals, waiting))
    except InterpreterChanged:
        return None


Ended = Callable[[], Awaitable[bool]]


async def _line(prompt: str, ended: Ended) -> str:
    """One line that the person types. Raises Withdrawn once `ended`, and at the end of the input."""
    err.print(prompt, end="", soft_wrap=True)
    while not select.select([sys.stdin], [], [], LOOK_SECONDS)[0]:
        if await ended():
            raise Withdrawn
    typed = os.read(sys.stdin.fileno(), 65536).decode(errors="replace")  # a terminal gives a line at a time
    if not typed:
        raise Withdrawn
    return typed.strip()
