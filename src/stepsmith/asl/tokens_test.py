"""Tokens carry their execution and effect, are the same at every replay, and cannot be made up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.asl import tokens

ARN = "arn:aws:states:us-east-1:000000000000:execution:machine:run"


@given(st.text(max_size=80), st.integers(1, 2**32 - 1), st.integers(0, 2**64))
def test_a_token_is_read_back_as_it_was_issued(name: str, effect: int, seed: int) -> None:
    arn = f"arn:aws:states:us-east-1:000000000000:execution:machine:{name}"
    token = tokens.issue(arn, effect, seed)
    assert tokens.read(token) == tokens.Token(arn, effect)
    assert tokens.is_genuine(token, seed)
    assert token == tokens.issue(arn, effect, seed)


def test_another_seed_another_effect_or_another_execution_is_not_genuine() -> None:
    token = tokens.issue(ARN, 3, seed=7)
    assert not tokens.is_genuine(token, seed=8)
    hashes = {tokens.issue(*what)[7:28] for what in [(ARN, 3, 7), (ARN, 4, 7), (ARN + "2", 3, 7), (ARN, 3, 8)]}
    assert len(hashes) == 4


@given(st.text(max_size=60) | st.binary(max_size=60).map(lambda raw: raw.hex()))
def test_any_other_text_is_no_token(text: str) -> None:
    assert tokens.read(text) is None
    assert not tokens.is_genuine(text, seed=7)


@pytest.mark.parametrize("change", [lambda token: token[:-1], lambda token: token + "A", lambda token: token + "="])
def test_a_token_that_was_cut_or_lengthened_is_not_genuine(change: object) -> None:
    assert not tokens.is_genuine(change(tokens.issue(ARN, 3, seed=7)), seed=7)  # type: ignore[operator]  # a lambda


def test_the_longest_legal_arn_fits_in_a_token() -> None:
    arn = f"arn:aws-us-gov:states:us-gov-west-1:123456789012:execution:{'é' * 80}:{'😀' * 80}"
    assert len(tokens.issue(arn, 25_000, seed=2**64)) <= 1024
