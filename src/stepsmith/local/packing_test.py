"""What is packed comes back, small, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.local.packing import Damaged, decode, pack, unpack

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_every_json_value_comes_back(value: object) -> None:
    assert unpack(pack(value)) == value


def test_a_lone_surrogate_comes_back() -> None:
    assert unpack(pack({"cut": "\ud83d"})) == {"cut": "\ud83d"}


@pytest.mark.parametrize("text", [b"[NaN]", b"[-Infinity]", b"[1e999]", b'["\\ud800", 1e999]'])
def test_a_number_that_would_not_come_back_is_no_json(text: bytes) -> None:
    with pytest.raises(ValueError, match="is no number of JSON"):
        decode(text)


def test_a_models_answer_is_a_third_of_itself() -> None:
    message = {
        "role": "assistant",
        "content": [{"type": "tool_use", "id": "toolu_07", "name": "look", "input": {"a": 1}}],
    }
    usage = {"input_tokens": 913, "output_tokens": 41, "cache_read_tokens": 0, "cache_write_tokens": 0}
    answer = {
        "message": message,
        "stop_reason": "tool_use",
        "usage": usage,
        "cost_usd": 0.00021,
        "provider": "scripted",
    }
    assert len(pack({"ExecutedVersion": "$LATEST", "Payload": answer, "StatusCode": 200})) < 130


@pytest.mark.parametrize("cut", [0, 1, 5, 20])
def test_cut_bytes_are_damaged(cut: int) -> None:
    with pytest.raises(Damaged):
        unpack(pack({"a": "value that is long enough to be cut"})[:cut])


def test_a_flipped_bit_is_damaged() -> None:
    packed = bytearray(pack({"a": "some value", "b": [1, 2, 3]}))
    packed[len(packed) // 2] ^= 4
    with pytest.raises(Damaged):
        unpack(bytes(packed))
