"""The local runtime: runs of state machines on this machine, as durable as a file.

    async with Runtime(data, functions={arn: Hosted(function, role)}) as runtime:
        run = runtime.start(machine_arn, definition, {"prompt": "..."})
        async for event in run.events(): ...
        ending = await run.wait()

A data folder holds `runs.db`, the folder `s3/` of objects and `runs.lock`, the locks of runs at work. Leaving the
context ends the work of this process; runs that have not ended stay in the journal, and `resume` goes on with them.
Methods take a run by its name, its ARN, or as much of the name as is unique. A runtime that `is_resident` keeps all
runs of its folder going: it takes up those that nobody works on, and parks those that wait (executions.py).
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from random import Random, SystemRandom
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from stepsmith import asl, lambdas
from stepsmith.local.archive import LOCKS, RUNS, Archive
from stepsmith.local.catalog import Catalog
from stepsmith.local.children import Children, OnNested
from stepsmith.local.clock import Clock, RealClock
from stepsmith.local.database import BUSY_SECONDS, Database, Synchronous
from stepsmith.local.delivery import Delivery
from stepsmith.local.endpoint.server import Endpoint, wall_ms
from stepsmith.local.executions import Executions
from stepsmith.local.functions import CodeStore, Events, FunctionLogs, Functions, FunctionTables, Hosted
from stepsmith.local.functions.formats import FILE as FUNCTIONS
from stepsmith.local.functions.formats import STEPS as FUNCTION_STEPS
from stepsmith.local.integrations import Integrations
from stepsmith.local.integrations.destinations import Destinations
from stepsmith.local.integrations.door import Door
from stepsmith.local.maps import TABLES as MAP_RUN_TABLES
from stepsmith.local.maps import MapRuns
from stepsmith.local.maps import Records as MapRunRecords
from stepsmith.local.migrations import STEPS
from stepsmith.local.moto import Moto, Seeds
from stepsmith.local.packing import encode
from stepsmith.local.roles import Principal, Role, Roles
from stepsmith.local.run import Run
from stepsmith.local.s3 import Buckets, Configuration, ObjectService
from stepsmith.local.starting import Request, Starting
from stepsmith.local.store import Row
from stepsmith.local.tokens import Tokens

if TYPE_CHECKING:
    from stepsmith.asl import trial

MAP_RUN_FILE = "maps.db"
Definition = str | Mapping[str, Any]

RESIDENT_BUSY_SECONDS = 1.0
"""How long a process that serves others waits for a locked database: meanwhile it serves nobody."""


class Runtime(Archive):
    """See the module. `machines` are the definitions that nested executions may start, by ARN. Functions reach S3 at
    `endpoint`, which somebody else opens and closes; without one the runtime has one of its own for as long as it is
    open. A resident one takes up what an earlier process left, if `takes_up` says so of its input. `on_nested` is told
    of a nested execution before it begins."""

    def __init__(
        self,
        data: Path,
        *,
        functions: Mapping[str, Hosted] | None = None,
        machines: Mapping[str, Definition] | None = None,
        secrets: Mapping[str, str] | None = None,
        seeds: Seeds | None = None,
        clock: Clock | None = None,
        cache: Path | None = None,
        endpoint: Endpoint | None = None,
        synchronous: Synchronous = "NORMAL",
        log: Callable[[lambdas.LogLine], None] | None = None,
        random: Random | None = None,
        is_resident: bool = False,
        takes_up: Callable[[Any], bool] = lambda input: True,
        on_nested: OnNested = lambda parent, machine, name: None,
    ) -> None:
        self.data = data
        self._hosted = functions or {}
        self._machines = {arn: _text(definition) for arn, definition in (machines or {}).items()}
        self._secrets = secrets or {}
        self._seeds = seeds or {}
        self._clock = clock or RealClock()
        self._cache = cache or data / "cache"
        self._endpoint = endpoint
        self._synchronous = synchronous
        self._log = log or _no_log
        self._random = random or SystemRandom()
        self._is_resident = is_resident
        self._takes_up = takes_up
        self._on_nested = on_nested
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            self._open_runs(opening)
            await self._open_endpoint(opening)
            await self._open_functions(opening)
            self._connect()
            for close in (self.map_runs.close, self.executions.close, self._delivery.close):
                opening.callback(close)
            self._open = opening.pop_all()
        if self._is_resident:
            self._take_up()
        return self

    def _open_runs(self, opening: AsyncExitStack) -> None:
        """What is recorded, and who works on it."""
        self._open_records(opening, self._database(RUNS), self.data / LOCKS)
        self.catalog = Catalog(self.database, self._clock.now_ms, self._random)
        self.executions = Executions(self.store, self._owned, self._clock, self._is_resident, self._takes_up)
        self.tokens = Tokens(self, self._clock)

    async def _open_endpoint(self, opening: AsyncExitStack) -> None:
        """The AWS that functions and machines reach: S3, moto behind it, and the door that machines call them by."""
        self.objects = Buckets(self.data / "s3")
        for hosted in self._hosted.values():
            for bucket in hosted.role.buckets:
                self.objects.create(bucket)
        self.endpoint = self._endpoint or Endpoint(wall_ms)
        if self._endpoint is None:
            await opening.enter_async_context(self.endpoint)
        self.moto = Moto(self.data, self.endpoint.url.partition("://")[2], seeds=self._seeds)
        opening.push_async_callback(self.moto.close)
        self.endpoint.fall_back_to(self.moto)
        self.endpoint.mount(ObjectService(self.objects, self._clock.now_ms, configuration=Configuration(self.moto)))
        self._door = Door(self.endpoint, self.moto.policies)
        opening.push_async_callback(self._door.close)

    async def _open_functions(self, opening: AsyncExitStack) -> None:
        """The repository's functions and those created here, their processes, logs and asynchronous calls."""
        logs = FunctionLogs(self.data / "function-logs")
        opening.push_async_callback(logs.close)
        self.moto.before["logs"] = partial(logs.drain, self.moto.tell)
        log = _both(self._log, logs.write)
        processes = lambdas.Processes(cache=self._cache, log=log, platform=logs.write)
        await opening.enter_async_context(processes)
        self._tables = FunctionTables(partial(self._database, FUNCTIONS, FUNCTION_STEPS))
        opening.callback(self._tables.close)
        self._code = CodeStore(self.data / "functions")
        roles = Roles(self.moto.policies)
        self.moto.assume = lambda role, session: self.endpoint.issue(roles.of(role, session))
        known = (self._hosted, self._tables, self._code)
        self.functions = Functions(*known, processes, self.environment, self._random, roles)
        self.events = Events(self._clock, self.functions, Destinations(self._door).tell)
        opening.callback(self.events.close)

    def _take_up(self) -> None:
        """What an earlier process of this folder left goes on."""
        if (self.data / MAP_RUN_FILE).exists():
            self.map_runs.abort_orphans()
        if (self.data / FUNCTIONS).exists():
            self._code.sweep(self._tables.codes())
            self.events.take_up()
        self.executions.take_up_all()
        self._delivery.look_again()

    def _database(self, name: str, steps: Sequence[str] = STEPS) -> Database:
        busy = RESIDENT_BUSY_SECONDS if self._is_resident else BUSY_SECONDS
        return Database(self.data / name, self._synchronous, busy, steps)

    def _connect(self) -> None:
        """The parts that know each other."""
        known = (self.catalog, self._machines, self.now_ms, self._random)
        self.starting = Starting(self.store, self.executions, *known)
        children = Children(self.store, self.executions, self.starting, self.now_ms, self._on_nested)
        self._integrations = Integrations(self.functions, self.events, children, self.tokens, self._door)
        map_runs = MapRunRecords(lambda: self._database(MAP_RUN_FILE, MAP_RUN_TABLES))
        self.map_runs = MapRuns(map_runs, self.store, self.executions, self.starting, self.objects, self._door.rights)
        is_deleting = self.catalog.machines.is_deleting
        self.executions.connect(self._integrations, self.map_runs.perform, self.tokens.offer_parked, is_deleting)
        self._delivery = Delivery(self.inbox, self.tokens, self.store, self.executions, self._is_resident)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    def environment(self, role: Principal) -> dict[str, str]:
        """The variables that make a process of this role: endpoint and a session key of its own; for a function of the
        repository its bucket and secrets, too."""
        session = self.endpoint.session(role)
        if not isinstance(role, Role):
            return session
        bucket = {"STEPSMITH_BUCKET": role.buckets[0]} if role.buckets else {}
        listed = {name: self._secrets[name] for name in role.secrets if name in self._secrets}
        return {**session, **bucket, **listed}

    def start(self, machine: str, definition: Definition | None, input: Any, name: str | None = None) -> Run:
        """Starts a run of a state machine (its ARN); without a definition the one known for the ARN.

        The run is recorded when this returns. Raises asl.DefinitionError, UnknownMachine, RunExists, StoreError.
        """
        if definition is not None:
            self._machines[machine] = _text(definition)
        run = self.starting.begin(self.starting.program(machine), Request(input, name))
        self._delivery.look_again()
        return run

    def resume(self, run: str) -> Run:
        """Goes on with a run that no process works on, on the definition it began with.

        Raises UnknownRun, AmbiguousRun, RunIsFinished, RunIsOwned, InterpreterChanged, StoreError.
        """
        found = self.executions.take(self.find(run))
        self.deliver()  # before a timer rings: what was decided in time counts
        self._delivery.look_again()
        return found

    def deliver(self) -> None:
        """Gives answers that other processes have left to the tasks that wait for them here. Raises StoreError."""
        self._delivery.deliver()

    def stop(self, run: str, error: str | None = None, cause: str | None = None) -> None:
        """StopExecution, for a run of this process or one that nobody works on. Raises as `resume` does."""
        self.executions.take(self.find(run)).stop(error, cause)

    async def try_state(self, steps: "trial.Asking[trial.Report]", arn: str, role: str) -> "trial.Report":
        """Drives the trial of one state (TestState) with the functions and services of this runtime, as the role."""
        from stepsmith.local.trial import drive

        return await drive(steps, arn, role, self._clock, self._integrations)

    def now_ms(self) -> int:
        """The time as the runs see it."""
        return self._clock.now_ms()

    def history(self, run: str) -> Sequence[asl.HistoryEvent]:
        """As the archive has it; of a run at work here, as it has it."""
        row = self.find(run)
        at_work = self.executions.at_work(row.arn)
        if at_work is not None and not at_work.is_parked:
            return at_work.replica.execution.events
        return self._histories.of(row)

    # What tokens need (tokens.Executions).

    def seed(self, row: Row) -> int:
        return self.store.seed(row.id)

    def take(self, row: Row) -> Run:
        return self.executions.take(row)

    def at_work(self, arn: str) -> Run | None:
        return self.executions.at_work(arn)


def _both(
    one: Callable[[lambdas.LogLine], None], other: Callable[[lambdas.LogLine], None]
) -> Callable[[lambdas.LogLine], None]:
    def log(line: lambdas.LogLine) -> None:
        one(line)
        other(line)

    return log


def _no_log(line: lambdas.LogLine) -> None:
    """Nobody reads what functions print."""


def _text(definition: Definition) -> str:
    return definition if isinstance(definition, str) else encode(definition).decode()
