"""A table as JSON text: whole, or a page of it that fits a budget.

    {"row_count": 2955, "rows_shown": 100, ...facts, "rows": [{"yearID": 1871, "teamID": "BS1"}, ...]}

`rows_shown` is there where not every row, or not the whole of every cell, is shown. Cells are shortened only where
fewer than ten rows would fit otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
    return _text(table, facts, [_dumped(row) for row in _objects(table)])


def page(table: Rows, facts: Mapping[str, Any], room: int) -> Page:
    """The text of as many rows as fit `room` bytes (of a text block's JSON), at most `table.page` of them."""
    shown = _shown(table, facts, room, None)
    if len(shown) == len(table.rows):
        return Page(_text(table, facts, shown), True)
    for width in WIDTHS:
        if len(shown) >= min(ENOUGH, len(table.rows)):
            break
        shown = _shown(table, facts, room, width)
    return Page(_text(table, {"rows_shown": len(shown), **facts}, shown), False)


def _shown(table: Rows, facts: Mapping[str, Any], room: int, width: int | None) -> list[str]:
    left = room - json_bytes(Text(_text(table, {"rows_shown": table.page, **facts}, [])).to_json())
    shown: list[str] = []
    for row in islice(_objects(table), table.page):
        text = _dumped(row if width is None else {name: _cut(cell, width) for name, cell in row.items()})
        left -= json_bytes(text) - 1  # Without its quotes, with its comma.
        if left < 0:
            break
        shown.append(text)
    return shown


def _objects(table: Rows) -> Iterator[dict[str, Any]]:
    return (plain(dict(zip(table.columns, row, strict=True))) for row in table.rows)


def _text(table: Rows, facts: Mapping[str, Any], rows: list[str]) -> str:
    columns = {} if table.rows else {"columns": list(table.columns)}
    head = _dumped(plain({"row_count": len(table.rows), **facts, **columns}))
    return f'{head[:-1]},"rows":[{",".join(rows)}]}}'


def _dumped(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _cut(cell: Any, width: int) -> Any:
    text = cell if isinstance(cell, str) else _dumped(cell)
    return cell if len(text) <= width else f"{text[:width]}... ({len(text):,} characters)"
