"""Claims about the fragments: bytes are UTF-8's, cut texts fit, text stays text."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stepsmith.agent.machine.expressions import byte_count, cut, fits, literal, quote, record
from stepsmith.asl import UNDEFINED, default_evaluator
from stepsmith.asl.jsonata import Moment
from stepsmith.contracts.budgets import json_bytes

texts = st.text(max_size=60) | st.builds(lambda word, times: word * times, st.text(max_size=3), st.integers(0, 80))


def evaluator(fragment: str) -> Any:
    expression = default_evaluator().compile(fragment)
    return lambda **variables: expression.evaluate(variables, Moment(0, random.Random(0)))


count = evaluator(byte_count("$text"))
fitting = evaluator(fits("$text", "$most"))
shortened = evaluator(cut("$text", "$most"))


@given(texts)
def test_bytes_are_those_of_utf8(text: str) -> None:
    assert count(text=text) == len(text.encode())


@given(texts, st.integers(0, 300))
def test_a_text_fits_when_its_bytes_do(text: str, most: int) -> None:
    assert fitting(text=text, most=most) is (len(text.encode()) <= most)


@given(texts, st.integers(12, 300))
def test_a_cut_text_fits_and_a_fitting_one_is_not_cut(text: str, most: int) -> None:
    short = shortened(text=text, most=most)
    assert json_bytes(short) <= most
    assert (short == text) is (json_bytes(text) <= most)


@pytest.mark.parametrize("value", [None, 1.5, True, [], {}, 'it\'s "quoted"\n\u0001 é😀 \\', {"a": [{"b": None}]}])
def test_a_quoted_value_is_that_value(value: Any) -> None:
    assert evaluator(quote(value))() == value


def test_undefined_fields_of_a_record_are_left_out() -> None:
    assert evaluator(record(a="1", b="$nothing.x", c="null"))(nothing={}) == {"a": 1, "c": None}
    assert evaluator("$nothing.x")(nothing={}) is UNDEFINED


def test_text_that_looks_like_an_expression_becomes_one_that_says_it() -> None:
    text = "{% $x %}"
    said = literal({"prompt": [text, "plain"]})
    assert said == {"prompt": ['{% "{% $x %}" %}', "plain"]}
    assert evaluator(said["prompt"][0][2:-2])() == text
