"""A task under way, as its integration sees it: it is answered once, and its bounds of time are kept here."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from stepsmith import asl
from stepsmith.asl import outcome
from stepsmith.local.clock import Alarm, Clock
from stepsmith.local.journal import Pending, Result

Stop = Callable[[], None]
"""Ends what performs a task: kills its process, forgets its token. Harmless once the task has ended."""


def nothing() -> None:
    """Stops a task that has nothing to stop."""


class Owner(Protocol):
    """Whom a task answers to: the run it belongs to, or the trial of one state (trial.py). `beats` are the ends of
    HeartbeatSeconds by effect: they outlive a task that is left."""

    beats: dict[int, int]

    @property
    def clock(self) -> Clock: ...

    @property
    def arn(self) -> str: ...

    @property
    def role(self) -> str:
        """The ARN of the role that it acts as."""
        ...

    @property
    def now_ms(self) -> int: ...

    def pending(self, effect: int) -> Pending:
        """What is recorded of a task that goes on."""
        ...

    def settle(self, effect: int, result: Result) -> None: ...

    def fail(self, error: Exception) -> None: ...


@dataclass(slots=True, eq=False)
class Task:
    """An Invoke under way. One that `is_left` ends in this process only: what it waits for outside goes on and is met
    again when the run is resumed."""

    run: Owner
    invoke: asl.Invoke
    stop: Stop = field(default=nothing)
    is_left: bool = False
    _timeout: Alarm | None = None
    _heartbeat: Alarm | None = None

    @property
    def news(self) -> outcome.Started | outcome.Submitted | None:
        """What is recorded of a task that goes on."""
        return self._pending.news

    @property
    def since_ms(self) -> int:
        """When the task was asked for."""
        return self._pending.since_ms

    @property
    def timeout_ms(self) -> int | None:
        """When TimeoutSeconds end; None for a task without, or while they do not count yet."""
        since_ms, bound = self._pending.counts_from_ms, self.invoke.timeout_seconds
        return None if since_ms is None or bound is None else since_ms + 1000 * bound

    @property
    def _pending(self) -> Pending:
        return self.run.pending(self.invoke.id)

    def settle(self, result: Result) -> None:
        """Gives the task's outcome, or news of it. Ignored once the task has ended or was cancelled."""
        self.run.settle(self.invoke.id, result)

    def settle_soon(self, result: Result) -> None:
        """The same from within `perform`, which must return before the run goes on."""
        asyncio.get_running_loop().call_soon(self.settle, result)

    def fail_soon(self, error: Exception) -> None:
        """This process cannot go on with the run: `Run.wait` raises the error."""
        asyncio.get_running_loop().call_soon(self.run.fail, error)

    def watch(self) -> None:
        """Sets the alarms of TimeoutSeconds and HeartbeatSeconds, once they count."""
        if self._pending.counts_from_ms is None:
            return
        if self.timeout_ms is not None and self._timeout is None:
            self._timeout = self.run.clock.call_at(self.timeout_ms, lambda: self.settle(outcome.TimedOut()))
        if self.invoke.heartbeat_seconds is not None and self._heartbeat is None:
            due = self.run.beats.setdefault(self.invoke.id, self.run.now_ms + 1000 * self.invoke.heartbeat_seconds)
            self._heartbeat = self.run.clock.call_at(due, lambda: self.settle(outcome.TimedOut(heartbeat=True)))

    def beat(self) -> None:
        """A sign of life: HeartbeatSeconds begin anew."""
        self.run.beats.pop(self.invoke.id, None)
        if self._heartbeat is not None:
            self._heartbeat.cancel()
            self._heartbeat = None
        self.watch()

    def end(self) -> None:
        for alarm in (self._timeout, self._heartbeat):
            if alarm is not None:
                alarm.cancel()
        if not self.is_left:
            self.run.beats.pop(self.invoke.id, None)
        self.stop()


@dataclass(slots=True, eq=False)
class MapTask:
    """A distributed Map under way, as what runs its children sees it (distributed.py); left as a Task is."""

    run: Owner
    effect: asl.RunMap
    stop: Stop = field(default=nothing)
    is_left: bool = False

    @property
    def since_ms(self) -> int:
        """When it was asked for."""
        return self.run.pending(self.effect.id).since_ms

    def settle(self, result: Result) -> None:
        """Gives the outcome. Ignored once the Map has ended or was cancelled."""
        self.run.settle(self.effect.id, result)

    def end(self) -> None:
        self.stop()
