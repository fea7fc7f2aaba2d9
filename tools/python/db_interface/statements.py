"""Runs one statement within bounds of time, rows and bytes.

One statement only, and the driver sees to it: sqlite3 takes no second one, and PostgreSQL gets the statement as that
of a cursor, which must be one query, by a protocol that takes one command (`engines`). Nothing here reads the text.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CursorResult, Engine
from sqlalchemy.exc import DBAPIError

from .engines import MEGABYTE, reading

MAX_ROWS = 100_000
MAX_BYTES = 30 * MEGABYTE
BATCH = 500

type Row = Sequence[Any]


class StatementFailed(Exception):
    """The database refused or gave up; `str` is its own message."""


class StatementTimedOut(Exception):
    """The statement was stopped at its time."""


class NoRows(Exception):
    """The statement was empty, or of a kind that gives no rows."""


@dataclass(frozen=True)
class Result:
    """Rows under column names that differ from each other; `cut` when the bounds left rows out."""

    columns: tuple[str, ...]
    rows: list[Row]
    cut: bool


def run(engine: Engine, statement: str, seconds: float, max_rows: int = MAX_ROWS, max_bytes: int = MAX_BYTES) -> Result:
    """What one statement gives. Raises `StatementFailed`, `StatementTimedOut`, `NoRows`; and, where the database
    cannot be reached, SQLAlchemy's OperationalError."""
    end = time.monotonic() + seconds
    with reading(engine, seconds) as connection:
        try:
            result = connection.execution_options(stream_results=True).exec_driver_sql(_escaped(engine, statement))
            return _result(result, max_rows, max_bytes)
        except (DBAPIError, MemoryError) as error:
            raise _failure(error, end) from error


def _escaped(engine: Engine, statement: str) -> str:
    """To a driver with %s for parameters a plain % is %%."""
    return statement.replace("%", "%%") if "format" in engine.dialect.paramstyle else statement


def _failure(error: DBAPIError | MemoryError, end: float) -> Exception:
    if time.monotonic() >= end:
        return StatementTimedOut()
    if isinstance(error, DBAPIError):
        return StatementFailed(str(error.orig).partition("\n")[0])  # What follows quotes the statement.
    return StatementFailed("it needs too much memory")


def _result(result: CursorResult[Any], max_rows: int, max_bytes: int) -> Result:
    if not result.returns_rows or result.cursor is None:
        raise NoRows()
    # The driver's own names: SQLAlchemy cuts "park.key" to "key" for SQLite.
    columns = distinct([str(column[0]) for column in result.cursor.description])
    rows: list[Row] = []
    for row in _fetched(result):
        max_bytes -= sum(map(_bytes, row))
        if len(rows) == max_rows or max_bytes < 0:
            return Result(columns, rows, cut=True)
        rows.append(tuple(row))
    return Result(columns, rows, cut=False)


def _fetched(result: CursorResult[Any]) -> Iterator[Row]:
    while batch := result.fetchmany(BATCH):
        yield from batch


def _bytes(cell: Any) -> int:
    return len(cell) if isinstance(cell, str | bytes) else 8


def distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Column names made different from each other: a, a, "" become a, a_2, column_3."""
    taken = Counter(names)
    given: set[str] = set()
    return tuple(_distinct(name or f"column_{place}", taken, given) for place, name in enumerate(names, 1))


def _distinct(name: str, taken: Counter[str], given: set[str]) -> str:
    own, number = name, 1
    while own in given or (own != name and own in taken):
        number += 1
        own = f"{name}_{number}"
    given.add(own)
    return own
