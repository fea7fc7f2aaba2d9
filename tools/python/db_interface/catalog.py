"""Tables, columns and keys of a database as values, read by SQLAlchemy's inspector."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.reflection import ObjectKind

COUNTED = 1_000_000
"""Rows are counted up to here and one more, so that a huge table does not hold up the answer."""
SAMPLES = 2

type Row = tuple[Any, ...]


@dataclass(frozen=True)
class Column:
    name: str
    type: str
    nullable: bool


@dataclass(frozen=True)
class ForeignKey:
    columns: tuple[str, ...]
    table: str
    references: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table or view of the default schema; `samples` are its first rows."""

    name: str
    columns: tuple[Column, ...]
    primary_key: tuple[str, ...]
    foreign_keys: tuple[ForeignKey, ...]
    row_count: int
    samples: tuple[Row, ...]


def names(connection: sa.Connection) -> dict[str, tuple[str, ...]]:
    """The names of the columns of each table and view."""
    found = sa.inspect(connection).get_multi_columns(kind=ObjectKind.ANY)
    return {table: tuple(column["name"] for column in columns) for (_, table), columns in sorted(found.items())}


def tables(connection: sa.Connection) -> tuple[Table, ...]:
    """Every table and view, by name, with its number of rows and samples."""
    inspector = sa.inspect(connection)
    columns = inspector.get_multi_columns(kind=ObjectKind.ANY)
    primary_keys = inspector.get_multi_pk_constraint(kind=ObjectKind.ANY)
    foreign_keys = inspector.get_multi_foreign_keys(kind=ObjectKind.ANY)
    return tuple(
        _table(connection, at[1], columns[at], primary_keys.get(at, {}), foreign_keys.get(at, []))
        for at in sorted(columns, key=lambda at: at[1].casefold())
    )


def _table(connection: sa.Connection, name: str, columns: Any, primary_key: Any, foreign_keys: Any) -> Table:
    source = sa.table(name, *(sa.column(column["name"]) for column in columns))
    return Table(
        name,
        tuple(Column(column["name"], _type(connection, column["type"]), column["nullable"]) for column in columns),
        tuple(primary_key.get("constrained_columns", ())),
        tuple(map(_foreign_key, foreign_keys)),
        _row_count(connection, source),
        tuple(tuple(row) for row in connection.execute(sa.select(source).limit(SAMPLES))),
    )


def _type(connection: sa.Connection, found: sa.types.TypeEngine[Any]) -> str:
    try:
        return found.compile(connection.dialect)
    except sa.exc.CompileError:  # A column without a type, or of one that SQLAlchemy does not know.
        return ""


def _foreign_key(found: Mapping[str, Any]) -> ForeignKey:
    return ForeignKey(tuple(found["constrained_columns"]), found["referred_table"], tuple(found["referred_columns"]))


def _row_count(connection: sa.Connection, source: sa.TableClause) -> int:
    some = sa.select(sa.literal(1)).select_from(source).limit(COUNTED + 1).subquery()
    return connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one()
