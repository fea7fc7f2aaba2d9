"""The local runtime: runs of state machines on this machine, as durable as a file.

    async with Runtime(data, functions={arn: Hosted(function, role)}) as runtime:
        run = runtime.start(machine_arn, definition, {"prompt": "..."})
        async for event in run.events(): ...
        ending = await run.wait()

A data folder holds `runs.db`, the folder `s3/` of objects and the locks of runs at work. Leaving the context ends the
work of this process; runs that have not ended stay in the journal, and `resume` goes on with them. Methods take a run
by its name, its ARN, or as much of the name as is unique.
"""

import asyncio
import contextlib
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from random import Random, SystemRandom
from types import TracebackType
from typing import Any, Self

from stepsmith import asl, lambdas
from stepsmith.asl import trial
from stepsmith.local.catalog import Catalog
from stepsmith.local.clock import Clock, RealClock
from stepsmith.local.database import Database, Synchronous
from stepsmith.local.errors import (
    AmbiguousRun,
    InterpreterChanged,
    InvalidName,
    RunExists,
    RunIsFinished,
    RunIsOwned,
    StoreError,
    TaskTimedOut,
    UnknownMachine,
    UnknownRun,
)
from stepsmith.local.functions import Functions, Hosted, Role
from stepsmith.local.inbox import Inbox, Letter
from stepsmith.local.integrations import Action, Integrations, dynamodb
from stepsmith.local.items import Items
from stepsmith.local.journal import Replica, replay
from stepsmith.local.ownership import Ownership
from stepsmith.local.packing import encode, recorded
from stepsmith.local.run import Run
from stepsmith.local.s3 import Buckets, ObjectServer
from stepsmith.local.store import Beginning, Ending, Row, Status, Store
from stepsmith.local.tokens import Tokens
from stepsmith.local.trial import drive

INBOX_SECONDS = 0.2  # how often a process with runs at work looks for answers from others
NAME_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # base32 of RFC 4648; ten of them are 50 bits
_NAME = re.compile(
    r"[^\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f\ud800-\udfff]{1,80}"
)  # StartExecution's rule for names

Definition = str | Mapping[str, Any]


class Runtime:
    """See the module. `machines` are the definitions that nested executions may start, by ARN."""

    def __init__(
        self,
        data: Path,
        *,
        functions: Mapping[str, Hosted] | None = None,
        machines: Mapping[str, Definition] | None = None,
        secrets: Mapping[str, str] | None = None,
        tables: Mapping[str, tuple[str, ...]] | None = None,
        clock: Clock | None = None,
        cache: Path | None = None,
        synchronous: Synchronous = "NORMAL",
        log: Callable[[lambdas.LogLine], None] | None = None,
        random: Random | None = None,
    ) -> None:
        self.data = data
        self.tokens = Tokens()
        self.services: dict[str, Mapping[str, Action]] = {}  # what aws-sdk integrations call (integrations/sdk.py)
        self._hosted = functions or {}
        self._machines = {arn: _text(definition) for arn, definition in (machines or {}).items()}
        self._secrets = secrets or {}
        self._tables = tables or {}
        self._clock = clock or RealClock()
        self._cache = cache or data / "cache"
        self._synchronous = synchronous
        self._log = log or _no_log
        self._random = random or SystemRandom()
        self._runs: dict[str, Run] = {}
        self._open = AsyncExitStack()
        self._looking: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            self.database = Database(self.data / "runs.db", self._synchronous)
            opening.callback(self.database.close)
            self._store = Store(self.database)
            self.catalog = Catalog(self.database, self._clock.now_ms, self._random)
            self._owned = Ownership(self.data / "locks")
            opening.callback(self._owned.release_all)
            self.objects = Buckets(self.data / "s3")
            for hosted in self._hosted.values():
                for bucket in hosted.role.buckets:
                    self.objects.create(bucket)
            self._s3 = await opening.enter_async_context(ObjectServer(self.objects, self._clock.now_ms))
            processes = await opening.enter_async_context(lambdas.Processes(cache=self._cache, log=self._log))
            functions = Functions(self._hosted, processes, self.environment)
            self.items, self.inbox = Items(self.database, self._tables), Inbox(self.database)
            self.services["dynamodb"] = dynamodb.actions(self.items)
            self._integrations = Integrations(functions, self, self.tokens, self.services)
            opening.callback(self._let_go)
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    def environment(self, role: Role) -> dict[str, str]:
        """The variables that make a process of this role: endpoint, a session key of its own, bucket, secrets."""
        bucket = {"STEPSMITH_BUCKET": role.buckets[0]} if role.buckets else {}
        listed = {name: self._secrets[name] for name in role.secrets if name in self._secrets}
        return {**self._s3.session(role), **bucket, **listed}

    def start(self, machine: str, definition: Definition | None, input: Any, name: str | None = None) -> Run:
        """Starts a run of a state machine (its ARN); without a definition the one known for the ARN.

        The run is recorded when this returns. Raises asl.DefinitionError, UnknownMachine, RunExists, StoreError.
        """
        if definition is not None:
            self._machines[machine] = _text(definition)
        return self._start(machine, input, name or self._new_name(), None)

    def resume(self, run: str) -> Run:
        """Goes on with a run that no process works on, on the definition it began with.

        Raises UnknownRun, AmbiguousRun, RunIsFinished, RunIsOwned, InterpreterChanged, StoreError.
        """
        return self._resume(self.find(run))

    def stop(self, run: str, error: str | None = None, cause: str | None = None) -> None:
        """StopExecution, for a run of this process or one that nobody works on. Raises as `resume` does."""
        self._resume(self.find(run)).stop(error, cause)

    async def try_state(self, steps: trial.Asking[trial.Report], arn: str) -> trial.Report:
        """Drives the trial of one state (TestState) with the functions and services of this runtime."""
        return await drive(steps, arn, self._clock, self._integrations)

    def find(self, run: str) -> Row:
        """The run with this name or ARN, or the only one whose name begins so. Raises UnknownRun, AmbiguousRun."""
        if not run.isprintable():  # no name has these letters, and the database takes no lone surrogate
            raise UnknownRun(run)
        if run.startswith("arn:"):
            found = self._store.execution(run)
            rows = [found] if found else []
        else:
            rows = self._store.beginning_with(run)
            rows = [row for row in rows if row.name == run] or rows
        if len(rows) > 1:
            raise AmbiguousRun(run, tuple(row.name for row in rows))
        if not rows:
            raise UnknownRun(run)
        return rows[0]

    def list(self, limit: int = 100, status: Status | None = None, before: int | None = None) -> Sequence[Row]:
        """The latest runs first; `before` is the `id` of the last row of the page before."""
        return self._store.executions(limit, status, before)

    def now_ms(self) -> int:
        """The time as the runs see it."""
        return self._clock.now_ms()

    def is_owned(self, row: Row) -> bool:
        """Whether a living process, this one included, works on the run."""
        return self._owned.is_owned(_key(row.arn))

    def beginning(self, run: str) -> Beginning:
        """What a run began with: definition, input, time, seed."""
        return self._store.beginning(self.find(run).id)

    def ending(self, run: str) -> Ending | None:
        """How a run ended; None while it has not."""
        return self._store.ending(self.find(run).id)

    def history(self, run: str) -> Sequence[asl.HistoryEvent]:
        """Every recorded event of a run, by replay. InterpreterChanged when this interpreter tells another story."""
        row = self.find(run)
        ending = self._store.ending(row.id)  # before the journal: a run at work may end in between
        replica = replay(self._store.beginning(row.id), self._store.journal(row.id))
        if ending is not None and replica.ending() != ending:
            raise InterpreterChanged(row.name, row.interpreter, asl.INTERPRETER)
        return replica.execution.events

    # What nested executions need (nested.Executions).

    def start_nested(self, machine: str, name: str, input: Any, started_by: str) -> str:
        arn = _execution_arn(machine, name)
        row = self._store.execution(arn)
        if row is None:
            return self._start(machine, input, name, started_by).arn
        repeated = row.status == "RUNNING" and self._store.beginning(row.id).input == input
        if row.started_by != started_by and not repeated:
            raise RunExists(name)
        if row.status == "RUNNING" and arn not in self._runs:
            self._resume(row)
        return arn

    def describe(self, arn: str) -> dict[str, Any]:
        """DescribeExecution of a recorded run; times in milliseconds, `Input` and `Output` as JSON values."""
        row = self.find(arn)
        beginning, ending = self._store.beginning(row.id), self._store.ending(row.id)
        described = {
            "ExecutionArn": arn,
            "Input": beginning.input,
            "InputDetails": {"Included": True},
            "Name": row.name,
            "RedriveCount": 0,
            "StartDate": row.started_ms,
            "StateMachineArn": row.machine,
            "Status": row.status,
        }
        return described if ending is None else {**described, "StopDate": ending.stopped_ms, **_result(ending)}

    def when_nested_ended(self, arn: str, action: Callable[[BaseException | None], None]) -> None:
        if arn in self._runs:
            self._runs[arn].when_ended(action)
        else:
            asyncio.get_running_loop().call_soon(action, None)

    def stop_nested(self, arn: str) -> None:
        if arn in self._runs:
            self._runs[arn].stop()

    def _start(self, machine: str, input: Any, name: str, started_by: str | None) -> Run:
        if machine not in self._machines:
            raise UnknownMachine(machine)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InvalidName(name)
        beginning = Beginning(
            arn=_execution_arn(machine, name),
            name=name,
            machine=machine,
            role=_role_arn(machine),
            definition=self._machines[machine],
            input=recorded(input),
            seed=self._random.getrandbits(63),
            started_ms=self._clock.now_ms(),
            interpreter=asl.INTERPRETER,
            started_by=started_by,
        )
        return self._begin(beginning)

    def _begin(self, beginning: Beginning) -> Run:
        replica = Replica(beginning)
        if beginning.arn in self._runs or not self._owned.take(_key(beginning.arn)):
            raise RunExists(beginning.name)
        try:
            effects = replica.begin()
            id = self._store.begin(beginning, replica.ending())
        except BaseException:
            self._owned.release(_key(beginning.arn))
            raise
        run = self._adopt(id, replica, 0)
        run.go(effects)
        return run

    def _resume(self, row: Row) -> Run:
        at_work = self._at_work(row)
        if at_work is not None:
            return at_work
        run = self._take_over(row)
        run.go_on()
        self.deliver()  # before a timer rings: what was decided in time counts
        return run

    def _at_work(self, row: Row) -> Run | None:
        """The run in this process, as long as its end is not recorded."""
        return self._runs.get(row.arn) if row.status == "RUNNING" else None

    def _take_over(self, row: Row) -> Run:
        """The run as its journal left it, owned by this process from now on."""
        if row.status != "RUNNING":
            raise RunIsFinished(row.name, row.status)
        if row.interpreter != asl.INTERPRETER:
            raise InterpreterChanged(row.name, row.interpreter, asl.INTERPRETER)
        if not self._owned.take(_key(row.arn)):
            raise RunIsOwned(row.name)
        try:
            ending = self._store.ending(row.id)  # it may have ended before the lock was ours
            if ending is not None:
                raise RunIsFinished(row.name, ending.status)
            entries = self._store.journal(row.id)
            return self._adopt(row.id, replay(self._store.beginning(row.id), entries), len(entries))
        except BaseException:
            self._owned.release(_key(row.arn))
            raise

    def _adopt(self, id: int, replica: Replica, entries: int) -> Run:
        run = Run(id, replica, entries, self._store, self._clock, self._integrations)
        self._runs[run.arn] = run
        self._look_again()
        run.when_ended(lambda _: self._forget(run.arn))
        return run

    def _forget(self, arn: str) -> None:
        if self._runs.pop(arn, None):
            self._owned.release(_key(arn))

    # Answers that other processes have left in the inbox.

    def deliver(self) -> None:
        """Gives the letters of the inbox to the tasks that wait for them here; closes those of runs that have ended."""
        for letter in self.inbox.unread():
            verdict = self.tokens.deliver(letter) or self._verdict_of_the_end(letter)
            if verdict is not None:
                self.inbox.close(letter.token, verdict)

    def _verdict_of_the_end(self, letter: Letter) -> str | None:
        said = asl.tokens.read(letter.token)
        row = said and self._store.execution(said.arn)
        return None if row and row.status == "RUNNING" else TaskTimedOut.__name__

    def _look_into_the_inbox(self) -> None:
        """Again and again, as long as runs are at work. In real time, whatever the clock of the runs says: it waits
        for other processes, not for a time."""
        self._looking = None
        if not self._runs:
            return
        self._look_again()
        with contextlib.suppress(StoreError):  # The file is locked, or the disk is full: the letters wait.
            if self.inbox.has_news():
                self.deliver()

    def _look_again(self) -> None:
        if self._looking is None:
            loop = asyncio.get_running_loop()
            self._looking = loop.call_later(INBOX_SECONDS, self._look_into_the_inbox)

    def _let_go(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
        for run in tuple(self._runs.values()):
            run.let_go()

    def _new_name(self) -> str:
        return "".join(self._random.choices(NAME_LETTERS, k=10))


def _no_log(line: lambdas.LogLine) -> None:
    """Nobody reads what functions print."""


def _text(definition: Definition) -> str:
    return definition if isinstance(definition, str) else encode(definition).decode()


def _execution_arn(machine: str, name: str) -> str:
    return f"{machine.replace(':stateMachine:', ':execution:', 1)}:{name}"


def _role_arn(machine: str) -> str:
    """The role that a machine runs as: nobody asks for it on this machine, but the context object shows one."""
    parts = machine.split(":")
    return f"arn:aws:iam::{parts[4] if len(parts) > 4 else '000000000000'}:role/{parts[-1]}"


def _key(arn: str) -> str:
    """A run's ARN as a file name."""
    return hashlib.blake2b(arn.encode(), digest_size=12).hexdigest()


def _result(ending: Ending) -> dict[str, Any]:
    if ending.status == "SUCCEEDED":
        return {"Output": ending.result, "OutputDetails": {"Included": True}}
    return dict(ending.result)
