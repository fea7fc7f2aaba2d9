"""Executions as ListExecutions lists them: the latest first, by their end, or by their start or redrive while they run.

rows = listed(store, Wanted(machine=arn, status="RUNNING"), limit=100, after=None)
following = listed(store, wanted, 100, place(rows[-1]))
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from stepsmith.local.store import ENDED_BADLY, LATEST, Row, Store

PENDING_REDRIVE = "PENDING_REDRIVE"

_WAITS = f"{ENDED_BADLY} AND {LATEST} AND stopped_ms <= ?"
_TIME = "ifnull(stopped_ms, ifnull(redriven_ms, started_ms))"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which executions: of a machine (its version, its alias) or of a Map Run; None does not matter. Of a Map Run that
    is redriven, children that ended badly until `counts_after_ms` are PENDING_REDRIVE."""

    machine: str | None = None
    version: str | None = None
    alias: str | None = None
    map_run: str | None = None
    status: str | None = None
    is_redriven: bool | None = None
    counts_after_ms: int | None = None


def listed(store: Store, wanted: Wanted, limit: int, after: str | None) -> list[Row]:
    """At most `limit` of them, from the one after the place `after`."""
    terms = [(f"{name} = ?", getattr(wanted, name)) for name in ("machine", "version", "alias", "map_run")]
    given = [(term, value) for term, value in terms if value is not None]
    if wanted.is_redriven is not None:
        given.append(("(redrives > 0) = ?", wanted.is_redriven))
    given += _status(wanted)
    values: list[Any] = [value for _, value in given]
    conditions = [term for term, _ in given]
    if after is not None:
        conditions.append(f"({_TIME}, id) < (?, ?)")
        values += map(int, after.split("/"))
    where = " AND ".join(conditions)
    return store.rows(f"WHERE {where} ORDER BY {_TIME} DESC, id DESC LIMIT ?", (*values, limit))


def _status(wanted: Wanted) -> list[tuple[str, Any]]:
    if wanted.status == PENDING_REDRIVE:
        return [(_WAITS, wanted.counts_after_ms)]
    if wanted.status is None:
        return []
    apart = [] if wanted.counts_after_ms is None else [(f"NOT ({_WAITS})", wanted.counts_after_ms)]
    return [("status = ?", wanted.status), *apart]


def waiting(store: Store, wanted: Wanted, rows: Sequence[Row]) -> set[int]:
    """The ids of those children that wait for their redrive."""
    early = [row.id for row in rows if (row.stopped_ms or 0) <= (wanted.counts_after_ms or 0) and row.stopped_ms]
    if not early:
        return set()
    condition = f"WHERE id IN ({', '.join(map(str, early))}) AND {_WAITS}"
    return {row.id for row in store.rows(condition, (wanted.counts_after_ms,))}


def place(row: Row) -> str:
    """Where a row stands in the listing."""
    return f"{row.stopped_ms or row.redriven_ms or row.started_ms}/{row.id}"
