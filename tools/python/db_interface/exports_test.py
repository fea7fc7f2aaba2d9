"""Claims on CSV and Parquet: what was in the database is what another program reads."""

import csv
from datetime import UTC, date, datetime, time
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

import duckdb
import pytest

from db_interface.exports import to_csv, to_parquet
from db_interface.statements import Result

INF = float("inf")


def result(*cells: Any, name: str = "a") -> Any:
    return Result((name,), [(cell,) for cell in cells], cut=False)


def read(parquet: Any, tmp_path: Path, columns: Any = "a") -> Any:
    path = tmp_path / "x.parquet"
    path.write_bytes(parquet)
    with duckdb.connect() as database:
        found = database.execute(f"SELECT {columns} FROM read_parquet('{path}')")
        return str(found.description[0][1]), [row[0] for row in found.fetchall()]


@pytest.mark.parametrize(
    ("cells", "type"),
    [
        ((1, None, -(2**63)), "BIGINT"),
        ((1.5, 2.0, None), "DOUBLE"),
        ((INF, -INF, 0.1), "DOUBLE"),
        ((True, False, None), "BOOLEAN"),
        (("é😀", "", None, 'a"b\n,', "nul\0", "0x00"), "VARCHAR"),
        ((b"\x00\xff", b"", None), "BLOB"),
        ((date(1871, 5, 4), None), "DATE"),
        ((time(1, 2, 3), None), "TIME"),
        ((datetime.fromisoformat("2020-01-02T03:04:05.000678"), None), "TIMESTAMP"),
        ((Decimal("0.10"), Decimal("123456789012345678901234567890.05"), None), "DECIMAL(32,2)"),
    ],
)
def test_parquet_keeps_values_and_types(tmp_path: Path, cells: tuple[Any, ...], type: str) -> None:
    assert read(to_parquet(result(*cells)), tmp_path) == (type, list(cells))


@pytest.mark.parametrize(
    ("cells", "type", "found"),
    [
        ((1, 2.5), "DOUBLE", [1.0, 2.5]),
        (("1871-05-04", None), "DATE", [date(1871, 5, 4), None]),
        (("1871-05-04", "1871-13-01"), "VARCHAR", ["1871-05-04", "1871-13-01"]),
        ((2**63, 1), "VARCHAR", ["9223372036854775808", "1"]),
        ((1, "x", b"\x01"), "VARCHAR", ["1", "x", "0x01"]),
        ((Decimal(5), 1), "DECIMAL(1,0)", [Decimal(5), Decimal(1)]),
        ((Decimal("NaN"),), "VARCHAR", ["NaN"]),
        ((None, None), "VARCHAR", [None, None]),
        (([1, "é"], {"a": None}), "VARCHAR", ['[1, "é"]', '{"a": null}']),
    ],
)
def test_parquet_gives_a_column_a_type_that_holds_its_values(
    tmp_path: Path, cells: tuple[Any, ...], type: str, found: Any
) -> None:
    assert read(to_parquet(result(*cells)), tmp_path) == (type, found)


def test_parquet_keeps_an_instant(tmp_path: Path) -> None:
    instant = datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC)
    parquet = to_parquet(result(instant))
    assert read(parquet, tmp_path, "epoch(a)") == ("DOUBLE", [instant.timestamp()])


def test_parquet_keeps_the_order_of_rows_and_the_names_of_columns(tmp_path: Path) -> None:
    parquet = to_parquet(result(*range(5_000), name='a "q" {}.b'))
    assert read(parquet, tmp_path, '"a ""q"" {}.b"')[1] == list(range(5_000))


def test_parquet_holds_a_very_long_cell(tmp_path: Path) -> None:
    assert read(to_parquet(result("é" * 3_000_000)), tmp_path, "length(a)")[1] == [3_000_000]


def test_parquet_of_no_rows_still_has_its_columns(tmp_path: Path) -> None:
    assert read(to_parquet(result()), tmp_path) == ("VARCHAR", [])


def test_csv_tells_null_from_empty_text_and_text_from_numbers() -> None:
    rows = Result(("a", "b", "c"), [(1, None, ""), (0.1, 'x"\n,', "é")], cut=False)
    assert to_csv(rows).decode() == '"a","b","c"\n1,,""\n0.1,"x""\n,","é"\n'


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (b"\x00\xff", "0x00ff"),
        (date(1871, 5, 4), "1871-05-04"),
        (datetime(2020, 1, 2, 3, 4, 5, tzinfo=UTC), "2020-01-02T03:04:05+00:00"),
        (Decimal("1.10"), "1.10"),
        (2**70, str(2**70)),
        (INF, "inf"),
        ([1, "é"], '[1, "é"]'),
    ],
)
def test_csv_writes_every_kind_of_value_so_that_it_can_be_read(cell: Any, text: str) -> None:
    assert list(csv.reader(StringIO(to_csv(result(cell)).decode())))[1] == [text]
