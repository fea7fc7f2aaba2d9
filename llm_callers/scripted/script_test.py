"""Claims on playing a scenario: which turn is due, and what its expressions see."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from llm_callers.scripted.handler import find
from llm_callers.scripted.scenario import Scenario, ScriptedCall, Turn
from llm_callers.scripted.script import Results, content, due, of_this_run
from stepsmith.contracts import File, Image, LlmInvalidRequest, Message, Text, ToolResult, ToolUse


def rows(*names: str) -> ToolResult:
    return ToolResult("c", "query", (Text(json.dumps({"rows": [{"name": name} for name in names]})),))


def results(*blocks: ToolResult, stored: Mapping[str, bytes] | None = None) -> Results:
    return Results.of([Message("user", blocks)], (stored or {}).__getitem__)


def said(expression: str, *blocks: ToolResult, stored: Mapping[str, bytes] | None = None) -> str:
    (text,) = content(Turn(expression, (), 1), results(*blocks, stored=stored))
    assert isinstance(text, Text)
    return text.text


def test_the_last_result_of_a_tool_is_seen_as_data() -> None:
    assert said("{% 'Best: ' & $results('query').rows[0].name %}", rows("Cubs"), rows("Mets")) == "Best: Mets"


def test_an_earlier_result_is_seen_by_its_number() -> None:
    assert said("{% $results('query', 0).rows[0].name %}", rows("Cubs"), rows("Mets")) == "Cubs"


def test_a_result_that_is_no_json_is_seen_as_text() -> None:
    assert said("{% $results('python') %}", ToolResult("c", "python", (Text("mean: 4"),))) == "mean: 4"


def test_nothing_is_computed_from_an_error() -> None:
    failed = ToolResult("c", "query", (Text('{"rows": []}'),), is_error=True)
    with pytest.raises(LlmInvalidRequest, match="the result of 'query' is an error"):
        said("{% 'Best: ' & $results('query').rows[0].name %}", rows("Cubs"), failed)
    assert said("{% 'Best: ' & $results('query', 0).rows[0].name %}", rows("Cubs"), failed) == "Best: Cubs"


def test_a_spilled_result_is_read_back_whole() -> None:
    uri = "s3://b/artifacts/sql/r/query.json"
    whole = {uri: b'{"rows": [{"name": "Far down"}]}'}
    spilled = ToolResult("c", "query", (Text('{"rows": []}'), File(uri, "application/json", "query.json")))
    assert said("{% $results('query').rows[0].name %}", spilled, stored=whole) == "Far down"


def test_a_file_of_another_title_is_not_the_result() -> None:
    other = ToolResult("c", "query", (Text('{"n": 1}'), File("s3://b/k", "text/csv", "rows.csv")))
    assert said("{% $string($results('query').n) %}", other) == "1"


def test_pictures_can_be_named_in_the_answer() -> None:
    chart = ToolResult("c", "python", (Text("done"), Image("s3://b/a.png", "image/png", "wins.png")))
    assert said("{% '![' & $artifacts('python')[0].title & ']' %}", chart) == "![wins.png]"


def test_a_later_call_is_computed_from_an_earlier_result() -> None:
    call = ScriptedCall("query", {"sql": "{% 'select ' & $results('query').rows[0].name %}", "limit": 3}, 1)
    assert content(Turn(None, (call,), 1), results(rows("Cubs"))) == (
        ToolUse("", "query", {"sql": "select Cubs", "limit": 3}),
    )


def test_text_comes_before_calls() -> None:
    blocks = content(Turn("Let me see.", (ScriptedCall("query", {}, 1),), 1), results())
    assert blocks == (Text("Let me see."), ToolUse("", "query", {}))


def test_literal_text_is_said_as_it_stands() -> None:
    assert said("100 % {sure}") == "100 % {sure}"


@pytest.mark.parametrize(
    ("expression", "part"),
    [
        ("{% $results('none') %}", "'none' has 0 results so far, number 0 is wanted; tools with results: query"),
        ("{% $results('query', 7) %}", "'query' has 1 results so far, number 7 is wanted"),
        ("{% $results('query').rows[0].missing %}", "gives nothing"),
        ("{% $results('query').rows %}", "a text is needed"),
        ("{% 1 + %}", "failed"),
        ("{% $nosuch() %}", "failed"),
    ],
)
def test_an_expression_that_fails_is_said_clearly(expression: str, part: str) -> None:
    with pytest.raises(LlmInvalidRequest) as raised:
        said(expression, rows("Cubs"))
    assert part in str(raised.value)


def nothing_stored(uri: str) -> bytes:
    raise FileNotFoundError(uri)


def test_an_expression_that_never_ends_is_stopped() -> None:
    endless = Turn("{% ($f := function($n) { $f($n + 1) }; $f(0)) %}", (), 1)
    with pytest.raises(LlmInvalidRequest, match="failed"):
        content(endless, Results((), nothing_stored, evaluation_ms=50))


def test_results_of_earlier_runs_of_a_conversation_are_not_seen() -> None:
    earlier = [
        Message("user", (Text("q1"),)),
        Message("assistant", (ToolUse("a", "query", {}),)),
        Message("user", (rows("Old"),)),
    ]
    ended = [*earlier, Message("assistant", (Text("Old"),)), Message("user", (Text("q2"),))]
    assert of_this_run(ended, turn=1) == (ended[-1],)
    now = [*ended, Message("assistant", (ToolUse("a", "query", {}),)), Message("user", (rows("New"),))]
    assert of_this_run(now, turn=2) == tuple(now[4:])


def test_a_turn_beyond_the_last_is_refused_with_the_remedy() -> None:
    with pytest.raises(LlmInvalidRequest, match="'x' has 1 turns, and turn 2 is wanted: add a turn"):
        due(Scenario("x", "q", (Turn("hi", (), 1),)), 2)


@pytest.fixture
def agents(tmp_path: Path) -> Path:
    (tmp_path / "sql").mkdir()
    turns = "question: q\n  turns: [{say: a}]"
    (tmp_path / "sql/scenario.yaml").write_text(f"- name: one\n  {turns}\n- name: the other\n  {turns}\n")
    return tmp_path


def test_a_model_id_names_agent_and_scenario(agents: Path) -> None:
    assert find(agents, "sql/the other").name == "the other"


def test_a_model_id_without_a_scenario_is_the_sample_question(agents: Path) -> None:
    assert find(agents, "sql").name == "one"


@pytest.mark.parametrize(
    ("model", "part"),
    [
        ("sql/none", "'sql' has no scenario 'none'; there are 'one', 'the other'."),
        ("maps/one", "There is no scenario.yaml of an agent 'maps'; agents with one: sql."),
        ("../sql/one", "There is no scenario.yaml of an agent '..'"),
        ("", "There is no scenario.yaml of an agent ''"),
    ],
)
def test_a_scenario_that_is_not_there_is_named_with_those_that_are(agents: Path, model: str, part: str) -> None:
    with pytest.raises(LlmInvalidRequest) as raised:
        find(agents, model)
    assert part in str(raised.value)


def test_a_broken_file_is_said_with_its_line(agents: Path) -> None:
    (agents / "sql/scenario.yaml").write_text("- name: one\n")
    with pytest.raises(LlmInvalidRequest, match=r"scenario\.yaml:1: question: a text is needed"):
        find(agents, "sql/one")
