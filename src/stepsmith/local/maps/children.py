"""The child executions of a Map Run, found by its ARN and their numbers: those at work, those that ended, how many.

An Express child that was redriven has several executions under one number; the latest counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from stepsmith.asl import Json
from stepsmith.asl.values import timestamp
from stepsmith.local.described import BY_MAP_RUN, Execution
from stepsmith.local.listing import PENDING_REDRIVE
from stepsmith.local.maps.records import NEVER, Input, Record, Records
from stepsmith.local.maps.writing import Outcome
from stepsmith.local.packing import encode
from stepsmith.local.store import ENDED_BADLY, LATEST, Row, Store

BAD = ("FAILED", "TIMED_OUT", "ABORTED")
A_PAGE = 100
_DONE = "(status IN ('RUNNING', 'SUCCEEDED') OR stopped_ms > ?)"
"""Not to be run again; the parameter is a time by which a bad end does not count any more."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of children and of the items in them: by status, and how many there are."""

    total: int
    by_status: dict[str, int] = field(default_factory=dict)

    @property
    def pending(self) -> int:
        """Those that have not begun."""
        return max(0, self.total - sum(self.by_status.values()))

    @property
    def ended(self) -> int:
        return sum(self.by_status.get(status, 0) for status in ("SUCCEEDED", *BAD))


class Children:
    """Reads; what begins and ends children is run.py."""

    def __init__(self, store: Store, records: Records) -> None:
        self._store = store
        self._records = records

    def running(self, record: Record) -> list[Row]:
        """Those that have begun and not ended."""
        return self._store.rows("WHERE map_run = ? AND status = 'RUNNING'", (record.arn,))

    def to_run(self, record: Record, after: int, since_ms: int) -> tuple[list[Input], int | None]:
        """Of the next children behind the number `after`, those that have not begun, or ended badly until `since_ms`;
        and the number of the last one that was looked at, None when there is no other."""
        page = self._records.inputs(record, after, A_PAGE)
        if not page:
            return [], None
        last = page[-1].child
        query = f"SELECT child FROM execution WHERE map_run = ? AND child > ? AND child <= ? AND {_DONE}"
        values = (record.arn, after, last, since_ms)
        done = {child for (child,) in self._store.database.execute(query, values).fetchall()}
        return [each for each in page if each.child not in done], last

    def failed_items(self, record: Record) -> int:
        """Items in children that ended badly and are not run again."""
        query = f"SELECT ifnull(sum(items), 0) FROM execution WHERE map_run = ? AND {ENDED_BADLY} AND stopped_ms > ?"
        return int(self._store.database.execute(query, (record.arn, record.counts_after_ms)).fetchone()[0])

    def counts(self, record: Record) -> tuple[Counts, Counts]:
        """Of children, and of items. A child that waits for its redrive is PENDING_REDRIVE."""
        waits = f"CASE WHEN {ENDED_BADLY} AND stopped_ms <= ? THEN '{PENDING_REDRIVE}' ELSE status END"
        query = f"SELECT {waits}, count(*), sum(items) FROM execution WHERE map_run = ? AND {LATEST} GROUP BY 1"
        found = self._store.database.execute(query, (record.counts_after_ms, record.arn)).fetchall()
        children, items = self._records.read_so_far(record)
        executions = Counts(children, {status: count for status, count, _ in found})
        return executions, Counts(items, {status: count for status, _, count in found})

    def outputs(self, record: Record) -> Iterator[Outcome]:
        """What became of every child, in their order; those that never began come last."""
        yield from map(self._outcome, self._latest(record))
        after: int | None = -1
        while after is not None:
            page, after = self.to_run(record, after, NEVER)
            yield from (_pending(each) for each in page)

    def is_redrivable(self, row: Row, now_ms: int) -> bool:
        """Whether a child that ended badly can be run again under its ARN."""
        return self._execution(row).redrivability(now_ms)[0] == BY_MAP_RUN

    def _latest(self, record: Record) -> Iterator[Row]:
        after = -1
        condition = f"WHERE map_run = ? AND child > ? AND {LATEST} ORDER BY child LIMIT ?"
        while rows := self._store.rows(condition, (record.arn, after, A_PAGE)):
            yield from rows
            after = rows[-1].source.child or 0

    def _outcome(self, row: Row) -> Outcome:
        execution = self._execution(row)
        kind = "SUCCEEDED" if row.status == "SUCCEEDED" else "FAILED"
        return Outcome(kind, _described(execution), execution.output)

    def _execution(self, row: Row) -> Execution:
        return Execution(row, self._store.beginning(row.id), self._store.ending(row.id))


def _described(execution: Execution) -> dict[str, Json]:
    """As DescribeExecution told of it when it had ended; members in the order of their names."""
    row, ending = execution.row, execution.ending
    redrivable, why_not = execution.redrivability(row.stopped_ms or row.started_ms)
    described: dict[str, Json] = {
        **execution.failure,
        "ExecutionArn": row.arn,
        "Input": execution.input_text,
        "InputDetails": {"Included": True},
        "Name": execution.name,
        "RedriveCount": row.redrives,
        "RedriveStatus": redrivable,
        "StartDate": timestamp(row.started_ms),
        "StateMachineArn": row.machine,
        "Status": row.status,
    }
    if ending is not None:
        described["StopDate"] = timestamp(ending.stopped_ms)
    if why_not is not None:
        described["RedriveStatusReason"] = why_not
    if row.status == "SUCCEEDED":
        described |= {"Output": encode(execution.output).decode(), "OutputDetails": {"Included": True}}
    return dict(sorted(described.items()))


def _pending(input: Input) -> Outcome:
    return Outcome("PENDING", {"Input": input.text.decode(), "InputDetails": {"Included": True}, "Status": "PENDING"})
