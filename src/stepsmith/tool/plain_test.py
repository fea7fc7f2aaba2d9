"""Claims on values as JSON."""

import json
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.tool.plain import plain, to_json


@pytest.mark.parametrize(
    ("value", "json_value"),
    [
        (None, None),
        (True, True),
        (2**53, 2**53),
        (2**53 + 1, str(2**53 + 1)),
        (0.1, 0.1),
        (float("nan"), "NaN"),
        (float("-inf"), "-Infinity"),
        (Decimal("10"), 10),
        (Decimal("0.10"), 0.1),
        (Decimal("1E+2"), 100.0),
        (Decimal("0.12345678901234567890"), "0.12345678901234567890"),
        (Decimal("sNaN"), "NaN"),
        (Decimal("-Infinity"), "-Infinity"),
        (b"\x00\xff", "0x00ff"),
        (memoryview(b"\x01"), "0x01"),
        (date(1871, 5, 4), "1871-05-04"),
        (time(1, 2, 3), "01:02:03"),
        (datetime(2020, 1, 2, 3, tzinfo=UTC), "2020-01-02T03:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        ((1, {2}), [1, [2]]),
        ({1: date(2020, 1, 1)}, {"1": "2020-01-01"}),
        ("\ud83d\ude00", "😀"),
        ("a\ud800b", "a\ufffdb"),
    ],
)
def test_a_value_becomes_json_that_loses_nothing_it_need_not_lose(value: Any, json_value: Any) -> None:
    assert plain(value) == json_value
    assert type(plain(value)) is type(json_value)


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.decimals() | st.binary() | st.datetimes()
    | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)  # fmt: skip


@given(ANY)
def test_every_value_becomes_json_that_utf8_can_hold(value: Any) -> None:
    json.loads(to_json(value).encode().decode())
