"""Tasks that somebody outside ends: activities and `.waitForTaskToken`.

Whoever holds a task's token says success, failure or a heartbeat. Workers ask for an activity's tasks in the order in
which these were scheduled. Tokens come from the interpreter and are the same after a restart, so a person or a worker
who got one before a crash can still answer. The methods are the actions of the Step Functions API, by name and rule.
"""

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import Any

from stepsmith.asl import outcome
from stepsmith.local.errors import InvalidToken, TaskDoesNotExist, TaskTimedOut, TokenError
from stepsmith.local.inbox import TAKEN, Letter
from stepsmith.local.packing import recorded
from stepsmith.local.run import Stop, Task

REMEMBERED = 10_000  # tokens that are over; older ones are answered like unknown ones
LONGEST_TOKEN = 2048  # characters; the API's bound on taskToken


@dataclass(frozen=True, slots=True)
class ActivityTask:
    """A task for a worker: answer with its token."""

    token: str
    input: Any


class Tokens:
    """The tasks of this process that wait for an answer from outside."""

    def __init__(self) -> None:
        self._tasks: dict[str, Task] = {}
        self._ended: dict[str, None] = {}  # the latest tokens that are over, oldest first
        self._queues: dict[str, deque[Task]] = {}
        self._workers: dict[str, deque[asyncio.Future[Task]]] = {}

    def wait(self, task: Task) -> Stop:
        """The task now waits for its token."""
        token = _token(task)
        self._ended.pop(token, None)  # of a run that this process gave up and took up again
        self._tasks[token] = task
        return lambda: self._forget(token)

    def offer(self, activity: str, task: Task) -> Stop:
        """The task now waits for a worker, who learns of it by `get_activity_task`."""
        stop = self.wait(task)
        self._hand_out(activity, task)
        return stop

    async def get_activity_task(self, activity: str, worker_name: str | None = None) -> ActivityTask:
        """Waits for the next task of the activity (cancel to stop waiting) and records who took it."""
        task = self._next_task(activity) or await self._queue_up(activity)
        task.beat()
        task.settle(outcome.Started(worker_name))
        return ActivityTask(_token(task), task.invoke.arguments)

    def success(self, token: str, output: Any) -> None:
        """SendTaskSuccess: `output` is a JSON value."""
        self._find(token).settle(outcome.Succeeded(recorded(output)))

    def deliver(self, letter: Letter) -> str | None:
        """A success that was given when the letter says: TAKEN, or the name of the error that it meets; None where
        the task is none of this process, or could not be recorded."""
        try:
            task = self._find(letter.token)
        except TaskDoesNotExist:
            return None
        except TokenError as error:
            return type(error).__name__
        if task.timeout_ms is not None and letter.time_ms > task.timeout_ms:
            return TaskTimedOut.__name__
        task.settle(outcome.Succeeded(letter.output))
        return None if task.is_left else TAKEN

    def failure(self, token: str, error: str | None = None, cause: str | None = None) -> None:
        """SendTaskFailure: Retry and Catch of the machine see `error`."""
        self._find(token).settle(outcome.Failed(error or "States.TaskFailed", cause))

    def heartbeat(self, token: str) -> None:
        """SendTaskHeartbeat: HeartbeatSeconds begin anew."""
        self._find(token).beat()

    def _find(self, token: str) -> Task:
        if not 0 < len(token) <= LONGEST_TOKEN:
            raise InvalidToken(token)
        if token in self._ended:
            raise TaskTimedOut
        if token not in self._tasks:
            raise TaskDoesNotExist
        return self._tasks[token]

    def _forget(self, token: str) -> None:
        task = self._tasks.pop(token, None)
        for queue in self._queues.values():
            if task is not None and task in queue:
                queue.remove(task)
        self._ended[token] = None
        if len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]

    def _hand_out(self, activity: str, task: Task, first: bool = False) -> None:
        worker = self._next_worker(activity)
        queue = self._queues.setdefault(activity, deque())
        if worker is not None:
            worker.set_result(task)
        elif first:
            queue.appendleft(task)
        else:
            queue.append(task)

    def _next_task(self, activity: str) -> Task | None:
        queue = self._queues.get(activity)
        return queue.popleft() if queue else None

    def _next_worker(self, activity: str) -> asyncio.Future[Task] | None:
        workers = self._workers.get(activity, deque())
        while workers:
            worker = workers.popleft()
            if not worker.done():
                return worker
        return None

    async def _queue_up(self, activity: str) -> Task:
        worker: asyncio.Future[Task] = asyncio.get_running_loop().create_future()
        self._workers.setdefault(activity, deque()).append(worker)
        try:
            return await worker
        except asyncio.CancelledError:
            if worker.done() and not worker.cancelled():  # it was handed a task at this very moment
                self._give_back(activity, worker.result())
            raise

    def _give_back(self, activity: str, task: Task) -> None:
        """The task is the next one again, if it still waits."""
        if self._tasks.get(_token(task)) is task:
            self._hand_out(activity, task, first=True)


def _token(task: Task) -> str:
    assert task.invoke.task_token is not None, f"{task.invoke.resource!r} has no token"
    return task.invoke.task_token
