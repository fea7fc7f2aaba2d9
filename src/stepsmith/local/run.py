"""One run: the interpreter decides, the journal remembers, and only then is the world asked.

`_happen` is the whole of durability: a happening goes to the interpreter, which is pure; it is committed; only then is
anything begun that the interpreter asked for. When the commit fails nothing has happened: the interpreter's state is
dropped, to be read again from the journal, and whoever told of it is refused (`answer`) or asked again later
(`settle`). Whoever watches sees no event that is not recorded.

A run that waits is parked: its interpreter and its tasks leave memory, and this shell of it stays, for those who hold
it and for the alarm or the token that wakes it (parking.py).
"""

import asyncio
from collections.abc import AsyncIterator, Callable

from stepsmith import asl
from stepsmith.asl import outcome
from stepsmith.local.clock import Alarm, Clock
from stepsmith.local.engine import Engine, Journal, Performer, Unrecorded
from stepsmith.local.errors import RunError, StoreError, TaskTimedOut
from stepsmith.local.journal import Abort, Expire, Happening, Pending, Redrive, Replica, Result, replay, to_entry
from stepsmith.local.parking import Waits, waits_of
from stepsmith.local.store import Ending
from stepsmith.local.task import MapTask, Stop, Task, nothing

__all__ = ["Engine", "Journal", "Performer", "Run", "Stop", "Task", "Unrecorded", "nothing"]


class Run:
    """A run of this process, from its start or resume to its end.

    `wait` gives its ending, `events` its history while it happens, `stop` ends it as ABORTED.
    """

    __slots__ = (
        "__weakref__", "_changed", "_deadline", "_ended", "_engine", "_entries", "_is_noted", "_is_parked", "_limit_ms",
        "_replica", "_visible", "_wake", "_work", "arn", "beats", "id", "machine", "name"
    )  # fmt: skip

    def __init__(self, id: int, arn: str, name: str, machine: str, engine: Engine, limit_ms: int | None = None) -> None:
        self.id = id
        self.arn = arn
        self.name = name
        self.machine = machine
        self.beats: dict[int, int] = {}  # when HeartbeatSeconds of an effect end
        self._engine = engine
        self._replica: Replica | None = None
        self._entries = 0
        self._work: dict[int, Task | MapTask | Alarm] = {}
        self._deadline: Alarm | None = None
        self._limit_ms = limit_ms
        self._wake: Alarm | None = None
        self._is_parked = self._is_noted = False
        self._visible = 0
        self._changed: asyncio.Future[None] | None = None
        self._ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._ended.add_done_callback(_error)

    @property
    def replica(self) -> Replica:
        """The interpreter as the journal has it. Raises StoreError, InterpreterChanged."""
        if self._replica is None:
            entries = self._engine.journal.journal(self.id)
            self._replica = replay(self._engine.journal.beginning(self.id), entries)
            self._entries = len(entries)
        return self._replica

    @property
    def now_ms(self) -> int:
        """The time as its clock has it."""
        return self.clock.now_ms()

    @property
    def clock(self) -> Clock:
        return self._engine.clock

    @property
    def role(self) -> str:
        """The ARN of the role that its tasks act as."""
        return self.replica.beginning.role

    def pending(self, effect: int) -> Pending:
        """What is recorded of an effect that nobody has ended."""
        return self.replica.pending[effect]

    @property
    def ending(self) -> Ending | None:
        """How it ended, None while it runs. Raises as `wait` does."""
        return self._ended.result() if self._ended.done() else None

    @property
    def is_over(self) -> bool:
        """Whether it has ended, or this process has given it up."""
        return self._ended.done()

    async def wait(self) -> Ending:
        """The ending. Raises StoreError when a step could not be recorded: the run can then be resumed."""
        return await asyncio.shield(self._ended)

    async def events(self) -> AsyncIterator[asl.HistoryEvent]:
        """Every event from the first on, as it happens, until the run ends. Raises as `wait` does."""
        seen = 0
        while True:
            changed, ended = self._change(), self._ended.done()
            while seen < self._visible:
                seen += 1
                yield self.replica.execution.events[seen - 1]
            if ended:
                self._ended.result()
                return
            await asyncio.shield(changed)

    def stop(self, error: str | None = None, cause: str | None = None) -> None:
        """StopExecution: everything under way is cancelled. Nothing happens to a run that has ended. Raises
        StoreError."""
        self._happen(0, Abort(error, cause))

    def answer(self, effect: int, result: Result) -> None:
        """What somebody outside says of an effect, recorded when this returns. TaskTimedOut: nobody waits for it;
        StoreError: it was not accepted."""
        if not self.waits_for(effect):
            raise TaskTimedOut
        self._happen(effect, result)

    def waits_for(self, effect: int) -> bool:
        """Whether the effect has no outcome yet. Wakes the run."""
        self.wake()
        return not self._ended.done() and effect in self._work and effect in self.replica.pending

    def task(self, effect: int) -> Task:
        """The task of an effect that `waits_for` has found."""
        task = self._work[effect]
        assert isinstance(task, Task)
        return task

    def when_ended(self, action: Callable[[BaseException | None], None]) -> None:
        """Calls `action` from the event loop once the run has ended here, with the error when it broke instead."""
        self._ended.add_done_callback(lambda ended: action(_error(ended)))

    # What the runtime calls.

    def go(self, replica: Replica, effects: tuple[asl.Effect, ...]) -> None:
        """Begins a run that has just been recorded."""
        self._replica = replica
        self._act(effects)
        self._publish()
        self._watch_deadline()

    def go_on(self) -> None:
        """Takes up a run after its process died: what was under way is recovered, what had ended stays ended."""
        for pending in tuple(self.replica.pending.values()):
            self._take_up(pending)
        self._publish()
        self._watch_deadline()

    def redrive(self, token: str | None) -> None:
        """Goes on with a run that failed; `token` is the client's. Raises StoreError."""
        self._happen(0, Redrive(token))

    def let_go(self) -> None:
        """Ends the work of this process on the run and records nothing: the run waits for a resume."""
        self._leave()
        if not self._ended.done():
            self._ended.cancel()
            self._tell()

    def settle(self, effect: int, result: Result) -> None:
        """An effect's outcome, or news of it. An answer nobody waits for any more is dropped; one that cannot be
        recorded is kept and tried again."""
        self.surely(lambda: self._happen(effect, result) if self.waits_for(effect) else None)

    def fail(self, error: Exception) -> None:
        """This process gives the run up, the journal keeps it."""
        if not self._ended.done():
            self._ended.set_exception(error)
            self._leave()
            self._tell()

    # Parking.

    @property
    def is_parked(self) -> bool:
        return self._is_parked

    @property
    def rests(self) -> bool:
        """Whether nothing of this process works for the run, and nobody has ended it."""
        if self._replica is None or self._ended.done() or self._is_parked:
            return False
        pending = self._replica.pending
        return bool(pending) and all(each.rests and each.effect.id in self._work for each in pending.values())

    @property
    def waits(self) -> Waits:
        """What a run that rests waits for."""
        return waits_of(self.replica.pending.values(), self._deadline_ms(), self.beats)

    def park(self, waits: Waits) -> None:
        """The run leaves memory, all but this; its note has been recorded."""
        self._leave()
        self._replica = None
        self._is_parked = self._is_noted = True
        if waits.wake_ms is not None:
            self._wake = self.clock.call_at(waits.wake_ms, lambda: self.surely(self.wake))

    def wake(self) -> None:
        """The run is at work again, if it was parked. Raises StoreError, InterpreterChanged; it then stays parked."""
        if self._is_parked:
            self._visible = len(self.replica.execution.events)
            self._is_parked = False
            _cancel(self._wake)
            self.go_on()

    # How it goes on.

    def _happen(self, effect: int, happening: Happening) -> None:
        self.wake()
        if self._ended.done():
            return
        replica, is_deleting = self.replica, self._engine.is_deleting(self.machine.partition("/")[0])
        seen = len(replica.execution.events)
        try:
            effects = replica.step(effect, happening, self.now_ms)
            self._record(effect, happening)
        except StoreError:
            self._replica = None  # it is ahead of its journal
            raise
        except Exception as error:  # noqa: BLE001 - whoever waits for the run gets it, whatever it is
            self.fail(error)
            return
        self._heed(effect)
        if is_deleting and replica.has_entered_a_state(seen):
            self._happen(0, Abort(None, None))  # before anything more is asked of the world
            return
        self._act(effects)
        self._publish()
        if isinstance(happening, Redrive):
            self._watch_deadline()

    def _heed(self, effect: int) -> None:
        """An effect that has ended is no work any more; of one that goes on, bounds of time may now count."""
        if effect not in self.replica.pending:
            self._end_work(effect)
        elif isinstance(task := self._work.get(effect), Task):
            task.watch()

    def _record(self, effect: int, happening: Happening) -> None:
        replica, journal = self.replica, self._engine.journal
        entry = to_entry(self._entries, effect, replica.last_ms, happening)
        record = journal.redrive if isinstance(happening, Redrive) else journal.append
        record(self.id, entry, replica.ending(), self._is_noted)
        self._entries += 1
        self._is_noted = False

    def _act(self, effects: tuple[asl.Effect, ...]) -> None:
        for effect in effects:
            match effect:
                case asl.Cancel(id):
                    self._end_work(id)
                case asl.Sleep(id, until_ms):
                    self._sleep(id, until_ms)
                case asl.RunMap():
                    self._map(effect)
                case asl.Invoke():
                    self._begin(effect, self._engine.performer.perform)

    def _take_up(self, pending: Pending) -> None:
        match pending.effect:
            case asl.Sleep(id, until_ms):
                self._sleep(id, until_ms)
            case asl.RunMap() as effect:
                self._map(effect)
            case asl.Invoke() as invoke:
                self._begin(invoke, self._engine.performer.recover)

    def _sleep(self, id: int, until_ms: int) -> None:
        self._work[id] = self.clock.call_at(until_ms, lambda: self.settle(id, outcome.Slept()))

    def _map(self, effect: asl.RunMap) -> None:
        """Begins the children, or takes them up: what is recorded of them says which are still to run."""
        task = self._work[effect.id] = MapTask(self, effect)
        task.stop = self._engine.maps(task)

    def _begin(self, invoke: asl.Invoke, perform: Callable[[Task], Stop]) -> None:
        task = self._work[invoke.id] = Task(self, invoke)
        task.watch()
        self._perform(task, perform)

    def _perform(self, task: Task, perform: Callable[[Task], Stop]) -> None:
        if self._work.get(task.invoke.id) is not task:
            return
        try:
            task.stop = perform(task)
        except StoreError as error:
            self._engine.stalled(self, error, lambda: self._perform(task, perform))

    def _end_work(self, id: int) -> None:
        match self._work.pop(id, None):
            case Alarm() as alarm:
                alarm.cancel()
            case Task() | MapTask() as task:
                task.end()

    def _leave(self) -> None:
        """Whatever works for the run here ends; what it waits for outside goes on."""
        for work in self._work.values():
            if not isinstance(work, Alarm):
                work.is_left = True
        for id in tuple(self._work):
            self._end_work(id)
        _cancel(self._deadline)
        _cancel(self._wake)

    def _deadline_ms(self) -> int | None:
        dues = [due for due in (self.replica.execution.deadline_ms, self._limit_ms) if due is not None]
        return min(dues, default=None)

    def _watch_deadline(self) -> None:
        deadline = None if self._ended.done() else self._deadline_ms()
        if deadline is not None:
            _cancel(self._deadline)
            self._deadline = self.clock.call_at(deadline, lambda: self.surely(lambda: self._happen(0, Expire())))

    def surely(self, action: Callable[[], None]) -> None:
        """What has nobody to tell that it could not be recorded: it is kept and tried again."""
        try:
            action()
        except StoreError as error:
            self._engine.stalled(self, error, lambda: self.surely(action))
        except RunError as error:
            self.fail(error)

    def _publish(self) -> None:
        self._visible = len(self.replica.execution.events)
        ending = self.replica.ending()
        if ending is not None and not self._ended.done():
            self._ended.set_result(ending)
            self._leave()
        elif self.rests:
            self._engine.rests(self)
        self._tell()

    def _change(self) -> "asyncio.Future[None]":
        """What is done at the next change."""
        if self._changed is None:
            self._changed = asyncio.get_running_loop().create_future()
        return self._changed

    def _tell(self) -> None:
        changed, self._changed = self._changed, None
        if changed is not None and not changed.done():
            changed.set_result(None)


def _cancel(alarm: Alarm | None) -> None:
    if alarm is not None:
        alarm.cancel()


def _error(ended: "asyncio.Future[Ending]") -> BaseException | None:
    """What broke the run. Reading it also tells the event loop that somebody has seen it."""
    return asyncio.CancelledError() if ended.cancelled() else ended.exception()
