"""Tasks that somebody outside ends: activities and `.waitForTaskToken`.

Whoever holds a task's token says success, failure or a heartbeat. A token says which execution and which effect it
belongs to (asl/tokens.py), so nothing is kept of it here, and it is the same after a restart: a person or a worker who
got one before a crash can still answer. Workers ask for an activity's tasks in the order in which these were scheduled.
The methods are the actions of the Step Functions API, by name and rule.
"""

import asyncio
from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass
from typing import Any, Protocol

from stepsmith import asl
from stepsmith.asl import outcome
from stepsmith.local.clock import Clock
from stepsmith.local.errors import InvalidToken, StoreError, TaskDoesNotExist, TaskTimedOut, TokenError, UnknownRun
from stepsmith.local.inbox import TAKEN, Letter
from stepsmith.local.packing import recorded
from stepsmith.local.parking import Waits
from stepsmith.local.run import Run, Stop, Task, nothing
from stepsmith.local.store import Row

LONGEST_TOKEN = 2048  # characters; the API's bound on taskToken
POLL_SECONDS = 60  # how long GetActivityTask waits for a task


@dataclass(frozen=True, slots=True)
class ActivityTask:
    """A task for a worker: answer with its token. `text` is its input where that is the execution's, untouched."""

    token: str
    input: Any
    text: bytes | None = None


@dataclass(frozen=True, slots=True)
class _Offered:
    """A task that no worker has, of a run that is perhaps parked."""

    since_ms: int
    run: Run
    effect: int

    @property
    def key(self) -> "_Key":
        return self.since_ms, self.run.id, self.effect


_Key = tuple[int, int, int]


class _Queue:
    """The tasks of one activity that no worker has, each once, by the time at which they were scheduled."""

    def __init__(self) -> None:
        self._keys: list[_Key] = []
        self._offered: dict[_Key, _Offered] = {}

    def put(self, offered: _Offered) -> None:
        if offered.key not in self._offered:
            insort(self._keys, offered.key)
        self._offered[offered.key] = offered

    def drop(self, offered: _Offered) -> None:
        if self._offered.pop(offered.key, None):
            del self._keys[bisect_left(self._keys, offered.key)]

    def next(self) -> _Offered | None:
        return self._offered.pop(self._keys.pop(0)) if self._keys else None


class Executions(Protocol):
    """What tokens need of the runtime."""

    def find(self, run: str) -> Row: ...
    def take(self, row: Row) -> Run: ...
    def at_work(self, arn: str) -> Run | None: ...
    def seed(self, row: Row) -> int: ...


class Tokens:
    """Answers to tasks, and the queues of activities."""

    def __init__(self, executions: Executions, clock: Clock) -> None:
        self._executions = executions
        self._clock = clock
        self._queues: dict[str, _Queue] = {}
        self._workers: dict[str, deque[asyncio.Future[_Offered | None]]] = {}

    def wait(self, task: Task) -> Stop:
        """The task now waits for its token, which finds it by itself."""
        assert task.invoke.task_token is not None, f"{task.invoke.resource!r} has no token"
        return nothing

    def offer(self, activity: str, task: Task) -> Stop:
        """The task now waits for a worker, who learns of it by `get_activity_task`."""
        if not isinstance(task.run, Run):  # a trial, of which no worker learns
            return nothing
        offered = _Offered(task.since_ms, task.run, task.invoke.id)
        self._hand_out(activity, offered)
        return lambda: None if task.is_left else self._withdraw(activity, offered)

    def offer_parked(self, run: Run, waits: Waits) -> None:
        """The same for what a run offered when it was parked."""
        for offer in waits.offers:
            self._hand_out(offer.activity, _Offered(offer.since_ms, run, offer.effect))

    async def get_activity_task(self, activity: str, worker_name: str | None = None) -> ActivityTask | None:
        """Waits for the next task of the activity (cancel to stop waiting) and records who took it; None when none
        came within a minute. StoreError: it was not recorded, and is the next one again."""
        while offered := self._next_task(activity) or await self._queue_up(activity):
            if offered.run.waits_for(offered.effect):
                return self._taken(activity, offered, worker_name)
        return None

    def _taken(self, activity: str, offered: _Offered, worker_name: str | None) -> ActivityTask:
        task = offered.run.task(offered.effect)
        try:
            offered.run.answer(offered.effect, outcome.Started(worker_name))
        except BaseException:
            self._hand_out(activity, offered)
            raise
        assert task.invoke.task_token is not None
        beginning, input = offered.run.replica.beginning, task.invoke.arguments
        return ActivityTask(task.invoke.task_token, input, beginning.input_text if input is beginning.input else None)

    def success(self, token: str, output: Any) -> None:
        """SendTaskSuccess: `output` is a JSON value."""
        run, effect = self._find(token)
        run.answer(effect, outcome.Succeeded(recorded(output)))

    def failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """SendTaskFailure: Retry and Catch of the machine see `error`."""
        run, effect = self._find(token)
        run.answer(effect, outcome.Failed(error, cause))

    def heartbeat(self, token: str) -> None:
        """SendTaskHeartbeat: HeartbeatSeconds begin anew."""
        run, effect = self._find(token)
        if not run.waits_for(effect):
            raise TaskTimedOut
        run.task(effect).beat()

    def deliver(self, letter: Letter) -> str | None:
        """A success that was given when the letter says: TAKEN, or the name of the error that it meets; None where
        the task is none of this process, or could not be recorded."""
        said = asl.tokens.read(letter.token)
        run = None if said is None else self._executions.at_work(said.arn)
        if said is None or run is None:
            return None
        try:
            self._in_time(run, said.effect, letter.time_ms)
            run.answer(said.effect, outcome.Succeeded(letter.output))
        except TokenError as error:
            return type(error).__name__
        except StoreError:
            return None
        return TAKEN

    def _in_time(self, run: Run, effect: int, time_ms: int) -> None:
        if not run.waits_for(effect):
            raise TaskTimedOut
        timeout_ms = run.task(effect).timeout_ms
        if timeout_ms is not None and time_ms > timeout_ms:
            raise TaskTimedOut

    def find(self, token: str) -> Row:
        """The execution that issued the token. Raises InvalidToken, TaskDoesNotExist."""
        said = asl.tokens.read(token) if 0 < len(token) <= LONGEST_TOKEN else None
        if said is None:
            raise InvalidToken(token)
        try:
            row = self._executions.find(said.arn)
        except UnknownRun as error:
            raise TaskDoesNotExist from error
        if not asl.tokens.is_genuine(token, self._executions.seed(row)):
            raise InvalidToken(token)
        return row

    def _find(self, token: str) -> tuple[Run, int]:
        row = self.find(token)
        if row.status != "RUNNING":
            raise TaskTimedOut
        said = asl.tokens.read(token)
        assert said is not None
        return self._executions.take(row), said.effect

    def _withdraw(self, activity: str, offered: _Offered) -> None:
        if activity in self._queues:
            self._queues[activity].drop(offered)

    def _hand_out(self, activity: str, offered: _Offered) -> None:
        worker = self._next_worker(activity)
        if worker is not None:
            worker.set_result(offered)
        else:
            self._queues.setdefault(activity, _Queue()).put(offered)

    def _next_task(self, activity: str) -> _Offered | None:
        queue = self._queues.get(activity)
        return None if queue is None else queue.next()

    def _next_worker(self, activity: str) -> "asyncio.Future[_Offered | None] | None":
        workers = self._workers.get(activity, deque())
        while workers:
            worker = workers.popleft()
            if not worker.done():
                return worker
        return None

    async def _queue_up(self, activity: str) -> _Offered | None:
        worker: asyncio.Future[_Offered | None] = asyncio.get_running_loop().create_future()
        self._workers.setdefault(activity, deque()).append(worker)
        due = self._clock.now_ms() + 1000 * POLL_SECONDS
        alarm = self._clock.call_at(due, lambda: None if worker.done() else worker.set_result(None))
        try:
            return await worker
        except asyncio.CancelledError:
            if worker.done() and not worker.cancelled() and (offered := worker.result()):
                self._hand_out(activity, offered)  # it was handed a task at this very moment
            raise
        finally:
            alarm.cancel()
            self._leave(activity, worker)

    def _leave(self, activity: str, worker: "asyncio.Future[_Offered | None]") -> None:
        """Keeps no worker who has gone."""
        workers = self._workers.get(activity)
        if workers is not None and worker in workers:
            workers.remove(worker)
        if not workers:
            self._workers.pop(activity, None)
