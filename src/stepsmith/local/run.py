"""One run at work: the interpreter decides, the journal remembers, and only then is the world asked.

`settle` is the whole of durability: an outcome goes to the interpreter, which is pure; the outcome is committed; only
then is anything begun that the interpreter asked for. When the commit fails, the run stops where its journal ends and
can be resumed there. Whoever watches sees no event that is not recorded.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Protocol

from stepsmith import asl
from stepsmith.asl import outcome
from stepsmith.local.clock import Alarm, Clock
from stepsmith.local.journal import Abort, Expire, Happening, Pending, Replica, Result, to_entry
from stepsmith.local.store import Ending, Store

Stop = Callable[[], None]
"""Ends what performs a task: kills its process, forgets its token. Harmless once the task has ended."""


def nothing() -> None:
    """Stops a task that has nothing to stop."""


class Owner(Protocol):
    """Whom a task answers to: the run it belongs to, or the trial of one state (trial.py)."""

    clock: Clock

    @property
    def arn(self) -> str: ...

    @property
    def now_ms(self) -> int: ...

    def news(self, effect: int) -> outcome.Started | outcome.Submitted | None: ...

    def settle(self, effect: int, result: Result) -> None: ...

    def fail(self, error: Exception) -> None: ...


class Performer(Protocol):
    """What performs tasks: the table of integrations (integrations.py)."""

    def perform(self, task: "Task") -> Stop:
        """Begins the task, which answers by `task.settle`, never before this returns."""
        ...

    def recover(self, task: "Task") -> Stop:
        """Takes up a task that was under way when its process died."""
        ...


class Run:
    """A run of this process, from its start or resume to its end.

    `wait` gives its ending, `events` its history while it happens, `stop` ends it as ABORTED.
    """

    def __init__(
        self, id: int, replica: Replica, entries: int, store: Store, clock: Clock, performer: Performer
    ) -> None:
        self.id = id
        self.replica = replica
        self._entries = entries
        self._store, self.clock, self._performer = store, clock, performer
        self._work: dict[int, Task | Alarm] = {}
        self._deadline: Alarm | None = None
        self._visible = len(replica.execution.events)
        self._changed = asyncio.Event()
        self._ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._ended.add_done_callback(_error)

    @property
    def name(self) -> str:
        """The run's id for people: the execution's name."""
        return self.replica.beginning.name

    @property
    def arn(self) -> str:
        return self.replica.beginning.arn

    @property
    def machine(self) -> str:
        """The state machine's ARN."""
        return self.replica.beginning.machine

    @property
    def now_ms(self) -> int:
        """The time as its clock has it."""
        return self.clock.now_ms()

    @property
    def ending(self) -> Ending | None:
        """How it ended, None while it runs. Raises as `wait` does."""
        return self._ended.result() if self._ended.done() else None

    async def wait(self) -> Ending:
        """The ending. Raises StoreError when a step could not be recorded: the run can then be resumed."""
        return await asyncio.shield(self._ended)

    async def events(self) -> AsyncIterator[asl.HistoryEvent]:
        """Every event from the first on, as it happens, until the run ends. Raises as `wait` does."""
        seen = 0
        while True:
            changed, ended = self._changed, self._ended.done()
            while seen < self._visible:
                seen += 1
                yield self.replica.execution.events[seen - 1]
            if ended:
                self._ended.result()
                return
            await changed.wait()

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """StopExecution: everything under way is cancelled. Nothing happens to a run that has ended."""
        self._happen(0, Abort(error, cause))

    def when_ended(self, action: Callable[[BaseException | None], None]) -> None:
        """Calls `action` from the event loop once the run has ended here, with the error when it broke instead."""
        self._ended.add_done_callback(lambda ended: action(_error(ended)))

    # What the runtime calls.

    def go(self, effects: tuple[asl.Effect, ...]) -> None:
        """Begins a run that has just been recorded."""
        self._act(effects)
        self._watch_deadline()
        self._publish()

    def go_on(self) -> None:
        """Takes up a run after its process died: what was under way is recovered, what had ended stays ended."""
        for pending in tuple(self.replica.pending.values()):
            self._take_up(pending)
        self._watch_deadline()
        self._publish()

    def let_go(self) -> None:
        """Ends the work of this process on the run and records nothing: the run waits for a resume."""
        for work in self._work.values():
            if isinstance(work, Task):
                work.is_left = True
        for id in tuple(self._work):
            self._end_work(id)
        if self._deadline is not None:
            self._deadline.cancel()
        if not self._ended.done():
            self._ended.cancel()
            self._changed.set()

    def news(self, effect: int) -> outcome.Started | outcome.Submitted | None:
        """What is recorded of a task that goes on."""
        return self.replica.pending[effect].news

    def settle(self, effect: int, result: Result) -> None:
        """An effect's outcome, or news of it. An answer nobody waits for any more is dropped."""
        if effect in self._work and effect in self.replica.pending:
            self._happen(effect, result)

    def _happen(self, effect: int, happening: Happening) -> None:
        if self._ended.done():
            return
        try:
            effects = self.replica.step(effect, happening, self.clock.now_ms())
            self._record(effect, happening)
        except Exception as error:  # noqa: BLE001 - whoever waits for the run gets it, whatever it is
            self.fail(error)
        else:
            if effect not in self.replica.pending:
                self._end_work(effect)
            self._act(effects)
            self._publish()

    def _record(self, effect: int, happening: Happening) -> None:
        entry = to_entry(self._entries, effect, self.replica.last_ms, happening)
        self._store.append(self.id, entry, self.replica.ending())
        self._entries += 1

    def fail(self, error: Exception) -> None:
        """A step cannot be recorded: this process gives the run up, the journal keeps it."""
        if not self._ended.done():
            self._ended.set_exception(error)
            self.let_go()
            self._changed.set()

    def _act(self, effects: tuple[asl.Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case asl.Cancel(id):
                    self._end_work(id)
                case asl.Sleep(id, until_ms):
                    self._sleep(id, until_ms)
                case asl.Invoke():
                    self._begin(effect, self.replica.last_ms, self._performer.perform)

    def _take_up(self, pending: Pending) -> None:
        match pending.effect:
            case asl.Sleep(id, until_ms):
                self._sleep(id, until_ms)
            case asl.Invoke() as invoke:
                self._begin(invoke, pending.since_ms, self._performer.recover)

    def _sleep(self, id: int, until_ms: int) -> None:
        self._work[id] = self.clock.call_at(until_ms, lambda: self.settle(id, outcome.Slept()))

    def _begin(self, invoke: asl.Invoke, since_ms: int, perform: Callable[["Task"], Stop]) -> None:
        task = self._work[invoke.id] = Task(self, invoke)
        if invoke.timeout_seconds is not None:
            task.watch(since_ms + 1000 * invoke.timeout_seconds)
        task.beat()
        task.stop = perform(task)

    def _end_work(self, id: int) -> None:
        match self._work.pop(id, None):
            case Alarm() as alarm:
                alarm.cancel()
            case Task() as task:
                task.end()

    def _watch_deadline(self) -> None:
        deadline = self.replica.execution.deadline_ms
        if deadline is not None and not self._ended.done():
            self._deadline = self.clock.call_at(deadline, lambda: self._happen(0, Expire()))

    def _publish(self) -> None:
        self._visible = len(self.replica.execution.events)
        ending = self.replica.ending()
        if ending is not None and not self._ended.done():
            self._ended.set_result(ending)
            self.let_go()
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()


@dataclass(slots=True, eq=False)
class Task:
    """An Invoke under way, as its integration sees it. One that `is_left` ends in this process only: what it waits for
    outside goes on and is met again when the run is resumed."""

    run: Owner
    invoke: asl.Invoke
    stop: Stop = field(default=lambda: None)
    is_left: bool = False
    timeout_ms: int | None = None
    """When TimeoutSeconds end; None for a task without."""
    _timeout: Alarm | None = None
    _heartbeat: Alarm | None = None

    @property
    def news(self) -> outcome.Started | outcome.Submitted | None:
        """What is recorded of a task that goes on."""
        return self.run.news(self.invoke.id)

    def settle(self, result: Result) -> None:
        """Gives the task's outcome, or news of it. Ignored once the task has ended or was cancelled."""
        self.run.settle(self.invoke.id, result)

    def settle_soon(self, result: Result) -> None:
        """The same from within `perform`, which must return before the run goes on."""
        asyncio.get_running_loop().call_soon(self.settle, result)

    def fail_soon(self, error: Exception) -> None:
        """This process cannot go on with the run: `Run.wait` raises the error."""
        asyncio.get_running_loop().call_soon(self.run.fail, error)

    def watch(self, timeout_ms: int) -> None:
        self.timeout_ms = timeout_ms
        self._timeout = self.run.clock.call_at(timeout_ms, lambda: self.settle(outcome.TimedOut()))

    def beat(self) -> None:
        """A sign of life: HeartbeatSeconds begin anew."""
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        if self.invoke.heartbeat_seconds is not None:
            due = self.run.clock.now_ms() + 1000 * self.invoke.heartbeat_seconds
            self._heartbeat = self.run.clock.call_at(due, lambda: self.settle(outcome.TimedOut(heartbeat=True)))

    def end(self) -> None:
        for alarm in (self._timeout, self._heartbeat):
            if alarm is not None:
                alarm.cancel()
        self.stop()


def _error(ended: "asyncio.Future[Ending]") -> BaseException | None:
    """What broke the run. Reading it also tells the event loop that somebody has seen it."""
    return asyncio.CancelledError() if ended.cancelled() else ended.exception()
