"""One request, asked on the terminal until it is decided. A decision made elsewhere withdraws the question."""

from __future__ import annotations

import os
import select
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from stepsmith.contracts import Decision
from stepsmith.local.approvals import Approvals, Waiting
from stepsmith.local.errors import ApprovalError, InterpreterChanged, RunIsFinished

from .deciding import Kind, check_edit, decision, so_far
from .desks import Desk
from .editor import edited
from .errors import CommandError, UsageError
from .requests import shown, tainting
from .results import decided
from .settings import Settings
from .terminal import err, note

PROMPT = "approve (a), edit (e), reject (r) or answer (w)? "
CHOICES: Mapping[str, Kind] = {
    **dict.fromkeys(("a", "approve", "y", "yes"), "approve"),
    **dict.fromkeys(("e", "edit"), "edit"),
    **dict.fromkeys(("r", "reject", "n", "no"), "reject"),
    **dict.fromkeys(("w", "answer"), "answer"),
}


class Withdrawn(Exception):
    """Nobody has to answer any more: it was decided elsewhere, or the watching ends."""


@dataclass(frozen=True)
class Question:
    """`approver` is who decides here; `ended` is set when nobody watches the run any more."""

    settings: Settings
    desk: Desk
    approvals: Approvals
    approver: str
    waiting: Waiting
    ended: threading.Event

    @property
    def shown(self) -> str:
        """The request as a person reads it."""
        return shown(self.waiting, self._tainted())

    @property
    def elsewhere(self) -> str:
        """How to decide from somewhere else."""
        request = self.waiting.request
        about = f"{request.run_id[:12]} {request.call_id}{self.desk.options}"
        return f"Decide by: stepsmith approve|edit|reject|answer {about}"

    async def put(self) -> None:
        """Asks until there is a decision. Raises Withdrawn once the watching has ended."""
        while True:
            try:
                await self.approvals.decide(self.waiting, await self._decision())
            except UsageError as error:
                note(str(error), "red")
                continue
            except Withdrawn:
                await self._withdraw()
            except (ApprovalError, RunIsFinished, CommandError) as error:
                note(str(error), "red")
            return

    async def _decision(self) -> Decision:
        kind = CHOICES.get((await self._line(PROMPT)).lower())
        if kind is None:
            raise UsageError("Say a, e, r or w.")
        input = None
        if kind == "edit":
            input = edited(self.waiting.request.input)
            check_edit(self.settings, self.waiting, input, len(so_far(self.approvals, self.waiting).turns[-1].calls))
        reason = await self._line("the answer: " if kind == "answer" else "reason (or nothing): ")
        if kind == "answer" and not reason:
            raise UsageError("The answer is empty: say what the tool's result shall be, or reject the call.")
        return decision(self.waiting, kind, self.approver, input, reason or None)

    async def _line(self, prompt: str) -> str:
        """One line that the person types. Raises Withdrawn once it is too late, and at the end of the input."""
        err.print(prompt, end="", soft_wrap=True)
        while not select.select([sys.stdin], [], [], self.desk.look_seconds)[0]:
            if self.ended.is_set() or not await self._waits():
                raise Withdrawn
        typed = os.read(sys.stdin.fileno(), 65536).decode(errors="replace")  # a terminal gives a line at a time
        if not typed:
            raise Withdrawn
        return typed.strip()

    async def _withdraw(self) -> None:
        """Says why it is asked no more; Ctrl-D leaves the decision to somebody elsewhere."""
        if (made := await self.approvals.decision(self.waiting)) is not None:
            note(f"\nIt was {decided(made)}.", "yellow")
        elif not self.ended.is_set():
            note("\n" + (self.elsewhere if await self._waits() else "It waits no more: the run has gone on."), "yellow")
        if self.ended.is_set():
            raise Withdrawn

    async def _waits(self) -> bool:
        return self.waiting in await self.approvals.waiting()

    def _tainted(self) -> str | None:
        try:
            return tainting(so_far(self.approvals, self.waiting))
        except InterpreterChanged:
            return None
