"""Claims on charts as Yahoo tells them."""

from typing import Any

import pytest

from market_data.prices import Chart

DAY = 86_400
MIDNIGHT_IN_LONDON = 1_719_788_400  # 2024-06-30T23:00Z is 1 July in summer time.


def result(*stamps: int, **changed: Any) -> Any:
    closes = [1.5 + index for index in range(len(stamps))]
    quote = dict.fromkeys(("open", "high", "low", "close", "volume"), closes)
    meta = {"symbol": "X", "currency": "GBP", "gmtoffset": 0, "dataGranularity": "1d"}
    chart: dict[str, Any] = {"meta": meta, "timestamp": list(stamps), "indicators": {"quote": [quote]}}
    return chart | changed


def test_a_day_that_begins_in_summer_time_keeps_its_date_in_winter() -> None:
    chart = Chart.from_json(result(MIDNIGHT_IN_LONDON, MIDNIGHT_IN_LONDON + DAY))
    assert [bar.when for bar in chart.bars] == ["2024-07-01", "2024-07-02"]


def test_bars_within_a_day_are_instants_of_the_exchange() -> None:
    meta = {"symbol": "X", "gmtoffset": -14_400, "dataGranularity": "5m"}
    (bar,) = Chart.from_json(result(1_719_840_600, meta=meta)).bars
    assert bar.when == "2024-07-01T09:30:00-04:00"


def test_a_price_that_is_no_number_is_a_gap() -> None:
    chart = result(0, DAY, 2 * DAY)
    chart["indicators"]["adjclose"] = [{"adjclose": [1.0, None, float("nan")]}]
    assert [bar.adjusted for bar in Chart.from_json(chart).bars] == [1.0, None, None]


def test_without_adjusted_prices_the_close_stands_for_them() -> None:
    (bar,) = Chart.from_json(result(0)).bars
    assert bar.adjusted == bar.close == 1.5


@pytest.mark.parametrize(
    "broken",
    [
        {},
        {"meta": {}},
        result(),
        result(0, timestamp=None),
        result(0, indicators={"quote": [{}]}),
        result(0, indicators={"quote": []}),
        result(0, timestamp=[0, 1]),
    ],
)
def test_another_shape_is_refused(broken: Any) -> None:
    with pytest.raises((KeyError, TypeError, IndexError, ValueError)):
        Chart.from_json(broken)
