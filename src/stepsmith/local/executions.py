"""The executions that this process works on, from their start or recovery to their end.

Whoever owns a run (ownership.py) has it here, at work or parked. A process that stays (`resident`: the endpoint) parks
what rests, takes up whatever nobody owns when it starts, and keeps steps that could not be recorded until there is
room; one that comes and goes (a command) gives such a run up, to be resumed.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from stepsmith import asl
from stepsmith.local.clock import Alarm, Clock
from stepsmith.local.errors import (
    InterpreterChanged,
    LocalError,
    RunExists,
    RunIsFinished,
    RunIsOwned,
    StoreError,
)
from stepsmith.local.journal import Replica
from stepsmith.local.ownership import Ownership
from stepsmith.local.parking import Waits
from stepsmith.local.run import Engine, Performer, Run, Stop, Unrecorded
from stepsmith.local.store import Beginning, Row, Store
from stepsmith.local.task import MapTask

REST_SECONDS = 5
"""How long a run rests before it is parked: a worker who answers at once meets it at work."""
MOST_RESTING = 1000
"""Runs that rest in memory, however short they have."""
AT_ONCE = 100
"""Runs that are parked or taken up in one turn of the event loop."""
EXPRESS_MS = 5 * 60 * 1000
"""How long an Express execution may take (Step Functions quotas)."""
RETRY_SECONDS = (1, 2, 4, 8, 16, 30)

_LOG = logging.getLogger("stepsmith.local")


class Executions:
    """See the module; `connect` comes first."""

    def __init__(
        self,
        store: Store,
        owned: Ownership,
        clock: Clock,
        is_resident: bool = False,
        takes_up: Callable[[Any], bool] = lambda input: True,
    ) -> None:
        self._store = store
        self._owned = owned
        self._clock = clock
        self._is_resident = is_resident
        self._takes_up = takes_up
        self._runs: dict[str, Run] = {}
        self._resting: dict[Run, int] = {}
        self._sweep: Alarm | None = None
        self._stalls: deque[Callable[[], None]] = deque()
        self._is_retrying = False
        self._taking_up: asyncio.Task[None] | None = None

    def connect(
        self,
        performer: Performer,
        maps: Callable[[MapTask], Stop],
        offer: Callable[[Run, Waits], None],
        is_deleting: Callable[[str], bool],
    ) -> None:
        """What performs tasks and distributed Maps, what is told of activities' tasks of runs that are parked and never
        were at work here, and whether a state machine is being deleted."""
        self._offer = offer
        self._engine = Engine(self._store, self._clock, performer, maps, self._stalled, self._rests, is_deleting)
        free = (lambda run: None, lambda machine: False)
        self._unrecorded = Engine(Unrecorded(), self._clock, performer, maps, self._stalled, *free)

    def __bool__(self) -> bool:
        return bool(self._runs)

    def at_work(self, arn: str) -> Run | None:
        """The run, if it is this process's: at work or parked."""
        run = self._runs.get(arn)
        if run is not None and run.is_over:
            self._forget(run)
            return None
        return run

    def begin(self, beginning: Beginning, is_recorded: bool = True) -> Run:
        """A new run, recorded when this returns. Raises RunExists, StoreError, asl.DefinitionError."""
        if beginning.arn in self._runs:
            raise RunExists(beginning.name)
        replica = Replica(beginning)
        effects = replica.begin()
        id = self._record(beginning, replica) if is_recorded else 0
        run = self._adopt(id, beginning, self._engine if is_recorded else self._unrecorded)
        run.go(replica, effects)
        if run.is_over:
            self._forget(run)
        return run

    def _record(self, beginning: Beginning, replica: Replica) -> int:
        taken = list[int]()

        def own(id: int) -> None:
            if self._owned.take(id):
                taken.append(id)

        try:
            return self._store.begin(beginning, replica.ending(), own)
        except BaseException:
            for id in taken:
                self._owned.release(id)
            raise

    def take(self, row: Row) -> Run:
        """The run of a row, at work from now on if it was not. Raises RunIsFinished, RunIsOwned, InterpreterChanged,
        StoreError."""
        run = self.at_work(row.arn) if row.status == "RUNNING" else None
        if run is None:
            run = self._taken_over(row)
            run.go_on()
        return run

    def redrive(self, row: Row, token: str | None) -> None:
        """Goes on with an execution that failed. Raises as `take`; RuntimeError when it is not to be redriven."""
        if self.at_work(row.arn) is not None:
            raise RunIsOwned(row.name)
        run = self._owned_run(row)
        try:
            run.redrive(token)
        except BaseException:
            self._forget(run)
            raise

    def _taken_over(self, row: Row, waits: Waits | None = None) -> Run:
        """The run as its journal left it, owned by this process from now on; parked again if its note says what it
        waits for."""
        if row.status != "RUNNING":
            raise RunIsFinished(row.name, row.status)
        run = self._owned_run(row)
        try:
            ending = self._store.ending(row.id)  # it may have ended before the lock was ours
            if ending is not None:
                raise RunIsFinished(row.name, ending.status)
            if waits is None or waits.children:
                run.replica  # noqa: B018 - read now, so that what is wrong with it is told here
            else:
                run.park(waits)
                self._offer(run, waits)
        except BaseException:
            self._forget(run)
            raise
        return run

    def _owned_run(self, row: Row) -> Run:
        if row.interpreter != asl.INTERPRETER:
            raise InterpreterChanged(row.name, row.interpreter, asl.INTERPRETER)
        if not self._owned.take(row.id):
            raise RunIsOwned(row.name)
        return self._adopt(row.id, row, self._engine)

    def _adopt(self, id: int, of: Beginning | Row, engine: Engine) -> Run:
        limit_ms = of.started_ms + EXPRESS_MS if is_express(of.arn) else None
        run = self._runs[of.arn] = Run(id, of.arn, of.name, of.machine, engine, limit_ms)
        run.when_ended(lambda error: self._ended(run, error))
        return run

    def _ended(self, run: Run, error: BaseException | None) -> None:
        if isinstance(error, Exception) and self._is_resident:
            _LOG.error("Run %r cannot go on here: %s", run.name, error)
        self._forget(run)

    def _forget(self, run: Run) -> None:
        if self._runs.get(run.arn) is run:
            del self._runs[run.arn]
            self._owned.release(run.id)
        self._resting.pop(run, None)

    def close(self) -> None:
        """Ends the work of this process; what has not ended waits for the next one."""
        for alarm in (self._taking_up, self._sweep):
            if alarm is not None:
                alarm.cancel()
        for run in tuple(self._runs.values()):
            run.let_go()

    # Taking up what nobody owns.

    def take_up_all(self) -> None:
        """Takes up every run that has not ended and that nobody owns, in the background."""
        self._taking_up = asyncio.get_running_loop().create_task(self._take_up_all())

    async def _take_up_all(self) -> None:
        last = 0
        try:
            while rows := self._store.running(last, AT_ONCE):
                for row, note in rows:
                    self._take_up(row, None if note is None else Waits.from_json(note))
                    await asyncio.sleep(0)
                last = rows[-1][0].id
            self._store.drop_express(self._clock.now_ms() - EXPRESS_MS)
        except StoreError as error:
            _LOG.error("Runs are taken up later: %s", error)
            self._clock.call_at(self._clock.now_ms() + 1000 * RETRY_SECONDS[-1], self.take_up_all)

    def _take_up(self, row: Row, waits: Waits | None) -> None:
        if self.at_work(row.arn) is not None or not self._takes_up(self._store.beginning(row.id).input):
            return
        try:
            run = self._taken_over(row, waits)
            if not run.is_parked:
                run.go_on()
        except (RunIsFinished, RunIsOwned):
            return
        except LocalError as error:
            _LOG.error("Run %r is not taken up: %s", row.name, error)

    # Parking what rests.

    def _rests(self, run: Run) -> None:
        if self._is_resident:
            self._resting.pop(run, None)
            self._resting[run] = self._clock.now_ms()
            if self._sweep is None:
                self._sweep_after(REST_SECONDS)

    def _sweep_after(self, seconds: int) -> None:
        self._sweep = self._clock.call_at(self._clock.now_ms() + 1000 * seconds, self._park)

    def _park(self) -> None:
        """Parks runs that have rested long enough, some at once, and looks again as long as any rest."""
        self._sweep = None
        now_ms = self._clock.now_ms()
        long_ago = now_ms - 1000 * REST_SECONDS
        notes = list[tuple[Run, Waits]]()
        while self._resting and len(notes) < AT_ONCE:
            run, since_ms = next(iter(self._resting.items()))
            if since_ms > long_ago and len(self._resting) <= MOST_RESTING:
                break
            del self._resting[run]
            if run.rests and is_far(waits := run.waits, now_ms):
                notes.append((run, waits))
        self._leave_memory(notes)
        if self._resting:
            self._sweep_after(0 if len(notes) == AT_ONCE else 1)

    def _leave_memory(self, notes: list[tuple[Run, Waits]]) -> None:
        try:
            self._store.park([(run.id, waits.to_json()) for run, waits in notes])
        except StoreError as error:
            _LOG.warning("%d runs stay in memory: %s", len(notes), error)
            self._resting.update((run, self._clock.now_ms()) for run, _ in notes)
            return
        for run, waits in notes:
            run.park(waits)

    # Trying again what could not be recorded.

    def _stalled(self, run: Run, error: StoreError, again: Callable[[], None]) -> None:
        if not self._is_resident:
            run.fail(error)
            return
        self._stalls.append(again)
        if not self._is_retrying:
            _LOG.error("Run %r waits: %s", run.name, error)
            self._is_retrying = True
            self._try_later(0)

    def _try_later(self, tried: int) -> None:
        wait = RETRY_SECONDS[min(tried, len(RETRY_SECONDS) - 1)]
        self._clock.call_at(self._clock.now_ms() + 1000 * wait, lambda: self._try_again(tried + 1))

    def _try_again(self, tried: int) -> None:
        """Every step that waits, oldest first, as long as they succeed. One that fails again comes back by `_stalled`:
        it is the first of the next round, so the order stays."""
        waiting, self._stalls = self._stalls, deque()
        while waiting and not self._stalls:
            waiting.popleft()()
        self._stalls.extend(waiting)
        self._is_retrying = bool(self._stalls)
        if self._is_retrying:
            self._try_later(tried)


def is_express(arn: str) -> bool:
    """Whether this is the ARN of an Express execution."""
    return arn.split(":")[5:6] == ["express"]


def is_far(waits: Waits, now_ms: int) -> bool:
    """Whether it pays to park: nothing is due soon."""
    return waits.wake_ms is None or waits.wake_ms - now_ms > 2000 * REST_SECONDS
