"""Claims on ids and budgets of what a vendor said."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.contracts import Block, Message, Text, Thinking, ToolUse
from stepsmith.contracts.budgets import CALL_INPUT_BYTES, MAX_CALLS, MESSAGE_BYTES, fitting, json_bytes
from stepsmith.llm.replies import PREVIEW_BYTES, bounded, preview

URI = "s3://b/artifacts/sql/r/answer.md"


class Shelf:
    """Where long texts go."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def keep(self, text: str) -> str:
        self.texts.append(text)
        return URI


def message(*content: Block, used: tuple[str, ...] = (), shelf: Shelf | None = None) -> Message:
    return bounded(content, turn=3, used=used, keep=(shelf or Shelf()).keep)


def ids(*given: str, used: tuple[str, ...] = ()) -> list[str]:
    return [call.id for call in message(*(ToolUse(each, "t", {}) for each in given), used=used).calls]


def test_a_vendor_s_own_ids_are_kept() -> None:
    assert ids("toolu_01A", "call-2") == ["toolu_01A", "call-2"]


@pytest.mark.parametrize("given", ["", "has space", "dot.ted", "x" * 41, "ü"])
def test_an_id_that_not_every_vendor_takes_is_replaced(given: str) -> None:
    assert ids("ok", given) == ["ok", "call_3_1"]


def test_ids_are_unique_in_a_turn_and_in_a_conversation() -> None:
    assert ids("a", "a", "b", used=("b", "call_3_2")) == ["a", "call_3_1", "call_3_2_"]


def test_the_twenty_first_call_is_not_made_but_keeps_its_place() -> None:
    calls = message(*(ToolUse("", "t", {"n": n}) for n in range(MAX_CALLS + 2))).calls
    assert [call.error is None for call in calls] == [True] * MAX_CALLS + [False] * 2
    assert "at most 20 calls" in str(calls[-1].error)
    assert calls[-1].input == {}


def test_a_call_whose_input_is_nested_without_end_is_not_made() -> None:
    def nested(levels: int) -> dict[str, Any]:
        return {"a": nested(levels - 1)} if levels > 1 else {}

    message = bounded([ToolUse("a", "t", nested(64)), ToolUse("b", "t", nested(65))], turn=1, used=(), keep=str)
    assert [call.error is None for call in message.calls] == [True, False]
    assert "nested over 64 levels" in (message.calls[1].error or "")


def test_a_call_whose_input_is_too_large_is_not_made() -> None:
    large, small = message(ToolUse("a", "t", {"x": "y" * CALL_INPUT_BYTES}), ToolUse("b", "t", {"x": "y"})).calls
    assert (large.input, small.error) == ({}, None)
    assert "49,160 bytes of JSON, the limit is 49,152" in str(large.error)


def test_what_the_vendor_s_mapping_says_of_a_call_stays() -> None:
    (call,) = message(ToolUse("a", "t", {}, "cut off")).calls
    assert call.error == "cut off"


def test_long_text_goes_to_the_store_and_leaves_a_preview() -> None:
    shelf, text = Shelf(), "é" * MESSAGE_BYTES
    (block,) = message(Text(text), shelf=shelf).content
    assert isinstance(block, Text)
    assert shelf.texts == [text]
    assert block.text.startswith("éé")
    assert block.text.endswith(f"[The whole text, 131,072 bytes, is at {URI}]")


def test_text_that_fits_stays_whole() -> None:
    shelf = Shelf()
    assert message(Text("x" * 60_000), shelf=shelf).content == (Text("x" * 60_000),)
    assert not shelf.texts


def test_text_leaves_before_calls_do() -> None:
    content = message(Text("x" * 30_000), ToolUse("a", "t", {"x": "y" * 40_000})).content
    assert [isinstance(block, ToolUse) and block.error is None for block in content] == [False, True]
    assert json_bytes(content[0].to_json()) <= PREVIEW_BYTES + 100


def test_calls_that_fit_alone_but_not_together_are_refused_from_the_largest_on() -> None:
    calls = message(*(ToolUse(name, "t", {"x": "y" * size}) for name, size in [("a", 25_000), ("b", 45_000)])).calls
    assert [call.error is None for call in calls] == [True, False]


BLOCKS = st.one_of(
    st.builds(Text, st.text(max_size=50).map(lambda text: text * 2000)),
    st.builds(Thinking, st.just("v"), st.text(max_size=30).map(lambda text: {"data": text * 1000})),
    st.builds(ToolUse, st.text(max_size=3), st.just("t"), st.text(max_size=40).map(lambda text: {"x": text * 1500})),
)


@given(st.lists(BLOCKS, max_size=30))
def test_whatever_was_said_fits_and_no_call_is_lost(content: list[Block]) -> None:
    said = message(*content)
    assert json_bytes(said.to_json()) <= MESSAGE_BYTES
    assert len(said.calls) == sum(isinstance(block, ToolUse) for block in content)
    assert len({call.id for call in said.calls}) == len(said.calls)


@given(st.text(), st.integers(min_value=0, max_value=40))
def test_a_cut_text_is_the_longest_beginning_that_fits(text: str, limit: int) -> None:
    short = fitting(text, limit)
    assert text.startswith(short)
    assert short == text or json_bytes(text[: len(short) + 1]) > limit
    assert not short or json_bytes(short) <= limit


@given(st.text(min_size=200), st.integers(min_value=200, max_value=400))
def test_a_preview_is_within_its_limit(text: str, limit: int) -> None:
    assert json_bytes(preview(text, URI, limit)) <= limit
