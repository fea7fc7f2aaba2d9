"""The commands of a query over events, one after the other, and the rows as GetQueryResults tells them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import assert_never

from .discovering import Event, fields
from .evaluating import is_true, value
from .functions import AGGREGATIONS, Maybe, number, order, percentile, text
from .parsing import decoded
from .query import (
    Command,
    Dedup,
    Display,
    Expression,
    Field,
    Fields,
    Filter,
    Function,
    Limit,
    Named,
    Operation,
    Parse,
    Query,
    Sort,
    Stats,
)

MOST_ROWS = 10_000
SHOWN = ("@timestamp", "@message")  # where a query names no fields
TIMES = frozenset({"@timestamp", "@ingestionTime"})
ALWAYS = "@ptr"

Row = Mapping[str, Maybe]


@dataclass(frozen=True, slots=True)
class Table:
    """The rows between two commands: which columns will be shown, which of them are times, and how many rows matched
    before they were counted together."""

    rows: Sequence[Row]
    columns: tuple[str, ...] = ()
    times: frozenset[str] = TIMES
    is_grouped: bool = False
    matched: int = 0
    most: int = MOST_ROWS


def run(query: Query, events: Iterable[Event], account: str, most: int = MOST_ROWS) -> tuple[list[dict[str, str]], int]:
    """The rows, newest first unless they are sorted, and how many events matched."""
    rows = [fields(event, account) for event in sorted(events, key=lambda event: event.time_ms, reverse=True)]
    table = Table(rows, matched=len(rows), most=most)
    for command in query.commands:
        table = _applied(command, table)
    columns = table.columns or ((*SHOWN,) if not table.is_grouped else ())
    shown = columns if table.is_grouped else (*columns, ALWAYS)
    return [_told(row, shown, table.times) for row in table.rows[: table.most]], table.matched


def _applied(command: Command, table: Table) -> Table:
    match command:
        case Fields(columns):
            return _with(table, columns, (*table.columns, *(column.name for column in columns)))
        case Display(columns):
            return _with(table, columns, tuple(column.name for column in columns))
        case Filter(condition):
            rows = [row for row in table.rows if is_true(condition, row)]
            return replace(table, rows=rows, matched=table.matched if table.is_grouped else len(rows))
        case Stats():
            return _grouped(command, table)
        case Sort(keys):
            return replace(table, rows=_sorted(table.rows, keys))
        case Limit(most):
            return replace(table, rows=table.rows[:most])
        case Dedup(by):
            first = {tuple(value(each, row) for each in by): row for row in reversed(table.rows)}
            return replace(table, rows=list(reversed(first.values())))
        case Parse():
            return replace(table, rows=[_parsed(command, row) for row in table.rows])
        case _:
            assert_never(command)


def _with(table: Table, columns: Sequence[Named], shown: tuple[str, ...]) -> Table:
    """Rows with the columns' values, as far as they have them."""
    rows = [{**row, **{each.name: value(each.expression, row) for each in columns}} for row in table.rows]
    return replace(table, rows=rows, columns=tuple(dict.fromkeys(shown)), times=table.times | _times(columns))


def _sorted(rows: Sequence[Row], keys: Sequence[tuple[Expression, bool]]) -> Sequence[Row]:
    """Stable, so the last key goes first."""
    for key, is_descending in reversed(keys):
        rows = sorted(rows, key=lambda row: order(value(key, row)), reverse=is_descending)
    return rows


def _parsed(command: Parse, row: Row) -> Row:
    given = value(command.source, row)
    found = None if given is None else re.search(command.regex, text(given))
    return row if found is None else {**row, **{decoded(name): each for name, each in found.groupdict().items()}}


@dataclass(slots=True)
class _Group:
    by: Row
    rows: list[Row]


def _grouped(stats: Stats, table: Table) -> Table:
    groups: dict[tuple[Maybe, ...], _Group] = {}
    for row in sorted(table.rows, key=lambda row: number(row.get("@timestamp")) or 0.0):
        by = {each.name: value(each.expression, row) for each in stats.by}
        groups.setdefault(tuple(by.values()), _Group(by, [])).rows.append(row)
    if not stats.by:
        groups.setdefault((), _Group({}, []))
    rows = [{**group.by, **_aggregated(stats, group.rows)} for group in groups.values()]
    columns = tuple(each.name for each in (*stats.by, *stats.aggregates))
    return replace(
        table, rows=rows, columns=columns, is_grouped=True, times=_times(stats.by) | _times(stats.aggregates)
    )


def _aggregated(stats: Stats, rows: Sequence[Row]) -> Row:
    """Each aggregation over the group; arithmetic over several of them is evaluated over their values."""
    calls = {call.text: _over(call, rows) for each in stats.aggregates for call in _calls(each.expression)}
    return {each.name: value(each.expression, calls) for each in stats.aggregates}


def _over(call: Function, rows: Sequence[Row]) -> Maybe:
    if call.name == "count" and (not call.arguments or call.text.replace(" ", "").endswith("(*)")):
        return len(rows)
    values = [value(call.arguments[0], row) for row in rows] if call.arguments else []
    if call.name == "pct" and len(call.arguments) > 1:
        return percentile(values, number(value(call.arguments[1], {})) or 0.0)
    return AGGREGATIONS[call.name](values)


def _calls(expression: Expression) -> list[Function]:
    """The aggregations in an expression."""
    match expression:
        case Function(name) if name in AGGREGATIONS:
            return [expression]
        case Function(_, inner) | Operation(_, inner):
            return [call for each in inner for call in _calls(each)]
        case _:
            return []


def _times(columns: Sequence[Named]) -> frozenset[str]:
    """Columns whose values are times: @timestamp itself and what is made of it alone."""
    return frozenset(each.name for each in columns if _is_time(each.expression)) | TIMES


def _is_time(expression: Expression) -> bool:
    match expression:
        case Function("bin" | "datefloor" | "dateceil" | "frommillis"):
            return True
        case Function("min" | "max" | "earliest" | "latest", (inner, *_)):
            return _is_time(inner)
        case Field(name):
            return name in TIMES
        case _:
            return False


def _told(row: Row, columns: Sequence[str], times: frozenset[str]) -> dict[str, str]:
    """What the row has of the columns, as text."""
    there = ((name, row.get(name)) for name in columns)
    return {name: _time(each) if name in times else text(each) for name, each in there if each is not None}


def _time(ms: Maybe) -> str:
    found = number(ms)
    if found is None:
        return text(ms)
    return f"{datetime.fromtimestamp(found / 1000, UTC):%Y-%m-%d %H:%M:%S}.{int(found) % 1000:03d}"
