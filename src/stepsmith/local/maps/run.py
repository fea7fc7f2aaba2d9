"""One Map Run at work: its items are read and recorded, then its children run, some at a time.

A child's ARN follows from the Map Run's and the child's number, and every child is recorded under both: a Map Run that
is taken up after a crash counts those that ended, follows those that run and starts the others. A redrive runs those
again that did not succeed: a Standard child goes on under its ARN, an Express one starts anew (API reference,
RedriveExecution). Long work is done in steps, one a turn of the event loop, so that it holds nobody up.
"""

import asyncio
import hashlib
import uuid
from collections import deque
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from stepsmith import asl
from stepsmith.asl import Json, Outcome, outcome
from stepsmith.asl.errors import EXCEED_TOLERATED_FAILURE_THRESHOLD
from stepsmith.local.executions import Executions
from stepsmith.local.maps import reading, writing
from stepsmith.local.maps.access import Access
from stepsmith.local.maps.children import Children
from stepsmith.local.maps.records import Input, Record, Records, Status
from stepsmith.local.maps.writing import Steps
from stepsmith.local.packing import decode, encode
from stepsmith.local.roles.machines import Rights
from stepsmith.local.run import Run
from stepsmith.local.s3 import Buckets
from stepsmith.local.starting import Program, Request, Starting
from stepsmith.local.store import Row, Source, Store
from stepsmith.local.task import MapTask

AT_ONCE = 10_000
"""Children of a Map Run at one time, whatever MaxConcurrency says (Step Functions quotas)."""
A_TURN = 10
"""Children that are started in one turn of the event loop: nobody waits longer than some 20 ms."""
READ_A_TURN = 200
"""Items that are read and recorded in one."""
NOBODY_HEARS = outcome.Failed(None)
EXCEEDED = outcome.Failed(EXCEED_TOLERATED_FAILURE_THRESHOLD, "The specified tolerated failure threshold was exceeded")


@dataclass(frozen=True, slots=True)
class World:
    """What Map Runs work with."""

    records: Records
    children: Children
    store: Store
    executions: Executions
    starting: Starting
    buckets: Buckets
    rights: Rights


class MapRun:
    """See the module. `_waiting` are children that are to be started next, `_running` the ARNs of those at work."""

    def __init__(self, task: MapTask, parent: Run, world: World) -> None:
        self._task = task
        self._effect = task.effect
        self._parent = parent
        self._world = world
        self._record: Record | None = None
        self._waiting: deque[Input] = deque()
        self._looked_at: int | None = -1
        self._running: dict[int, str] = {}
        self._failed_items = 0
        self._is_over = False
        self._when_done: list[Callable[[], None]] = []
        self._steps: Callable[[], Steps] | None = None
        self._program = _program(parent, task.effect)
        self._access = Access(world.buckets, partial(world.rights.refusal, self._program.role))

    def begin(self) -> None:
        self._soon(self._open)

    def stop(self) -> None:
        """Nobody waits for it any more: it is aborted, unless it has ended or this process only leaves it."""
        if self._task.is_left:
            self._is_over = True
            self._done()
        elif not self._is_over:
            self._parent.surely(self._abort)

    def when_done(self, action: Callable[[], None]) -> None:
        """Does it once this has ended, or, where nobody waits for it any more, has stopped its children."""
        self._when_done.append(action)

    def bound(self, record: Record) -> None:
        """The bounds have changed."""
        self._record = record
        self._soon(self._fill)

    @property
    def record(self) -> Record:
        """What is recorded of it, once it is open."""
        assert self._record is not None
        return self._record

    # From the items to the children.

    def _open(self) -> None:
        if self._is_over:
            return
        self._record = self._opened(self._task.since_ms)
        if self.record.children is None:
            self._by_turns(self._read, lambda _: self._take_up(), self._fail)
        else:
            self._take_up()

    def _opened(self, since_ms: int) -> Record:
        return self._world.records.open(self._effect, self._parent.arn, since_ms, self._parent.now_ms)

    def _read(self) -> Steps:
        """Records the inputs of all children."""
        records, record = self._world.records, self.record
        records.forget_inputs(record)
        number = items = 0
        children = self._children()
        while some := _some(children):
            records.add_inputs(record, number, some)
            number += len(some)
            read = sum(child.items for child in some)
            items += read
            if read >= READ_A_TURN:
                yield
        self._record = records.has_read(self.record, number, items)  # whose bounds may have changed meanwhile
        return None

    def _children(self) -> Iterator[asl.Child]:
        source = self._effect.source
        if isinstance(source, asl.Given):
            return iter(source.children)
        return source.children(islice(reading.read(self._access, source), source.max_items))

    def _take_up(self) -> None:
        """Looks at what is recorded of the children, then starts what is missing."""
        if self._is_over:
            return
        self._waiting.clear()
        self._looked_at = -1
        self._failed_items = self._world.children.failed_items(self.record)
        for row in self._world.children.running(self.record):
            self._follow(row)
        self._fill()

    # The children.

    def _fill(self) -> None:
        """Starts children as far as there is room, some a turn; ends the Map Run when nothing is left of it."""
        if self._is_over or self.record.children is None:
            return
        for _ in range(min(self._room, A_TURN)):
            if self._is_exceeded or not self._next_is_there():
                break
            self._start(self._waiting[0])
            self._waiting.popleft()
        if self._is_exceeded:
            self._end("FAILED", EXCEEDED)
        elif self._room > 0 and self._next_is_there():
            self._soon(self._fill)
        elif not self._running and not self._next_is_there():
            self._end("SUCCEEDED")

    @property
    def _is_exceeded(self) -> bool:
        return self._failed_items > self.record.tolerance.of(self.record.items or 0)

    def _next_is_there(self) -> bool:
        """Whether a child is to be started: the next ones are looked up when none waits."""
        while not self._waiting and self._looked_at is not None:
            since_ms = self.record.counts_after_ms
            found, self._looked_at = self._world.children.to_run(self.record, self._looked_at, since_ms)
            self._waiting.extend(each for each in found if each.child not in self._running)
        return bool(self._waiting)

    @property
    def _room(self) -> int:
        return min(self.record.at_once or AT_ONCE, AT_ONCE) - len(self._running)

    def _start(self, input: Input) -> None:
        """The child begun or redriven; what it comes to is counted when it has ended."""
        name = self._name(input.child, self._effect.redrive_count)
        row = self._world.store.execution(self._arn(name))
        if row is None:
            source = replace(self._program.source, child=input.child, items=input.items)
            started_by = f"{self._parent.arn}#{self._effect.id}"
            own, _, id = name.partition(":")
            request = Request(decode(input.text), own, input.text, started_by=started_by, id=id or None)
            self._world.starting.begin(replace(self._program, source=source), request)
        elif self._world.children.is_redrivable(row, self._parent.now_ms):
            self._world.executions.redrive(row, None)
        row = self._world.store.execution(self._arn(name))
        assert row is not None
        if row.status == "RUNNING":
            self._follow(row)
        else:
            self._count(row)

    def _follow(self, row: Row) -> None:
        child = row.source.child or 0
        self._running[child] = row.arn
        self._world.executions.take(row).when_ended(lambda error: self._ended(child, error))

    def _ended(self, child: int, error: BaseException | None) -> None:
        if self._is_over or isinstance(error, asyncio.CancelledError):
            return
        if isinstance(error, Exception):
            self._parent.fail(error)
            return
        self._parent.surely(lambda: self._count_ended(child))

    def _count_ended(self, child: int) -> None:
        arn = self._running.get(child)
        row = None if arn is None else self._world.store.execution(arn)
        if row is not None:
            del self._running[child]
            self._count(row)
            self._parent.surely(self._fill)

    def _count(self, row: Row) -> None:
        if row.status != "SUCCEEDED":
            self._failed_items += row.source.items or 1

    # The end.

    def _end(self, status: Status, said: Outcome | None = None) -> None:
        """No child goes on; results are taken; the parent is told what is `said`, or else the results."""
        self._is_over = True
        is_written = self._effect.results.arguments is not None

        def close() -> Steps:
            yield from self._stop_children()
            return (yield from self._results()) if said is None or is_written else None

        def taken(result: Json) -> None:
            self._settle(status, said or outcome.Succeeded(result), is_written)

        def failed(error: asl.StateError) -> None:
            self._settle("FAILED" if said is None else status, said or _told(error))

        self._by_turns(close, taken, failed)

    def _abort(self) -> None:
        """One that has not begun is told in history, and so is there."""
        self._record = self._record or self._opened(self._parent.now_ms)
        self._end("ABORTED", NOBODY_HEARS)

    def _stop_children(self) -> Generator[None, None, None]:
        for number, arn in enumerate(tuple(self._running.values()), start=1):
            child = self._world.executions.at_work(arn)
            if child is not None:
                child.surely(child.stop)
            if number % A_TURN == 0:
                yield

    def _fail(self, error: asl.StateError) -> None:
        """The items could not be read, or an input not be made of one: no child has begun."""
        self._is_over = True
        self._settle("FAILED", _told(error))

    def _settle(self, status: Status, said: Outcome, is_written: bool = False) -> None:
        self._world.records.end(self.record, status, self._parent.now_ms, is_written)
        self._task.settle(said)
        self._done()

    def _done(self) -> None:
        while self._when_done:
            self._when_done.pop(0)()

    def _results(self) -> Steps:
        outcomes, results = self._world.children.outputs(self.record), self._effect.results
        if results.arguments is None:
            return writing.gather(results, outcomes)
        return writing.write(self._access, self._effect.arn, results, outcomes)

    # One step a turn.

    def _soon(self, action: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_soon(self._parent.surely, action)

    def _by_turns(
        self, begin: Callable[[], Steps], then: Callable[[Json], None], failed: Callable[[asl.StateError], None]
    ) -> None:
        """Takes steps, one a turn, and goes on with what they return, or with the error of the state that they raise.
        Where one could not be recorded, they are taken again from the first. Other steps take their place."""
        self._steps = begin
        steps: Steps | None = None

        def step() -> None:
            nonlocal steps
            if self._steps is not begin or self._task.is_left or self._world.records.is_closed:
                return
            steps, going = None, begin() if steps is None else steps
            try:
                next(going)
            except StopIteration as end:
                then(end.value)
            except asl.StateError as error:
                failed(error)
            else:
                steps = going
                self._soon(step)

        step()

    def _arn(self, name: str) -> str:
        kind = "express" if self._program.type == "EXPRESS" else "execution"
        return f"{self._program.machine.replace(':stateMachine:', f':{kind}:', 1)}:{name}"

    def _name(self, child: int, redrive: int) -> str:
        """`UUID`, or `UUID:UUID` of an Express child, which is another one after each redrive."""
        name = _uuid(f"{self._effect.arn}#{child}")
        if self._program.type == "STANDARD":
            return name
        return f"{name}:{_uuid(f'{self._effect.arn}#{child}#{redrive}')}"


def _some(children: Iterator[asl.Child]) -> list[asl.Child]:
    """The next children: as many as are read in one turn."""
    some: list[asl.Child] = []
    items = 0
    while items < READ_A_TURN and (child := next(children, None)) is not None:
        some.append(child)
        items += child.items
    return some


def _told(error: asl.StateError) -> Outcome:
    return outcome.Failed(error.error, error.cause)


def _program(parent: Run, effect: asl.RunMap) -> Program:
    """What the children run: the Map's processor, as the parent's role, dispatched by the Map Run."""
    role = parent.replica.beginning.role
    source = Source(map_run=effect.arn)
    definition = encode(effect.definition).decode()
    return Program(f"{parent.machine}/{effect.label}", definition, role, effect.execution_type, source)


def _uuid(text: str) -> str:
    return str(uuid.UUID(bytes=hashlib.blake2b(text.encode(), digest_size=16).digest(), version=4))
