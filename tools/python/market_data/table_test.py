"""Claims on prices side by side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from market_data.prices import Bar, Chart
from market_data.table import Table, aligned, range_of


def chart(**closes: float | None) -> Chart:
    bars = tuple(Bar(day, None, None, None, None, close, None) for day, close in closes.items())
    return Chart("X", "", "", "", bars)


def test_rows_share_the_days_and_a_day_without_a_price_is_an_empty_cell() -> None:
    table = aligned({"A": chart(d1=1.0, d2=2.0, d4=4.0), "B": chart(d2=0.1, d3=None, d4=0.3)}, 10)
    assert table.days == ("d1", "d2", "d4")
    assert table.to_csv() == b"A,1.0,2.0,4.0\nB,,0.1,0.3\n"


def test_the_last_days_are_kept() -> None:
    table = aligned({"A": chart(d1=1.0, d2=2.0), "B": chart(d3=3.0)}, 2)
    assert table == Table(("d2", "d3"), {"A": (2.0, None), "B": (None, 3.0)})


def test_a_running_day_that_is_told_twice_counts_once() -> None:
    bars = (Bar("d1", None, None, None, None, 1.0, None), Bar("d1", None, None, None, None, 1.1, None))
    assert aligned({"A": Chart("A", "", "", "", bars)}, 5).rows == {"A": (1.1,)}


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_cell_holds_the_price_to_the_last_bit(price: float) -> None:
    cell = Table(("d",), {"A": (price,)}).to_csv().decode().strip().partition(",")[2]
    assert float(cell) == price


@pytest.mark.parametrize(("days", "name"), [(2, "5d"), (21, "3mo"), (250, "2y"), (2_495, "10y"), (10_000, "max")])
def test_a_range_reaches_far_enough(days: int, name: str) -> None:
    assert range_of(days) == name
