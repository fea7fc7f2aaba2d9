"""How an execution comes to be: what it runs, its name and ARN, and what a repeated request means.

What runs is known to this process (`Runtime(machines=...)`, a command's own definition) or to the catalog: a state
machine, a version or an alias, by its ARN. A Standard execution's name is used once: the same name and input while it
runs is the same execution. An Express execution's ARN ends in an id of its own, so its name may be used again.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any, Literal

from stepsmith import asl
from stepsmith.local.catalog import Catalog
from stepsmith.local.catalog.arns import NAME
from stepsmith.local.catalog.errors import StateMachineDoesNotExist
from stepsmith.local.errors import InvalidName, RunExists, UnknownMachine
from stepsmith.local.executions import Executions
from stepsmith.local.packing import recorded
from stepsmith.local.run import Run
from stepsmith.local.store import Beginning, Row, Source, Store

NAME_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"  # base32 of RFC 4648; ten of them are 50 bits


@dataclass(frozen=True, slots=True)
class Program:
    """What an execution runs, as whom, and where that comes from."""

    machine: str
    definition: str
    role: str
    type: Literal["STANDARD", "EXPRESS"] = "STANDARD"
    source: Source = Source()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Request:
    """What the caller of an execution says: `text` is the input as it was written, if it was; `id` what the ARN of an
    Express execution ends with, where its caller wants to find it again."""

    input: Any
    name: str | None = None
    text: bytes | None = None
    started_by: str | None = None
    id: str | None = None


class Starting:
    """Starts executions. `machines` are the definitions that this process knows by their ARNs."""

    def __init__(
        self,
        store: Store,
        executions: Executions,
        catalog: Catalog,
        machines: dict[str, str],
        now_ms: Callable[[], int],
        random: Random,
    ) -> None:
        self._store = store
        self._executions = executions
        self._catalog = catalog
        self._machines = machines
        self._now_ms = now_ms
        self._random = random

    def program(self, machine: str) -> Program:
        """What an ARN means now. Raises UnknownMachine, CatalogError."""
        if machine in self._machines:
            return Program(machine, self._machines[machine], _role_arn(machine))
        try:
            found = self._catalog.resolve(machine)
        except StateMachineDoesNotExist as error:
            raise UnknownMachine(machine) from error
        source = Source(
            found.version_arn, found.alias_arn, revision=found.revision_id, updated_ms=found.machine.updated_ms
        )
        return Program(found.arn, found.definition, found.role_arn, found.type, source)

    def is_known_here(self, machine: str) -> bool:
        """Whether this process knows the machine, whatever the catalog has."""
        return machine in self._machines

    def begin(self, program: Program, request: Request, is_recorded: bool = True) -> Run:
        """A new execution. Raises RunExists, InvalidName, asl.DefinitionError, StoreError."""
        name = self.new_name() if request.name is None else request.name
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise InvalidName(name)
        if program.type == "EXPRESS":
            name = f"{name}:{request.id or self.new_uuid()}"
        beginning = Beginning(
            arn=execution_arn(program, name),
            name=name,
            machine=program.machine,
            role=program.role,
            definition=program.definition,
            input=request.input if request.text is not None else recorded(request.input),
            seed=self._random.getrandbits(63),
            started_ms=self._now_ms(),
            interpreter=asl.INTERPRETER,
            started_by=request.started_by,
            source=program.source,
            input_text=request.text,
        )
        return self._executions.begin(beginning, is_recorded)

    def begin_once(self, program: Program, request: Request) -> tuple[str, int]:
        """The ARN and the start of the execution with this name and input: a new one, or the one that runs. Raises as
        `begin`; RunExists when it has ended or has another input."""
        try:
            run = self.begin(program, request)
            return run.arn, run.replica.beginning.started_ms
        except RunExists:
            assert request.name is not None  # no two new names are equal
            row = self._store.execution(execution_arn(program, request.name))
            if row is None or not self.is_same(row, request):
                raise
            return row.arn, row.started_ms

    def is_same(self, row: Row, request: Request) -> bool:
        """Whether the request repeats the one that began the execution of the row."""
        return row.status == "RUNNING" and self._store.beginning(row.id).input == recorded(request.input)

    def new_name(self) -> str:
        """A short one, for people to type."""
        return "".join(self._random.choices(NAME_LETTERS, k=10))

    def new_uuid(self) -> str:
        """What AWS names an execution that nobody named."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def traced(program: Program, header: str | None) -> Program:
    """The same with a trace header."""
    return program if header is None else replace(program, source=replace(program.source, trace=header))


def execution_arn(program: Program, name: str) -> str:
    kind = "express" if program.type == "EXPRESS" else "execution"
    return f"{program.machine.replace(':stateMachine:', f':{kind}:', 1)}:{name}"


def _role_arn(machine: str) -> str:
    """The role that a machine runs as: nobody asks for it on this machine, but the context object shows one."""
    parts = machine.split(":")
    return f"arn:aws:iam::{parts[4] if len(parts) > 4 else '000000000000'}:role/{parts[-1]}"
