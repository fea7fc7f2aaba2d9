"""While a run is watched: what waits for a person in it, or in a run below it, is asked on the terminal.

    with Asker(settings, desk, run.arn, live) as asker: ...    # asks, or prints the command to decide elsewhere

A thread of its own looks at the desk, so that it is the same whether this process works on the run, or another one, or
AWS. Ctrl-C leaves the run waiting.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from types import TracebackType
from typing import Self

from stepsmith.local.approvals import Approvals
from stepsmith.local.errors import LocalError

from .desks import Desk
from .errors import CommandError
from .live import Live
from .question import Question, Withdrawn
from .settings import Settings
from .terminal import err, note


class Asker:
    """Attends to the requests of `run` (its ARN). `waits` tells whether any is undecided just now; `ask` whether
    somebody at this terminal may be asked."""

    def __init__(self, settings: Settings, desk: Desk, run: str, live: Live, ask: bool = True) -> None:
        self._settings, self._desk, self._run, self._live = settings, desk, run, live
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
            except (LocalError, CommandError) as error:
                note(f"Nobody can be asked here: {error}", "yellow")

    async def _watch(self) -> None:
        async with self._desk.opened() as (approvals, approver):
            while not self._ended.wait(self._desk.look_seconds):
                await self._look(approvals, approver)
            if not self._asks:  # what was asked for just before --no-wait left
                await self._look(approvals, approver)

    async def _look(self, approvals: Approvals, approver: str) -> None:
        mark, before = await approvals.table.mark(), self._mark
        self._mark = mark
        if mark is not None and mark == before and not self.waits:
            return
        found = [each for each in await approvals.waiting() if approvals.is_of(each, self._run)]
        for waiting in found:
            if waiting.token not in self._told:
                self._told.add(waiting.token)
                await self._tell(Question(self._settings, self._desk, approvals, approver, waiting, self._ended))
        self.waits = bool(found)

    async def _tell(self, question: Question) -> None:
        self._live.hold()
        note("\n" + question.shown, "yellow")
        if self._asks:
            await question.put()
        else:
            note(question.elsewhere, "yellow")
        self._live.go_on()
