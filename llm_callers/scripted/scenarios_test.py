"""Claims on scenario files: what is read, and that every problem is named with its line."""

from collections.abc import Callable
from pathlib import Path

import pytest

from llm_callers.scripted.scenario import ScenarioError
from llm_callers.scripted.scenarios import check, load

GOOD = """\
- name: first
  question: How many?
  turns:
    - call: {count_rows: {table: teams, day: 2016-01-01}}
    - calls: [{count_rows: {table: a}}, {list_tables: }]
    - say: "{% 'There are ' & $results('count_rows').n %}"
- name: second
  question: Why?
  turns:
    - say: Because.
"""


Write = Callable[[str], Path]


@pytest.fixture
def written(tmp_path: Path) -> Write:
    def write(text: str) -> Path:
        path = tmp_path / "scenario.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_file_is_read_in_its_order(written: Write) -> None:
    first, second = load(written(GOOD))
    assert (first.name, first.question, second.name) == ("first", "How many?", "second")
    assert [[call.name for call in turn.calls] for turn in first.turns] == [
        ["count_rows"],
        ["count_rows", "list_tables"],
        [],
    ]


def test_a_date_stays_the_text_it_is_in_json(written: Write) -> None:
    assert load(written(GOOD))[0].turns[0].calls[0].input == {"table": "teams", "day": "2016-01-01"}


def test_a_call_without_input_has_an_empty_object(written: Write) -> None:
    assert load(written(GOOD))[0].turns[1].calls[1].input == {}


def test_a_good_file_has_no_problems(written: Write) -> None:
    assert check(written(GOOD), ["count_rows", "list_tables"]) == ()


def test_an_edit_is_seen_at_the_next_load(written: Write) -> None:
    load(written(GOOD))
    assert load(written(GOOD.replace("first", "renamed, longer")))[0].name == "renamed, longer"


def test_a_tool_that_the_agent_has_not_is_named_with_its_line_and_what_there_is(written: Write) -> None:
    problem, *others = check(written(GOOD), ["count_rows"])
    assert (problem.line, problem.message) == (5, "no such tool: 'list_tables'; the agent has count_rows.")
    assert not others
    assert str(problem).endswith("scenario.yaml:5: no such tool: 'list_tables'; the agent has count_rows.")


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("", 1, "a list of scenarios is needed"),
        ("name: x", 1, "a list of scenarios is needed"),
        ("- name: x\n  question: [\n", 3, "this is no YAML"),
        ("- name: x\n  question: a: b\n", 2, "Quote a text"),
        ("- name: x\n  question: q\n", 1, "turns: a list"),
        ("- name: x\n  turns: [{say: hi}]\n", 1, "question: a text is needed"),
        ("- name: x\n  question: q\n  turns: [{say: hi}]\n  answer: 4\n", 1, "a scenario has no 'answer'"),
        ("- name: x\n  question: q\n  turns:\n    - {}\n", 4, "a turn has a call"),
        ("- name: x\n  question: q\n  turns:\n    - {call: {a: {}}, calls: []}\n", 4, "a turn has a call"),
        ("- name: x\n  question: q\n  turns:\n    - call: {a: {}, b: {}}\n", 4, "one tool"),
        ("- name: x\n  question: q\n  turns:\n    - call: {a: 7}\n", 4, "input is an object"),
        ("- name: x\n  question: q\n  turns:\n    - calls: {a: {}}\n", 4, "calls: a list is needed"),
        ("- name: x\n  question: q\n  turns: [tell]\n", 3, "a turn is an object of call, calls, say"),
        (
            "- {name: x, question: q, turns: [{say: a}]}\n- {name: x, question: q, turns: [{say: a}]}\n",
            1,
            "two scenarios",
        ),
    ],
)
def test_a_broken_file_is_said_with_its_line(written: Write, text: str, line: int, part: str) -> None:
    path = written(text)
    with pytest.raises(ScenarioError) as raised:
        load(path)
    assert any(problem.line == line and part in problem.message for problem in raised.value.problems), raised.value
    assert check(path) == raised.value.problems


def test_an_expression_that_does_not_parse_is_found_without_playing(written: Write) -> None:
    path = written('- name: x\n  question: q\n  turns:\n    - call: {a: {b: ["{% 1 + %}"]}}\n    - say: "{% $f( %}"\n')
    assert [problem.line for problem in check(path)] == [4, 5]
