"""What is kept of executions: what cannot be computed again, and nothing else.

One row per execution (what it began with, how it ended) and one row per outcome: the results of effects in the order
in which the interpreter was given them. State, history and everything else follow from these rows by running the
interpreter over them (docs/decisions/0002). A run that is parked has a note of what it waits for (parking.py).

Every call is one short transaction, committed when it returns; several processes use one database at once.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from stepsmith.local.database import Database
from stepsmith.local.definitions import number_of, opened
from stepsmith.local.errors import RunExists
from stepsmith.local.packing import decode, encode, pack, pack_text, unpack, unpack_text

Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED"]
KEPT_DEFINITIONS = 64


@dataclass(frozen=True, slots=True)
class Source:
    """Where an execution comes from, as far as it was said: the version and the alias it was started by, its revision
    of the machine and when that was made, the trace header, the Map Run that dispatched it, as which of its children,
    with how many items."""

    version: str | None = None
    alias: str | None = None
    trace: str | None = None
    map_run: str | None = None
    revision: str | None = None
    updated_ms: int | None = None
    child: int | None = None
    items: int | None = None


@dataclass(frozen=True, slots=True)
class Beginning:
    """What an execution began with. `started_by` names the parent's effect for a nested execution; `input_text` is the
    input as it was written."""

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
    source: Source = Source()
    input_text: bytes | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """How an execution ended: `result` is the output, or `{Error, Cause}` as far as there is one; `text` is it as it is
    kept: an output that is the untouched input is written as that was."""

    status: Status
    stopped_ms: int
    result: Any
    text: bytes | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Row:
    """One execution without its input and its result; times are in milliseconds since 1970.

    The `name` of an Express execution is the end of its ARN, `NAME:UUID`: it may be used again.
    """

    id: int
    name: str
    machine: str
    arn: str
    role: str
    started_ms: int
    started_by: str | None
    interpreter: str
    status: Status
    stopped_ms: int | None
    redrives: int
    redriven_ms: int | None
    source: Source


@dataclass(frozen=True, slots=True)
class Entry:
    """The n-th outcome of an execution: which effect, when, what kind (journal.py), and its value."""

    n: int
    effect: int
    time_ms: int
    kind: int
    value: Any


_SOURCE = "version, alias, trace, map_run, revision, updated_ms, child, items"
_SOURCES = _SOURCE.count(",") + 1
ROW = (
    "execution.id, name, machine, arn, role, started_ms, started_by, interpreter, status, stopped_ms, redrives,"
    f" redriven_ms, {_SOURCE}"
)
_BEGIN = (
    "INSERT INTO execution (name, machine, arn, role, definition, input, seed, started_ms, started_by, interpreter,"
    f" status, stopped_ms, result, {_SOURCE})"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING"
)


ENDED_BADLY = "status IN ('FAILED', 'TIMED_OUT', 'ABORTED')"
LATEST = (
    "NOT EXISTS (SELECT 1 FROM execution newer WHERE newer.map_run = execution.map_run"
    " AND newer.child = execution.child AND newer.id > execution.id)"
)
"""Of the executions of one child of a Map Run: an Express one has another after each redrive."""


class Store:
    """The executions of a database. Raises `StoreError`s; every method commits before it returns."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._definitions: OrderedDict[int, str] = OrderedDict()

    def begin(self, beginning: Beginning, ending: Ending | None, own: Callable[[int], object]) -> int:
        """Records a new execution, with its end when it needed no effect; returns its id, which `own` was told before
        anybody else could see it. RunExists: name taken."""
        b, s = beginning, beginning.source
        text = pack_text(encode(b.input) if b.input_text is None else b.input_text)
        with self.database.writing():
            definition = number_of(self.database, b.definition)
            facts = (b.name, b.machine, b.arn, b.role, definition, text, b.seed, b.started_ms, b.started_by)
            source = (s.version, s.alias, s.trace, s.map_run, s.revision, s.updated_ms, s.child, s.items)
            added = self.database.execute(_BEGIN, (*facts, b.interpreter, *_columns(ending), *source))
            if added.rowcount == 0:
                raise RunExists(b.name)
            assert added.lastrowid is not None
            own(added.lastrowid)
            return added.lastrowid

    def append(self, execution: int, entry: Entry, ending: Ending | None, unpark: bool = False) -> None:
        """Records one outcome, with the execution's end when the outcome ended it, and `unpark`s it."""
        with self.database.writing():
            self._append(execution, entry, unpark)
            if ending is not None:
                self._end(execution, ending)

    def redrive(self, execution: int, entry: Entry, ending: Ending | None, unpark: bool = False) -> None:
        """Records that an execution that had ended goes on."""
        with self.database.writing():
            self._append(execution, entry, unpark)
            again = "status = 'RUNNING', stopped_ms = NULL, result = NULL, redrives = redrives + 1, redriven_ms = ?"
            self.database.execute(f"UPDATE execution SET {again} WHERE id = ?", (entry.time_ms, execution))
            if ending is not None:
                self._end(execution, ending)

    def _append(self, execution: int, entry: Entry, unpark: bool) -> None:
        body = None if entry.value is None else pack(entry.value)
        values = (execution, entry.n, entry.effect, entry.time_ms, entry.kind, body)
        self.database.execute("INSERT INTO outcome VALUES (?, ?, ?, ?, ?, ?)", values)
        if unpark:
            self.database.execute("DELETE FROM parked WHERE execution = ?", (execution,))

    def _end(self, execution: int, ending: Ending) -> None:
        how = "UPDATE execution SET status = ?, stopped_ms = ?, result = ? WHERE id = ?"
        self.database.execute(how, (*_columns(ending), execution))

    def execution(self, arn: str) -> Row | None:
        """The execution with this ARN."""
        return self._one("WHERE name = ? AND arn = ?", (name_in(arn), arn))

    def with_id(self, id: int) -> Row | None:
        return self._one("WHERE id = ?", (id,))

    def beginning_with(self, prefix: str, limit: int = 10) -> list[Row]:
        """Executions whose name begins with `prefix`, an equal name first."""
        end = prefix + "\U0010ffff"
        return self.rows("WHERE name >= ? AND name < ? ORDER BY name LIMIT ?", (prefix, end, limit))

    def executions(self, limit: int = 100, status: Status | None = None, before: int | None = None) -> list[Row]:
        """The latest executions first; `before` is the id after which the last page ended."""
        condition = "WHERE status = ifnull(?, status) AND id < ifnull(?, id + 1) ORDER BY id DESC LIMIT ?"
        return self.rows(condition, (status, before, limit))

    def rows(self, condition: str, values: tuple[Any, ...]) -> list[Row]:
        """The executions that a condition of SQL (over execution's columns) finds, in its order."""
        return [_row(found) for found in self.database.execute(f"SELECT {ROW} FROM execution {condition}", values)]

    def _one(self, condition: str, values: tuple[Any, ...]) -> Row | None:
        rows = self.rows(condition, values)
        return rows[0] if rows else None

    def beginning(self, execution: int) -> Beginning:
        """What the execution began with."""
        query = (
            "SELECT arn, name, machine, role, definition, input, seed, started_ms, interpreter, started_by,"
            f" {_SOURCE} FROM execution WHERE id = ?"
        )
        with self.database.typed():
            found = self.database.execute(query, (execution,)).fetchone()
            definition, text = self._definition(found[4]), unpack_text(found[5])
            facts = (*found[:4], definition, decode(text), *found[6:10])
            return replace(Beginning(*facts), source=Source(*found[10:]), input_text=text)

    def seed(self, execution: int) -> int:
        """What the execution's random numbers and tokens are made from."""
        return int(self.database.execute("SELECT seed FROM execution WHERE id = ?", (execution,)).fetchone()[0])

    def ending(self, execution: int) -> Ending | None:
        """How the execution ended; None while it runs."""
        with self.database.typed():
            query = "SELECT status, stopped_ms, result FROM execution WHERE id = ?"
            status, stopped_ms, result = self.database.execute(query, (execution,)).fetchone()
            if status == "RUNNING":
                return None
            text = unpack_text(result)
            return Ending(status, stopped_ms, decode(text), text)

    def journal(self, execution: int, kind: int | None = None) -> list[Entry]:
        """All outcomes of the execution, or those of one kind, in order."""
        query = (
            "SELECT n, effect, time_ms, kind, body FROM outcome WHERE execution = ? AND kind = ifnull(?, kind)"
            " ORDER BY n"
        )
        with self.database.typed():
            rows = self.database.execute(query, (execution, kind)).fetchall()
            return [
                Entry(n, effect, ms, kind, None if body is None else unpack(body)) for n, effect, ms, kind, body in rows
            ]

    def outcomes(self, execution: int) -> int:
        """How many outcomes the execution has."""
        query = "SELECT count(*) FROM outcome WHERE execution = ?"
        return int(self.database.execute(query, (execution,)).fetchone()[0])

    def park(self, notes: Iterable[tuple[int, Any]]) -> None:
        """Keeps what parked executions wait for (parking.py)."""
        with self.database.writing():
            for execution, waits in notes:
                self.database.execute("INSERT OR REPLACE INTO parked VALUES (?, ?)", (execution, pack(waits)))

    def running(self, after: int, limit: int) -> list[tuple[Row, Any]]:
        """Executions that have not ended, by id, each with its note if it is parked."""
        query = (
            f"SELECT waits, {ROW} FROM execution LEFT JOIN parked ON parked.execution = execution.id"
            " WHERE status = 'RUNNING' AND execution.id > ? ORDER BY execution.id LIMIT ?"
        )
        with self.database.typed():
            rows = self.database.execute(query, (after, limit)).fetchall()
            return [(_row(facts), None if waits is None else unpack(waits)) for waits, *facts in rows]

    def drop_express(self, before_ms: int) -> None:
        """Forgets Express executions that ended before a time and that no Map Run shows."""
        ended = "SELECT id FROM execution WHERE arn LIKE 'arn:%:express:%' AND stopped_ms < ? AND map_run IS NULL"
        with self.database.writing():
            self.database.execute(f"DELETE FROM outcome WHERE execution IN ({ended})", (before_ms,))
            self.database.execute(f"DELETE FROM execution WHERE id IN ({ended})", (before_ms,))

    def _definition(self, id: int) -> str:
        """The text of a definition: the same object as long as it is used, so that it is compiled and hashed once."""
        if id not in self._definitions:
            (body,) = self.database.execute("SELECT body FROM definition WHERE id = ?", (id,)).fetchone()
            self._definitions[id] = opened(body)
            if len(self._definitions) > KEPT_DEFINITIONS:
                self._definitions.popitem(last=False)
        self._definitions.move_to_end(id)
        return self._definitions[id]


def name_in(arn: str) -> str:
    """The end of an execution's ARN that is its name in the database: `NAME`, or `NAME:UUID` of an Express one."""
    parts = arn.split(":")
    return ":".join(parts[7:])


def _row(found: Iterable[Any]) -> Row:
    facts = list(found)
    source = Source(*facts[-_SOURCES:])
    return Row(*(*facts[:-_SOURCES], source))


def _columns(ending: Ending | None) -> tuple[Status, int | None, bytes | None]:
    if ending is None:
        return "RUNNING", None, None
    text = encode(ending.result) if ending.text is None else ending.text
    return ending.status, ending.stopped_ms, pack_text(text)
