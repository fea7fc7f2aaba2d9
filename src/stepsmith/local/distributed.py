"""Distributed Maps: a Map Run is child executions, some at a time, and what is recorded of them is all there is of it.

A child's ARN follows from the Map Run's and the item's number, so a Map Run that is taken up after a crash finds every
child again: those that ended count, those that run are followed, the others are started. A redrive runs those again
that did not succeed: a Standard child goes on under its ARN, an Express one starts anew (API reference,
RedriveExecution).
"""

import asyncio
import hashlib
import uuid
from collections import deque

from stepsmith import asl
from stepsmith.asl import outcome
from stepsmith.local.executions import Executions
from stepsmith.local.packing import encode
from stepsmith.local.run import Run, Stop
from stepsmith.local.starting import Program, Request, Starting
from stepsmith.local.store import Row, Source, Store
from stepsmith.local.task import MapTask

AT_ONCE = 10_000
"""Children of a Map Run at one time, whatever MaxConcurrency says (Step Functions quotas)."""
A_TURN = 50
"""Children that are started in one turn of the event loop."""
EXCEEDED = outcome.Failed(
    "States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was exceeded"
)


class MapRuns:
    """Performs distributed Maps."""

    def __init__(self, store: Store, executions: Executions, starting: Starting) -> None:
        self._store = store
        self._executions = executions
        self._starting = starting

    def perform(self, task: MapTask) -> Stop:
        """Begins a Map Run, or goes on with one that is recorded."""
        assert isinstance(task.run, Run)
        return _MapRun(task, task.run, self._store, self._executions, self._starting).begin()


class _MapRun:
    """One Map Run at work. `_waiting` are the items whose children are still to run."""

    def __init__(self, task: MapTask, parent: Run, store: Store, executions: Executions, starting: Starting) -> None:
        self._task = task
        self._effect = task.effect
        self._parent = parent
        self._store, self._executions, self._starting = store, executions, starting
        self._waiting: deque[int] = deque()
        self._running: dict[int, str] = {}
        self._failures = 0
        self._is_over = False
        self._program = _program(parent, task.effect)

    def begin(self) -> Stop:
        asyncio.get_running_loop().call_soon(self._parent.surely, self._take_up)
        return self.stop

    def stop(self) -> None:
        """Nobody waits for it any more: its children are stopped, unless this process only leaves them."""
        self._is_over = True
        if not self._task.is_left:
            self._stop_children()

    def _take_up(self) -> None:
        """Sorts the items by what is recorded of their children, then starts what is missing."""
        if self._is_over:
            return
        self._waiting.clear()
        self._failures = 0
        rows = {row.name: row for row in self._store.rows("WHERE map_run = ?", (self._effect.arn,))}
        for index in range(len(self._effect.items)):
            row = self._latest(index, rows)
            if row is None or self._runs_again(row):
                self._waiting.append(index)
            elif row.status == "RUNNING":
                self._follow(index, row)
            else:
                self._failures += row.status != "SUCCEEDED"
        self._fill()

    def _latest(self, index: int, rows: dict[str, Row]) -> Row | None:
        """The latest child of an item: an Express one has one a redrive."""
        rounds = range(self._effect.redrive_count, -1, -1)
        return next((row for number in rounds if (row := rows.get(self._name(index, number)))), None)

    def _runs_again(self, row: Row) -> bool:
        """Whether a child ended badly before this redrive."""
        if self._effect.redrive_count == 0 or row.status in ("RUNNING", "SUCCEEDED"):
            return False
        return row.stopped_ms is not None and row.stopped_ms <= self._task.since_ms

    def _fill(self) -> None:
        """Starts children as far as there is room, some a turn; ends the Map Run when nothing is left of it."""
        if self._is_over:
            return
        if self._failures > self._effect.tolerated:
            self._exceeded()
            return
        for _ in range(min(self._room, A_TURN, len(self._waiting))):
            self._start(self._waiting[0])
            self._waiting.popleft()
        if self._waiting and self._room > 0:
            asyncio.get_running_loop().call_soon(self._parent.surely, self._fill)
        elif not self._waiting and not self._running:
            self._finish()

    @property
    def _room(self) -> int:
        return min(self._effect.at_once or AT_ONCE, AT_ONCE) - len(self._running)

    def _start(self, index: int) -> None:
        """The child of an item, begun or redriven; what it comes to is counted when it has ended."""
        row = self._store.execution(self._arn(index))
        if row is None:
            started_by = f"{self._parent.arn}#{self._effect.id}"
            name, _, id = self._name(index, self._effect.redrive_count).partition(":")
            request = Request(self._effect.items[index], name, started_by=started_by, id=id or None)
            self._starting.begin(self._program, request)
        elif row.status != "RUNNING":
            self._executions.redrive(row, None)
        row = self._store.execution(self._arn(index))
        assert row is not None
        if row.status == "RUNNING":
            self._follow(index, row)
        else:
            self._failures += row.status != "SUCCEEDED"

    def _follow(self, index: int, row: Row) -> None:
        self._running[index] = row.arn
        self._executions.take(row).when_ended(lambda error: self._ended(index, error))

    def _ended(self, index: int, error: BaseException | None) -> None:
        if self._is_over or isinstance(error, asyncio.CancelledError):
            return
        if isinstance(error, Exception):
            self._parent.fail(error)
            return
        self._parent.surely(lambda: self._count(index))

    def _count(self, index: int) -> None:
        arn = self._running.get(index)
        row = None if arn is None else self._store.execution(arn)
        if row is not None:
            del self._running[index]
            self._failures += row.status != "SUCCEEDED"
            self._parent.surely(self._fill)

    def _exceeded(self) -> None:
        self._is_over = True
        self._stop_children()
        self._task.settle(EXCEEDED)

    def _finish(self) -> None:
        """The outputs of the children that succeeded, in the order of their items."""
        self._is_over = True
        rows = {row.name: row for row in self._store.rows("WHERE map_run = ?", (self._effect.arn,))}
        latest = (self._latest(index, rows) for index in range(len(self._effect.items)))
        succeeded = [row for row in latest if row is not None and row.status == "SUCCEEDED"]
        endings = [self._store.ending(row.id) for row in succeeded]
        self._task.settle(outcome.Succeeded([ending.result for ending in endings if ending is not None]))

    def _stop_children(self) -> None:
        for arn in self._running.values():
            child = self._executions.at_work(arn)
            if child is not None:
                child.surely(child.stop)

    def _arn(self, index: int) -> str:
        kind = "express" if self._program.type == "EXPRESS" else "execution"
        name = self._name(index, self._effect.redrive_count)
        return f"{self._program.machine.replace(':stateMachine:', f':{kind}:', 1)}:{name}"

    def _name(self, index: int, redrive: int) -> str:
        """`UUID`, or `UUID:UUID` of an Express child, which is another one after each redrive."""
        name = _uuid(f"{self._effect.arn}#{index}")
        if self._program.type == "STANDARD":
            return name
        return f"{name}:{_uuid(f'{self._effect.arn}#{index}#{redrive}')}"


def _program(parent: Run, effect: asl.RunMap) -> Program:
    """What the children run: the Map's processor, as the parent's role, dispatched by the Map Run."""
    role = parent.replica.beginning.role
    source = Source(map_run=effect.arn)
    definition = encode(effect.definition).decode()
    return Program(f"{parent.machine}/{effect.label}", definition, role, effect.execution_type, source)


def _uuid(text: str) -> str:
    return str(uuid.UUID(bytes=hashlib.blake2b(text.encode(), digest_size=16).digest(), version=4))
