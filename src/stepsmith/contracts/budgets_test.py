"""Claims on the byte budgets."""

import pytest

from stepsmith.contracts.budgets import (
    CALL_INPUT_BYTES,
    MESSAGE_BYTES,
    RESULTS_BYTES,
    STATE_BYTES,
    TAIL_BYTES,
    json_bytes,
    max_result_bytes,
)


@pytest.mark.parametrize(("value", "size"), [("a", 3), ("é", 4), ("中", 5), ({"a": [1, 2]}, 11), ("\ud800", 5)])
def test_sizes_are_utf8_bytes_of_json_without_blanks(value, size):
    assert json_bytes(value) == size


@pytest.mark.parametrize("calls", range(1, 21))
def test_all_results_of_a_turn_keep_their_budget(calls):
    assert calls * max_result_bytes(calls) <= RESULTS_BYTES


def test_the_conversation_between_two_chunks_fits_a_state():
    assert TAIL_BYTES + MESSAGE_BYTES + RESULTS_BYTES + 64 * 1024 < STATE_BYTES
    assert CALL_INPUT_BYTES < MESSAGE_BYTES
