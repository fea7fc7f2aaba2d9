"""A result as files for other programs: CSV for everybody, Parquet with types.

CSV       UTF-8, a head line, text in quotes, NULL as nothing, bytes as 0x and digits, dates in ISO 8601
Parquet   by DuckDB (pyarrow is too big for a Lambda); a column's type comes from its values, and one of several
          kinds of values becomes text
"""

from __future__ import annotations

import csv
import json
import math
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, time
from decimal import Decimal
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from stepsmith.tool.plain import EXACT

from .statements import Result, Row


def to_csv(result: Result) -> bytes:
    """The rows as CSV (RFC 4180, but with LF)."""
    text = StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_STRINGS, lineterminator="\n")
    writer.writerow(result.columns)
    writer.writerows([_csv_cell(cell) for cell in row] for row in result.rows)
    return text.getvalue().encode("utf-8", "replace")


def _csv_cell(cell: Any) -> Any:
    match cell:
        case None | int() | float() | str() | Decimal():
            return cell
        case _:
            return _text(cell)


def _text(cell: Any) -> str:
    """Any value but NULL as text."""
    match cell:
        case bytes() | bytearray() | memoryview():
            return f"0x{cell.hex()}"
        case date() | time():
            return cell.isoformat()
        case list() | tuple() | dict():
            return json.dumps(cell, ensure_ascii=False, default=str)
        case _:
            return str(cell)


def to_parquet(result: Result) -> bytes:
    """The rows as Parquet, compressed by zstd."""
    import duckdb  # Only here: it takes 100 ms, and most results are short.

    kinds = [_kind([row[place] for row in result.rows]) for place in range(len(result.columns))]
    lines = _lines(result.rows, kinds)
    with TemporaryDirectory() as folder, duckdb.connect(config=_CONFIG) as database:
        source, target = Path(folder, "rows.json"), Path(folder, "rows.parquet")
        source.write_text("\n".join(lines), "ascii")
        database.execute(_copy(result.columns, kinds, source, target, max(map(len, lines), default=0)))
        return target.read_bytes()


_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "512MB",
    "threads": "1",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}
_TRAVEL = {"BLOB": ("VARCHAR", "unhex({})")}
"""JSON has no bytes: as what they travel, and how they come back."""


def _copy(columns: Sequence[str], kinds: Sequence[str], source: Path, target: Path, longest: int) -> str:
    """Columns travel as c0, c1, ...: their names may hold anything. DuckDB sizes its buffers by the longest line."""
    travels = [(f"c{place}", *_TRAVEL.get(kind, (kind, "{}"))) for place, kind in enumerate(kinds)]
    types = ", ".join(f"{key}: '{kind}'" for key, kind, _ in travels)
    values = ", ".join(
        f"{back.format(key)} AS {_name(column)}" for (key, _, back), column in zip(travels, columns, strict=True)
    )
    options = f"format = 'newline_delimited', records = true, maximum_object_size = {max(longest, 2**20) + 1}"
    lines = f"read_json({_literal(source)}, {options}, columns = {{{types}}})"
    return f"COPY (SELECT {values} FROM {lines}) TO {_literal(target)} (FORMAT parquet, COMPRESSION zstd)"


def _name(column: str) -> str:
    return '"{}"'.format(column.replace('"', '""'))


def _literal(path: Path) -> str:
    return "'{}'".format(str(path).replace("'", "''"))


def _lines(rows: Iterable[Row], kinds: Sequence[str]) -> list[str]:
    """One JSON object a line, in ASCII."""
    fields = [(f"c{place}", _WRITERS.get(kind, _text)) for place, kind in enumerate(kinds)]
    return [json.dumps(_fields(row, fields)) for row in rows]


def _fields(row: Row, fields: Sequence[tuple[str, Callable[[Any], Any]]]) -> dict[str, Any]:
    return {key: write(cell) for (key, write), cell in zip(fields, row, strict=True) if cell is not None}


def _double(cell: Any) -> float | str:
    return float(cell) if math.isfinite(cell) else str(float(cell))


def _hex(cell: Any) -> str:
    return bytes(cell).hex()


_WRITERS: dict[str, Callable[[Any], Any]] = {
    "BIGINT": int,
    "BOOLEAN": bool,
    "DOUBLE": _double,
    "BLOB": _hex,
}


def _kind(cells: Iterable[Any]) -> str:
    """The type of Parquet that holds each of these values exactly; VARCHAR where none does."""
    known = [cell for cell in cells if cell is not None]
    kinds = frozenset(map(type, known))
    match sorted(kind.__name__ for kind in kinds):
        case ["int"]:
            return "BIGINT" if all(-_INT64 <= cell < _INT64 for cell in known) else "VARCHAR"
        case ["float"] | ["float", "int"]:
            return "DOUBLE" if all(abs(cell) <= EXACT for cell in known if type(cell) is int) else "VARCHAR"
        case ["Decimal"] | ["Decimal", "int"]:
            return _decimal(known)
        case ["str"]:
            return "DATE" if all(map(_DATE.fullmatch, known)) and _are_dates(known) else "VARCHAR"
        case ["datetime"]:
            return "TIMESTAMPTZ" if all(cell.tzinfo for cell in known) else "TIMESTAMP"
        case [name]:
            return _KINDS.get(name, "VARCHAR")
        case _:
            return "VARCHAR"


_KINDS = {"bool": "BOOLEAN", "bytes": "BLOB", "memoryview": "BLOB", "date": "DATE", "time": "TIME"}
_INT64 = 2**63
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""SQLite has no dates; it holds them as text."""


def _are_dates(texts: Iterable[str]) -> bool:
    try:
        return all(date.fromisoformat(text) for text in texts)
    except ValueError:
        return False


def _decimal(cells: Iterable[Any]) -> str:
    """DECIMAL with the digits that all of them need, at most the 38 that Parquet has."""
    numbers = [Decimal(cell) for cell in cells]
    if not all(number.is_finite() for number in numbers):
        return "VARCHAR"
    scale = max(max(0, -int(number.as_tuple().exponent)) for number in numbers)
    whole = max(max(0, number.adjusted() + 1) for number in numbers)
    return f"DECIMAL({max(1, whole + scale)}, {scale})" if whole + scale <= 38 else "VARCHAR"
