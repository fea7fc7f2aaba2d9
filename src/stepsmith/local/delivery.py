"""Letters from other processes (inbox.py), brought to the tasks that wait for them in this one."""

import asyncio
import contextlib

from stepsmith import asl
from stepsmith.local.errors import StoreError, TaskTimedOut
from stepsmith.local.executions import Executions
from stepsmith.local.inbox import Inbox, Letter
from stepsmith.local.store import Store
from stepsmith.local.tokens import Tokens

INBOX_SECONDS = 0.2
"""How often a process with runs looks for answers from others."""


class Delivery:
    """Looks into the inbox as long as this process has runs, or always where it `stays`. In real time, whatever the
    clock of the runs says: it waits for other processes, not for a time."""

    def __init__(self, inbox: Inbox, tokens: Tokens, store: Store, executions: Executions, stays: bool) -> None:
        self._inbox = inbox
        self._tokens = tokens
        self._store = store
        self._executions = executions
        self._stays = stays
        self._looking: asyncio.TimerHandle | None = None

    def deliver(self) -> None:
        """Gives the letters of the inbox to the tasks that wait for them here; closes those of runs that have ended."""
        for letter in self._inbox.unread():
            verdict = self._tokens.deliver(letter) or self._verdict_of_the_end(letter)
            if verdict is not None:
                self._inbox.close(letter.token, verdict)

    def look_again(self) -> None:
        """There is a run to look for."""
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(INBOX_SECONDS, self._look)

    def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()

    def _look(self) -> None:
        self._looking = None
        if self._stays or self._executions:
            self.look_again()
            with contextlib.suppress(StoreError):  # The file is locked, or the disk is full: the letters wait.
                if self._inbox.has_news():
                    self.deliver()

    def _verdict_of_the_end(self, letter: Letter) -> str | None:
        said = asl.tokens.read(letter.token)
        row = said and self._store.execution(said.arn)
        return None if row and row.status == "RUNNING" else TaskTimedOut.__name__
