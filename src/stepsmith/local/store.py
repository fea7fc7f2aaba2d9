"""The database of runs: what cannot be computed again, and nothing else.

One SQLite file (`runs.db`, WAL) keeps each definition once, one row per execution (what it began with, how it ended)
and one row per outcome: the results of effects in the order in which the interpreter was given them. State, history and
everything else follow from these rows by running the interpreter over them (docs/decisions/0002).

Every call is one short transaction, committed when it returns: with `synchronous=NORMAL` it survives the death of
the process, with `FULL` that of the machine. Several processes use one file at once. Faults come as `StoreError`s.
"""

import hashlib
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from stepsmith.local.errors import (
    DatabaseCorrupt,
    DatabaseLocked,
    DatabaseTooNew,
    DataReadOnly,
    DiskFull,
    RunExists,
    StoreError,
)
from stepsmith.local.packing import Damaged, pack, unpack

FORMAT = 1  # PRAGMA user_version; a change of a table or of the packing's dictionary is a new format
Synchronous = Literal["NORMAL", "FULL"]
Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]

_TABLES = """
CREATE TABLE definition (id INTEGER PRIMARY KEY, hash BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE execution (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, machine TEXT NOT NULL, arn TEXT NOT NULL, role TEXT NOT NULL,
    definition INTEGER NOT NULL REFERENCES definition, input BLOB NOT NULL, seed INTEGER NOT NULL,
    started_ms INTEGER NOT NULL, started_by TEXT, interpreter TEXT NOT NULL,
    status TEXT NOT NULL, stopped_ms INTEGER, result BLOB);
CREATE UNIQUE INDEX execution_name ON execution (name, machine);
CREATE TABLE outcome (
    execution INTEGER NOT NULL, n INTEGER NOT NULL, effect INTEGER NOT NULL, time_ms INTEGER NOT NULL,
    kind INTEGER NOT NULL, body BLOB, PRIMARY KEY (execution, n)) WITHOUT ROWID;
"""


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
    """The open database. Raises `StoreError`s; every method commits before it returns."""

    def __init__(self, path: Path, synchronous: Synchronous = "NORMAL", busy_seconds: float = 5.0) -> None:
        self._path = path
        self._busy_seconds = busy_seconds
        self._definitions: dict[bytes, int] = {}
        with self._typed():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._db = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
            try:
                self._prepare(synchronous)
            except BaseException:
                self._db.close()
                raise

    def _prepare(self, synchronous: Synchronous) -> None:
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute(f"PRAGMA synchronous = {synchronous}")
        with self._writing():
            found = self._db.execute("PRAGMA user_version").fetchone()[0]
            if found > FORMAT:
                raise DatabaseTooNew(self._path, found, FORMAT)
            if found == 0:
                for statement in _TABLES.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {FORMAT}")

    def close(self) -> None:
        self._db.close()

    def checkpoint(self) -> None:
        """Moves what the write-ahead log holds into the file and empties the log. DatabaseLocked: somebody reads."""
        with self._typed():
            is_busy, _, _ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_busy:
            raise DatabaseLocked(self._path, self._busy_seconds)

    def begin(self, beginning: Beginning, ending: Ending | None) -> int:
        """Records a new execution, with its end when it needed no effect; returns its id. RunExists: name taken."""
        b = beginning
        with self._typed(), self._writing():
            definition = self._definition(b.definition)
            values = (b.name, b.machine, b.arn, b.role, definition, pack(b.input), b.seed, b.started_ms, b.started_by)
            row = self._db.execute(
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
        with self._typed(), self._writing():
            self._db.execute(
                "INSERT INTO outcome VALUES (?, ?, ?, ?, ?, ?)",
                (execution, entry.n, entry.effect, entry.time_ms, entry.kind, body),
            )
            if ending is not None:
                self._db.execute(
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
        with self._typed():
            found = self._db.execute(
                "SELECT arn, name, machine, role, body, input, seed, started_ms, interpreter, started_by"
                " FROM execution JOIN definition ON definition.id = execution.definition WHERE execution.id = ?",
                (execution,),
            ).fetchone()
            arn, name, machine, role, body, packed, *rest = found
            return Beginning(arn, name, machine, role, zlib.decompress(body).decode(), unpack(packed), *rest)

    def ending(self, execution: int) -> Ending | None:
        """How the execution ended; None while it runs."""
        with self._typed():
            query = "SELECT status, stopped_ms, result FROM execution WHERE id = ?"
            status, stopped_ms, result = self._db.execute(query, (execution,)).fetchone()
            return None if status == "RUNNING" else Ending(status, stopped_ms, unpack(result))

    def journal(self, execution: int) -> list[Entry]:
        """All outcomes of the execution, in order."""
        query = "SELECT n, effect, time_ms, kind, body FROM outcome WHERE execution = ? ORDER BY n"
        with self._typed():
            rows = self._db.execute(query, (execution,)).fetchall()
            return [
                Entry(n, effect, ms, kind, None if body is None else unpack(body)) for n, effect, ms, kind, body in rows
            ]

    def _definition(self, text: str) -> int:
        digest = hashlib.sha256(text.encode()).digest()[:16]
        if digest not in self._definitions:
            self._definitions[digest] = self._find_definition(digest) or self._add_definition(digest, text)
        return self._definitions[digest]

    def _find_definition(self, digest: bytes) -> int | None:
        found = self._db.execute("SELECT id FROM definition WHERE hash = ?", (digest,)).fetchone()
        return found and int(found[0])

    def _add_definition(self, digest: bytes, text: str) -> int:
        body = zlib.compress(text.encode(), 9)
        row = self._db.execute("INSERT INTO definition (hash, body) VALUES (?, ?)", (digest, body))
        assert row.lastrowid is not None
        return row.lastrowid

    def _rows(self, condition: str, values: tuple[Any, ...]) -> list[Row]:
        with self._typed():
            found = self._db.execute(f"SELECT {_ROW} FROM execution {condition}", values).fetchall()
            return [Row(*row) for row in found]

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One transaction that takes the write lock at once, so that it waits here and nowhere later."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            self._definitions.clear()  # what was added in this transaction is not there
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise

    @contextmanager
    def _typed(self) -> Iterator[None]:
        """SQLite's and the file system's errors as ours."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._store_error(error) from error
        except Damaged as error:
            raise DatabaseCorrupt(self._path, str(error)) from error
        except OSError as error:
            raise DataReadOnly(self._path, error.strerror or str(error)) from error

    def _store_error(self, error: sqlite3.Error) -> StoreError:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        match code:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return DatabaseLocked(self._path, self._busy_seconds)
            case sqlite3.SQLITE_FULL:
                return DiskFull(self._path)
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                return DataReadOnly(self._path, str(error))
            case sqlite3.SQLITE_IOERR:
                return DiskFull(self._path)  # how a full disk shows in the write-ahead log
            case _:
                return DatabaseCorrupt(self._path, str(error))


def _columns(ending: Ending | None) -> tuple[Status, int | None, bytes | None]:
    return ("RUNNING", None, None) if ending is None else (ending.status, ending.stopped_ms, pack(ending.result))
