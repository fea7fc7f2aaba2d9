"""A table as JSON text: whole, or a page of it that fits a budget.

    {"row_count": 2955, "rows_shown": 100, ...facts, "rows": [{"yearID": 1871, "teamID": "BS1"}, ...]}

A table without rows names its `columns`, if they fit. `rows_shown` is there where not everything is shown. Cells are
shortened only where fewer than ten rows would fit otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from stepsmith.contracts import Text
from stepsmith.contracts.budgets import json_bytes

from .answer import Rows
from .plain import plain

WIDTHS = (1_000, 200, 40)
"""Characters of a cell, tried in this order."""
ENOUGH = 10
"""So many rows are worth more than whole cells."""


@dataclass(frozen=True)
class Page:
    """The JSON text of a table; `complete` when it holds every row whole."""

    text: str
    complete: bool


def whole(table: Rows, facts: Mapping[str, Any]) -> str:
    """The text that holds every row whole."""
    return _text(table, facts, [_dumped(_object(table.columns, row)) for row in table.rows])


def page(table: Rows, facts: Mapping[str, Any], room: int) -> Page:
    """The text of as many rows as fit `room` bytes (of a text block's JSON), at most `table.page` of them."""
    shown = _shown(table, facts, room, None)
    text = _text(table, facts, shown)
    if len(shown) == len(table.rows) and json_bytes(Text(text).to_json()) <= room:
        return Page(text, True)
    for width in WIDTHS:
        if len(shown) >= min(ENOUGH, len(table.rows)):
            break
        shown = _shown(table, facts, room, width)
    return Page(_text(replace(table, columns=()), {"rows_shown": len(shown), **facts}, shown), False)


def _shown(table: Rows, facts: Mapping[str, Any], room: int, width: int | None) -> list[str]:
    left = room - json_bytes(Text(_text(table, {"rows_shown": table.page, **facts}, [])).to_json())
    shown: list[str] = []
    for row in islice(table.rows, table.page):
        cells = row if width is None else [_cut(cell, width) for cell in row]
        if sum(map(_length, cells)) > left:  # So that a huge cell is not written out only to be left out.
            break
        text = _dumped(_object(table.columns, cells))
        left -= json_bytes(text) - 1  # Without its quotes, with its comma.
        if left < 0:
            break
        shown.append(text)
    return shown


def _object(columns: Sequence[str], row: Sequence[Any]) -> dict[str, Any]:
    return {column: plain(cell) for column, cell in zip(columns, row, strict=True)}


def _text(table: Rows, facts: Mapping[str, Any], rows: list[str]) -> str:
    columns = {} if table.rows or not table.columns else {"columns": list(table.columns)}
    head = _dumped(plain({"row_count": len(table.rows), **facts, **columns}))
    return f'{head[:-1]},"rows":[{",".join(rows)}]}}'


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _length(cell: Any) -> int:
    """Characters that a cell takes at least."""
    return len(cell) if isinstance(cell, str | bytes | bytearray | memoryview) else 1


def _cut(cell: Any, width: int) -> Any:
    match cell:
        case None | bool() | int() | float():
            return cell
        case str():
            return cell if len(cell) <= width else f"{cell[:width]}... ({len(cell):,} characters)"
        case bytes() | bytearray() | memoryview():
            return cell if 2 * len(cell) <= width else f"{plain(cell[: width // 2])}... ({len(cell):,} bytes)"
        case _:
            return _cut(text, width) if len(text := _dumped(plain(cell))) > width else cell
