"""The catalog as text that a model reads well: one paragraph a table, names spelled as SQL wants them.

Salaries: 26,428 rows
  yearID INTEGER, teamID TEXT, lgID TEXT, playerID TEXT, salary INTEGER
  primary key (yearID, teamID, lgID, playerID); (yearID, teamID) -> Teams; playerID -> People
  1985, 'ATL', 'NL', 'barkele01', 870000
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from stepsmith.tool.plain import plain, to_json

from .catalog import COUNTED, ForeignKey, Table

WIDTH = 40
"""Characters of a sample value."""

type Quote = Callable[[str], str]


def describe(tables: Sequence[Table], dialect: str, quote: Quote, fits: Callable[[str], bool]) -> str:
    """The most telling description that fits: with samples, with keys, or with names alone."""
    levels = (
        partial(_paragraph, quote=quote, samples=2),
        partial(_paragraph, quote=quote, samples=1),
        partial(_paragraph, quote=quote, samples=0),
        partial(_line, quote=quote),
    )
    texts = [_text(tables, dialect, level) for level in levels]
    return next(filter(fits, texts), texts[-1])


def _text(tables: Sequence[Table], dialect: str, paragraph: Callable[[Table], str]) -> str:
    head = f"{len(tables)} tables in a {dialect} database, read-only. Names are spelled as SQL wants them."
    return "\n\n".join((head, *map(paragraph, tables)))


def _paragraph(table: Table, *, quote: Quote, samples: int) -> str:
    columns = ", ".join(f"{quote(column.name)} {column.type}".rstrip() for column in table.columns)
    rows = [", ".join(map(literal, row)) for row in table.samples[:samples]]
    return "\n  ".join((_title(table, quote), columns, *_keys(table, quote), *rows))


def _line(table: Table, *, quote: Quote) -> str:
    return f"{_title(table, quote)}\n  {', '.join(quote(column.name) for column in table.columns)}"


def _title(table: Table, quote: Quote) -> str:
    count = f"{table.row_count:,}" if table.row_count <= COUNTED else f"more than {COUNTED:,}"
    return f"{quote(table.name)}: {count} rows"


def _keys(table: Table, quote: Quote) -> tuple[str, ...]:
    primary = [f"primary key ({_list(table.primary_key, quote)})"] if table.primary_key else []
    keys = primary + [_arrow(key, quote) for key in table.foreign_keys]
    return ("; ".join(keys),) if keys else ()


def _arrow(key: ForeignKey, quote: Quote) -> str:
    there = "" if key.columns == key.references else f" ({_list(key.references, quote)})"
    return f"({_list(key.columns, quote)}) -> {quote(key.table)}{there}"


def _list(names: Sequence[str], quote: Quote) -> str:
    return ", ".join(map(quote, names))


def literal(value: Any) -> str:
    """A sample value, short, as SQL would write it."""
    if value is None:
        return "NULL"
    shown = plain(value)
    if not isinstance(shown, str):
        return to_json(shown)
    short = shown if len(shown) <= WIDTH else f"{shown[:WIDTH]}..."
    return "'{}'".format(short.replace("'", "''"))
