"""Claims on what reaches the terminal."""

import json

import pytest

from stepsmith.cli.terminal import count, json_text, money, one_line, plain, seconds, short_input


@pytest.mark.parametrize(
    "hostile",
    [
        "a\x1b[31mb",  # a colour
        "a\x1b[2J\x1b[Hb",  # clears the screen
        "a\x1b]0;title\x07b",  # sets the window's title
        "a\x1b]52;c;c2VjcmV0\x1b\\b",  # writes to the clipboard
        "a\x1b]8;;http://evil\x07b",  # a hidden link
        "a\x1bPq#0\x1b\\b",  # a device control string
        "a\x9b31mb".replace("31m", ""),  # an eight-bit introducer
        "a\rb".replace("\r", "\x08"),  # writes over what was there
        "a\u202eb",  # turns the reading direction
        "a\x1bcb",  # resets the terminal
    ],
)
def test_no_control_sequence_of_a_model_reaches_the_terminal(hostile):
    assert plain(hostile) == "ab"


def test_a_document_of_json_holds_what_a_model_wrote_and_nothing_that_a_terminal_obeys():
    hostile = "\x1b[2J\x9b31m\x7f\u202e\ud800 é"
    shown = json_text({"output": hostile})
    assert plain(shown) == shown
    shown.encode()
    assert json.loads(shown) == {"output": hostile}


def test_lines_and_tabs_stay():
    assert plain("a\r\n\tb") == "a\n\tb"


def test_one_line_is_cut_with_a_sign():
    assert one_line("select *\n  from  teams", 12) == "select * fr…"


def test_money_keeps_small_sums_apart_and_an_unknown_price_is_no_zero():
    assert (money(0), money(0.0071), money(1.5), money(None)) == ("$0.00", "$0.0071", "$1.50", "price unknown")


def test_numbers_read_well():
    assert (count(1, "turn"), count(1204, "token"), seconds(0.034), seconds(75.2)) == (
        "1 turn",
        "1,204 tokens",
        "0.03 s",
        "75 s",
    )


def test_an_input_is_its_values():
    assert short_input({"sql_query": "select\n1", "limit": 3}, 40) == "select 1 3"
