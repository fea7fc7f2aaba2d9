"""What is kept of Map Runs: their bounds, how they stand, and the inputs of their children.

What an ItemReader has read is recorded before the first child begins, so that a Map Run goes on after a crash or a
redrive with the very same items, whatever became of the object in S3 meanwhile. A data set of which a part was read
when the process died is read again from its beginning. The inputs go when the Map Run has succeeded.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal, NamedTuple

from stepsmith import asl
from stepsmith.local.database import Database
from stepsmith.local.packing import pack, unpack_text

Status = Literal["RUNNING", "SUCCEEDED", "FAILED", "ABORTED"]
NEVER = -1


@dataclass(frozen=True, slots=True)
class Record:
    """One Map Run. `execution` is the ARN of its parent; `children` and `items` are None until all are read; times are
    in milliseconds since 1970."""

    id: int
    arn: str
    execution: str
    status: Status
    started_ms: int
    stopped_ms: int | None
    at_once: int
    tolerance: asl.Tolerance
    redrives: int
    redriven_ms: int | None
    children: int | None
    items: int | None
    is_written: bool

    @property
    def counts_after_ms(self) -> int:
        """A child that ended badly by then does not count: it is run again, since the Map Run was redriven."""
        return self.redriven_ms if self.redriven_ms is not None and self.status == "RUNNING" else NEVER


class Input(NamedTuple):
    """The input of a child as JSON text, and how many items are in it."""

    child: int
    items: int
    text: bytes


_COLUMNS = (
    "id, arn, execution, status, started_ms, stopped_ms, at_once, tolerated_count, tolerated_percentage, redrives,"
    " redriven_ms, children, items, is_written"
)


class Records:
    """The Map Runs of a data folder; the database is opened when it is first needed. Raises StoreErrors."""

    def __init__(self, open_database: Callable[[], Database]) -> None:
        self._open_database = open_database
        self.is_closed = False

    @cached_property
    def _database(self) -> Database:
        return self._open_database()

    def close(self) -> None:
        self.is_closed = True
        if "_database" in self.__dict__:
            self._database.close()

    def open(self, effect: asl.RunMap, execution: str, since_ms: int, now_ms: int) -> Record:
        """The Map Run of an effect that was asked for at that time: a new one, the one that is recorded, or that one
        redriven now."""
        found = self.find(effect.arn)
        if found is None:
            self._begin(effect, execution, since_ms)
        elif found.redrives < effect.redrive_count:
            again = "status = 'RUNNING', stopped_ms = NULL, redrives = ?, redriven_ms = ?, is_written = 0"
            self._change(found.id, again, effect.redrive_count, now_ms)
        return self.get(effect.arn)

    def _begin(self, effect: asl.RunMap, execution: str, since_ms: int) -> None:
        columns = "arn, execution, status, started_ms, at_once, tolerated_count, tolerated_percentage, redrives"
        bounds = (effect.at_once, effect.tolerance.count, effect.tolerance.percentage)
        with self._database.writing():
            values = (effect.arn, execution, since_ms, *bounds, effect.redrive_count)
            self._database.execute(f"INSERT INTO map_run ({columns}) VALUES (?, ?, 'RUNNING', ?, ?, ?, ?, ?)", values)

    def find(self, arn: str) -> Record | None:
        """The Map Run with this ARN."""
        rows = self._rows("WHERE arn = ?", arn)
        return rows[0] if rows else None

    def get(self, arn: str) -> Record:
        """The Map Run with this ARN, which is there."""
        (record,) = self._rows("WHERE arn = ?", arn)
        return record

    def of_execution(self, execution: str, limit: int, before: int | None) -> list[Record]:
        """The Map Runs of a parent, the latest first; `before` is the `id` of the last one of the page before."""
        condition = "WHERE execution = ? AND id < ifnull(?, id + 1) ORDER BY id DESC LIMIT ?"
        return self._rows(condition, execution, before, limit)

    def running(self) -> list[Record]:
        """Those that have not ended."""
        return self._rows("WHERE status = 'RUNNING'")

    def bound(self, record: Record, at_once: int | None, tolerance: asl.Tolerance) -> Record:
        """Changes what is not None (UpdateMapRun)."""
        changed = replace(
            record.tolerance,
            count=record.tolerance.count if tolerance.count is None else tolerance.count,
            percentage=record.tolerance.percentage if tolerance.percentage is None else tolerance.percentage,
        )
        at_once = record.at_once if at_once is None else at_once
        what = "at_once = ?, tolerated_count = ?, tolerated_percentage = ?"
        self._change(record.id, what, at_once, changed.count, changed.percentage)
        return replace(record, at_once=at_once, tolerance=changed)

    def end(self, record: Record, status: Status, now_ms: int, is_written: bool) -> None:
        """How the Map Run ended. The inputs of one that succeeded are needed no more."""
        with self._database.writing():
            self._change(record.id, "status = ?, stopped_ms = ?, is_written = ?", status, now_ms, is_written)
            if status == "SUCCEEDED":
                self.forget_inputs(record)

    def forget_inputs(self, record: Record) -> None:
        """What was read is to be read anew, or not needed any more."""
        with self._database.writing():
            self._database.execute("DELETE FROM map_input WHERE map_run = ?", (record.id,))

    def add_inputs(self, record: Record, first: int, children: Sequence[asl.Child]) -> None:
        """Children from the number `first` on."""
        with self._database.writing():
            for number, child in enumerate(children, start=first):
                values = (record.id, number, child.items, pack(child.input))
                self._database.execute("INSERT INTO map_input VALUES (?, ?, ?, ?)", values)

    def has_read(self, record: Record, children: int, items: int) -> Record:
        """All children are there: none is read any more."""
        self._change(record.id, "children = ?, items = ?", children, items)
        return replace(record, children=children, items=items)

    def inputs(self, record: Record, after: int, limit: int) -> list[Input]:
        """The next children behind the number `after`."""
        query = "SELECT child, items, input FROM map_input WHERE map_run = ? AND child > ? ORDER BY child LIMIT ?"
        with self._database.typed():
            rows = self._database.execute(query, (record.id, after, limit)).fetchall()
            return [Input(child, items, unpack_text(packed)) for child, items, packed in rows]

    def read_so_far(self, record: Record) -> tuple[int, int]:
        """How many children there are, and items in them."""
        if record.children is not None and record.items is not None:
            return record.children, record.items
        query = "SELECT count(*), ifnull(sum(items), 0) FROM map_input WHERE map_run = ?"
        children, items = self._database.execute(query, (record.id,)).fetchone()
        return children, items

    def _change(self, id: int, what: str, *values: object) -> None:
        with self._database.writing():
            self._database.execute(f"UPDATE map_run SET {what} WHERE id = ?", (*values, id))

    def _rows(self, condition: str, *values: object) -> list[Record]:
        query = f"SELECT {_COLUMNS} FROM map_run {condition}"
        rows = self._database.execute(query, values).fetchall()
        return [_record(*facts) for facts in rows]


def _record(*facts: Any) -> Record:
    *before, count, percentage, redrives, redriven_ms, children, items, is_written = facts
    how = (redrives, redriven_ms, children, items, bool(is_written))
    return Record(*(*before, asl.Tolerance(count, percentage), *how))
