"""What is kept of executions: what cannot be computed again, and nothing else.

Each definition once, one row per execution (what it began with, how it ended) and one row per outcome: the results of
effects in the order in which the interpreter was given them. State, history and everything else follow from these rows
by running the interpreter over them (docs/decisions/0002).

Every call is one short transaction, committed when it returns; several processes use one database at once.
"""

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

from stepsmith.local.database import Database
from stepsmith.local.errors import RunExists
from stepsmith.local.packing import pack, unpack

Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]


@dataclass(frozen=True, slots=True)
class Beginning:
    """What an execution began with. `started_by` names the parent's effect for a nested execution."""

    arn: str
    name: str
    machine: str
    role: str
    definition: str
    input: Any
    seed: int
    started_ms: int
    interpreter: str
    started_by: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How an execution ended: `result` is the output, or `{Error, Cause}` as far as there is one."""

    status: Status
    stopped_ms: int
    result: Any


@dataclass(frozen=True, slots=True)
class Row:
    """One execution as the listing shows it; `started_ms` is in milliseconds since 1970."""

    id: int
    name: str
    machine: str
    arn: str
    started_ms: int
    started_by: str | None
    interpreter: str
    status: Status
    stopped_ms: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """The n-th outcome of an execution: which effect, when, what kind (journal.py), and its value."""

    n: int
    effect: int
    time_ms: int
    kind: int
    value: Any


_ROW = "id, name, machine, arn, started_ms, started_by, interpreter, status, stopped_ms"


class Store:
    """The executions of a database. Raises `StoreError`s; every method commits before it returns."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._definitions: dict[bytes, int] = {}

    def begin(self, beginning: Beginning, ending: Ending | None) -> int:
        """Records a new execution, with its end when it needed no effect; returns its id. RunExists: name taken."""
        b = beginning
        with self._writing():
            definition = self._definition(b.definition)
            values = (b.name, b.machine, b.arn, b.role, definition, pack(b.input), b.seed, b.started_ms, b.started_by)
            row = self._database.execute(
                "INSERT INTO execution (name, machine, arn, role, definition, input, seed, started_ms, started_by,"
                " interpreter, status, stopped_ms, result) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT DO NOTHING",
                (*values, b.interpreter, *_columns(ending)),
            )
            if row.rowcount == 0:
                raise RunExists(b.name)
            assert row.lastrowid is not None
            return row.lastrowid

    def append(self, execution: int, entry: Entry, ending: Ending | None) -> None:
        """Records one outcome, with the execution's end when the outcome ended it."""
        body = None if entry.value is None else pack(entry.value)
        with self._writing():
            self._database.execute(
                "INSERT INTO outcome VALUES (?, ?, ?, ?, ?, ?)",
                (execution, entry.n, entry.effect, entry.time_ms, entry.kind, body),
            )
            if ending is not None:
                self._database.execute(
                    "UPDATE execution SET status = ?, stopped_ms = ?, result = ? WHERE id = ?",
                    (*_columns(ending), execution),
                )

    def execution(self, arn: str) -> Row | None:
        """The execution with this ARN."""
        machine_and_name = arn.rsplit(":", 2)[-1]
        rows = self._rows("WHERE name = ? AND arn = ?", (machine_and_name, arn))
        return rows[0] if rows else None

    def beginning_with(self, prefix: str, limit: int = 10) -> list[Row]:
        """Executions whose name begins with `prefix`, an equal name first."""
        end = prefix + "\U0010ffff"
        return self._rows("WHERE name >= ? AND name < ? ORDER BY name LIMIT ?", (prefix, end, limit))

    def executions(self, limit: int = 100, status: Status | None = None, before: int | None = None) -> list[Row]:
        """The latest executions first; `before` is the id after which the last page ended."""
        condition = "WHERE status = ifnull(?, status) AND id < ifnull(?, id + 1) ORDER BY id DESC LIMIT ?"
        return self._rows(condition, (status, before, limit))

    def beginning(self, execution: int) -> Beginning:
        """What the execution began with."""
        with self._database.typed():
            found = self._database.execute(
                "SELECT arn, name, machine, role, body, input, seed, started_ms, interpreter, started_by"
                " FROM execution JOIN definition ON definition.id = execution.definition WHERE execution.id = ?",
                (execution,),
            ).fetchone()
            arn, name, machine, role, body, packed, *rest = found
            return Beginning(arn, name, machine, role, zlib.decompress(body).decode(), unpack(packed), *rest)

    def ending(self, execution: int) -> Ending | None:
        """How the execution ended; None while it runs."""
        with self._database.typed():
            query = "SELECT status, stopped_ms, result FROM execution WHERE id = ?"
            status, stopped_ms, result = self._database.execute(query, (execution,)).fetchone()
            return None if status == "RUNNING" else Ending(status, stopped_ms, unpack(result))

    def journal(self, execution: int) -> list[Entry]:
        """All outcomes of the execution, in order."""
        query = "SELECT n, effect, time_ms, kind, body FROM outcome WHERE execution = ? ORDER BY n"
        with self._database.typed():
            rows = self._database.execute(query, (execution,)).fetchall()
            return [
                Entry(n, effect, ms, kind, None if body is None else unpack(body)) for n, effect, ms, kind, body in rows
            ]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            with self._database.writing():
                yield
        except BaseException:
            self._definitions.clear()  # what was added in this transaction is not there
            raise

    def _definition(self, text: str) -> int:
        digest = hashlib.sha256(text.encode()).digest()[:16]
        if digest not in self._definitions:
            self._definitions[digest] = self._find_definition(digest) or self._add_definition(digest, text)
        return self._definitions[digest]

    def _find_definition(self, digest: bytes) -> int | None:
        found = self._database.execute("SELECT id FROM definition WHERE hash = ?", (digest,)).fetchone()
        return found and int(found[0])

    def _add_definition(self, digest: bytes, text: str) -> int:
        body = zlib.compress(text.encode(), 9)
        row = self._database.execute("INSERT INTO definition (hash, body) VALUES (?, ?)", (digest, body))
        assert row.lastrowid is not None
        return row.lastrowid

    def _rows(self, condition: str, values: tuple[Any, ...]) -> list[Row]:
        with self._database.typed():
            found = self._database.execute(f"SELECT {_ROW} FROM execution {condition}", values).fetchall()
            return [Row(*row) for row in found]


def _columns(ending: Ending | None) -> tuple[Status, int | None, bytes | None]:
    return ("RUNNING", None, None) if ending is None else (ending.status, ending.stopped_ms, pack(ending.result))
