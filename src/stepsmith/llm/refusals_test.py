"""Claims on what a vendor's HTTP error means; the vendors' own answers are in tests/contracts/model_calls."""

import pytest

from stepsmith.contracts import LlmError, LlmInvalidRequest, LlmOverloaded, LlmThrottled, LlmTimeout, LlmUnavailable
from stepsmith.llm.refusals import Refusal, error, public, retry_after

NOON = 1_790_000_000.0


def refused(status: int, words: str = "", **headers: str) -> LlmError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return error(Refusal("vendor", "m", status, "", "", words, named), ["The whole question."])


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, LlmInvalidRequest),
        (422, LlmInvalidRequest),
        (418, LlmInvalidRequest),
        (408, LlmTimeout),
        (504, LlmTimeout),
        (409, LlmUnavailable),
        (502, LlmUnavailable),
        (503, LlmUnavailable),
        (429, LlmThrottled),
        (529, LlmOverloaded),
    ],
)
def test_a_status_says_who_must_act(status: int, kind: type[LlmError]) -> None:
    assert type(refused(status)) is kind


@pytest.mark.parametrize("status", [429, 529])
def test_the_wait_ends_the_message(status: int) -> None:
    assert str(refused(status, "Slow down!", retry_after="12")).endswith(" retry_after=12")


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "1.2"}, 2),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Mon, 21 Sep 2026 14:13:30 GMT"}, 10),
        ({"retry-after": "Mon, 21 Sep 2026 14:13:00 GMT"}, 0),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 2),
    ],
)
def test_a_wait_is_whole_seconds(headers: dict[str, str], seconds: int | None) -> None:
    assert retry_after(headers, NOON) == seconds


@pytest.mark.parametrize(
    ("words", "passed"),
    [
        ("temperature must be below 1", "temperature must be below 1"),
        ("bad text: 'Who earned the most\n  in the whole league'", ""),
        ("unknown word Hi!!", ""),
        ("wrong key sk-ant-api03-abcDEF_123", "wrong key <key>"),
        ("wrong Bearer abcdef123456", "wrong <key>"),
        ("a key is needed", "a key is needed"),
    ],
)
def test_words_that_repeat_the_conversation_or_a_key_are_not_passed_on(words: str, passed: str) -> None:
    assert public(words, ["Hi!!", "Who earned the most in the whole league in 2010?"]) == passed


def test_long_words_are_cut() -> None:
    assert len(public("word " * 200, [])) == 300
