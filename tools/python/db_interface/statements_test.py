"""Claims on results: names, bounds, values."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db_interface.engines import embedded
from db_interface.statements import NoRows, StatementFailed, distinct, run


@pytest.mark.parametrize(
    ("names", "given"),
    [
        (["a", "b"], ("a", "b")),
        (["a", "a", "a"], ("a", "a_2", "a_3")),
        (["a", "a", "a_2"], ("a", "a_3", "a_2")),
        (["", "x", ""], ("column_1", "x", "column_3")),
        ([], ()),
    ],
)
def test_columns_of_one_name_are_told_apart(names: Any, given: Any) -> None:
    assert distinct(names) == given


@given(st.lists(st.sampled_from(["", "a", "a_2", "a_3", "column_1", "b"]), max_size=8))
def test_no_two_columns_ever_have_one_name(names: Any) -> None:
    assert len(set(distinct(names))) == len(names)


def test_values_come_as_the_database_holds_them(path: Path) -> None:
    result = run(embedded(path), "SELECT 1, 1.5, NULL, 'é', x'00ff', 9e999, 9223372036854775807", 5)
    assert result.rows == [(1, 1.5, None, "é", b"\x00\xff", float("inf"), 9223372036854775807)]


def test_a_dotted_column_keeps_its_name(path: Path) -> None:
    assert run(embedded(path), 'SELECT 1 AS "park.key"', 5).columns == ("park.key",)


def test_text_that_is_no_utf8_does_not_break_a_result(path: Path) -> None:
    assert run(embedded(path), "SELECT CAST(x'ff41' AS TEXT)", 5).rows == [("\ufffdA",)]


SERIES = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT 5000) SELECT n, hex(zeroblob(50)) FROM c"


@pytest.mark.parametrize(("bounds", "rows"), [({"max_rows": 700}, 700), ({"max_bytes": 10_800}, 100)])
def test_a_result_over_the_bounds_is_cut_and_says_so(path: Path, bounds: Any, rows: int) -> None:
    result = run(embedded(path), SERIES, 5, **bounds)
    assert (len(result.rows), result.cut) == (rows, True)


def test_a_result_of_just_the_bound_is_not_cut(path: Path) -> None:
    assert not run(embedded(path), SERIES, 5, max_rows=5_000).cut


@pytest.mark.parametrize("statement", ["", " ;", "-- only a comment", "/* nothing */"])
def test_an_empty_statement_gives_no_rows(path: Path, statement: str) -> None:
    with pytest.raises(NoRows):
        run(embedded(path), statement, 5)


def test_a_failure_carries_the_words_of_the_database(path: Path) -> None:
    with pytest.raises(StatementFailed, match="no such column: nme"):
        run(embedded(path), "SELECT nme FROM Teams", 5)
