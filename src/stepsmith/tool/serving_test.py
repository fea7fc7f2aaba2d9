"""Claims on the handler that `serve` gives: what the model, the machine and the developer get to see."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.contracts import ContractError
from stepsmith.contracts.budgets import json_bytes
from stepsmith.objects import MemoryObjects, Objects
from stepsmith.tool import Call, File, Parts, Picture, Rows, ToolError, serve

ARTIFACTS = "s3://b/artifacts/sql/r1/"
HINTS = {
    "readOnlyHint": True,
    "destructiveHint": False,
    "idempotentHint": True,
    "openWorldHint": False,
}
SCHEMA = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
    "additionalProperties": False,
}


class Context:
    def get_remaining_time_in_millis(self) -> Any:
        return 10_000


def event(name: str = "t", **context: Any) -> Any:
    context = {
        "run_id": "r1",
        "agent": "sql",
        "turn": 1,
        "effect_id": "e1",
        "artifacts": ARTIFACTS,
        "max_result_bytes": 2_000,
        "deadline": "2999-01-01T00:00:00Z",
    } | context
    return {"name": name, "id": "id1", "input": {"n": 1}, "context": context}


@pytest.fixture
def objects() -> Any:
    return MemoryObjects()


@pytest.fixture
def description(tmp_path: Path) -> Any:
    tool = {
        "name": "t",
        "description": "d",
        "input_schema": SCHEMA,
        "annotations": HINTS,
    }
    document = {
        "function": "f",
        "language": "python",
        "timeout_seconds": 9,
        "memory_mb": 128,
        "network": "none",
    }
    path = tmp_path / "tool.json"
    path.write_text(json.dumps(document | {"tools": [tool]}))
    return path


@pytest.fixture
def ask(objects: Objects, description: Any) -> Any:
    def ask(function: Any, **context: Any) -> Any:
        return serve({"t": function}, description=description, objects=objects)(event(**context), Context())

    return ask


def test_text_answers_the_call_it_was_asked(ask: Any) -> None:
    assert ask(lambda input, call: f"{input['n']} {call.effect_id}") == {
        "type": "tool_result",
        "tool_use_id": "id1",
        "name": "t",
        "content": [{"type": "text", "text": "1 e1"}],
        "is_error": False,
    }


def test_a_tool_error_is_told_to_the_model(ask: Any) -> None:
    def refuse(input: Any, call: Any) -> Any:
        raise ToolError("use a smaller n")

    result = ask(refuse)
    assert result["is_error"]
    assert result["content"] == [{"type": "text", "text": "use a smaller n"}]


def test_an_input_that_does_not_fit_is_told_to_the_model_with_its_place(description: Any, objects: Objects) -> None:
    handler = serve({"t": lambda input, call: "never"}, description=description, objects=objects)
    result = handler(event() | {"input": {"n": "x", "extra": 1}}, Context())
    assert result["is_error"]
    text = result["content"][0]["text"]
    assert "n: \"x\" is not of type 'integer'" in text
    assert "'extra' was unexpected" in text


def test_an_input_nested_too_deeply_is_told_to_the_model(description: Any, objects: Objects) -> None:
    lists = '{"type": "array", "items": {"$ref": "#/properties/n"}}'
    description.write_text(description.read_text().replace('{"type": "integer"}', lists))
    handler = serve({"t": lambda input, call: "never"}, description=description, objects=objects)
    deep: Any = []
    for _ in range(400):
        deep = [deep]
    result = handler(event() | {"input": {"n": deep}}, Context())
    assert result["is_error"]
    assert "nested too deeply" in result["content"][0]["text"]


def test_a_bug_goes_on_to_lambda_and_its_words_stay_out_of_the_log(
    ask: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    def crash(input: Any, call: Any) -> Any:
        raise KeyError("what a person said")

    with pytest.raises(KeyError):
        ask(crash)
    line = capsys.readouterr().out
    told = json.loads(line)
    assert (told["level"], told["error"], told["at"].split(":")[0]) == ("ERROR", "KeyError", "serving_test.py")
    assert "person" not in line


def test_the_log_names_the_call_and_holds_neither_input_nor_result(
    ask: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(lambda input, call: "a secret answer")
    told = json.loads(capsys.readouterr().out)
    assert list(told) == [
        *("level", "service", "message", "tool", "agent", "run_id", "turn", "effect_id"),
        *("is_error", "bytes", "ms"),
    ]
    assert (told["service"], told["message"], told["tool"], told["effect_id"]) == ("f", "tool call", "t", "e1")
    assert "secret answer" not in str(told)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": "other"}, "name: one of t is needed, not 'other'"),
        ({"id": 3}, "id: a string is needed, not 3"),
        ({"context": {}}, "context.run_id: it is missing"),
        (event(deadline="soon"), "context.deadline: a time like"),
        (event(deadline="2999-01-01T00:00:00"), "context.deadline: a time like"),
        (event(artifacts="s3://b/no-slash"), "context.artifacts: a prefix like"),
        (event(artifacts="s3://b/../"), "context.artifacts: a prefix like"),
    ],
)
def test_an_event_that_is_no_call_is_a_contract_error(
    description: Any, objects: Objects, change: Any, message: str
) -> None:
    handler = serve({"t": lambda input, call: ""}, description=description, objects=objects)
    with pytest.raises(ContractError) as error:
        handler(event() | change, Context())
    assert str(error.value).startswith(message)


def test_the_deadline_is_the_earlier_of_the_run_and_the_function(ask: Any) -> None:
    def left(input: Any, call: Call) -> str:
        return str(call.seconds_left())

    seen = [
        float(ask(left, deadline=deadline)["content"][0]["text"])
        for deadline in ("2999-01-01T00:00:00Z", "2001-01-01T00:00:00Z")
    ]
    assert 7 < seen[0] <= 8
    assert seen[1] == 0


def test_pictures_and_files_are_references(ask: Any, objects: Objects) -> None:
    result = ask(lambda input, call: Parts(("see", Picture(b"png", "a b.png"), File(b"x", "t.csv", "text/csv"))))
    text, picture, file = result["content"]
    assert text == {"type": "text", "text": "see"}
    assert (picture["type"], picture["media_type"], picture["title"]) == (
        "image",
        "image/png",
        "a b.png",
    )
    assert objects.get(picture["uri"]) == b"png"
    assert (file["type"], file["title"]) == ("file", "t.csv")
    assert file["uri"].startswith(f"{ARTIFACTS}t-")


def test_another_call_never_overwrites_a_file_and_a_repeat_does(ask: Any) -> None:
    uris = [
        ask(lambda input, call: Picture(b"", "a.png"), effect_id=effect)["content"][0]["uri"]
        for effect in ("e1", "e2", "e1")
    ]
    assert uris[0] == uris[2] != uris[1]


@pytest.mark.parametrize("name", ["", "..", "a/b.png", "/etc/passwd"])
def test_a_file_without_a_plain_name_is_a_bug(ask: Any, name: str) -> None:
    with pytest.raises(ValueError, match="is no file name"):
        ask(lambda input, call: Picture(b"", name))


def test_one_name_twice_in_an_answer_is_a_bug(ask: Any) -> None:
    with pytest.raises(ValueError, match="Two files"):
        ask(lambda input, call: Parts((Picture(b"1", "a.png"), Picture(b"2", "a.png"))))


def test_a_text_over_the_budget_leaves_a_preview_and_goes_to_the_store_whole(ask: Any, objects: Objects) -> None:
    result = ask(lambda input, call: 'é"\n' * 5_000)
    text, file = result["content"]
    assert size(result) <= 2_000
    assert size(result) > 1_900
    assert text["text"].startswith('é"\né"\n')
    assert "20,000 bytes" in text["text"]
    assert file["uri"] in text["text"]
    assert (file["title"], file["media_type"]) == ("t.txt", "text/plain; charset=utf-8")
    assert objects.get(file["uri"]).decode() == 'é"\n' * 5_000


def test_json_over_the_budget_goes_to_the_store_as_json(ask: Any, objects: Objects) -> None:
    result = ask(lambda input, call: {"n": ["x"] * 5_000})
    file = result["content"][1]
    assert file["title"] == "t.json"
    assert json.loads(objects.get(file["uri"])) == {"n": ["x"] * 5_000}


def test_several_texts_share_the_budget(ask: Any) -> None:
    result = ask(
        lambda input, call: Parts(("a" * 10, {"b": "b" * 5_000}, "c" * 5_000)),
        max_result_bytes=4_000,
    )
    assert size(result) <= 4_000
    assert [block["type"] for block in result["content"]] == [
        "text",
        "text",
        "file",
        "text",
        "file",
    ]
    assert result["content"][0]["text"] == "a" * 10


def test_a_long_error_is_cut_like_any_text(ask: Any) -> None:
    def refuse(input: Any, call: Any) -> Any:
        raise ToolError("x" * 5_000)

    result = ask(refuse)
    assert result["is_error"]
    assert size(result) <= 2_000


def test_a_table_that_fits_is_whole(ask: Any) -> None:
    result = ask(lambda input, call: Rows(("a", "b"), [(1, None), (2.5, "é")], facts={"seconds": 0.1}))
    assert len(result["content"]) == 1
    assert json.loads(result["content"][0]["text"]) == {
        "row_count": 2,
        "seconds": 0.1,
        "rows": [{"a": 1, "b": None}, {"a": 2.5, "b": "é"}],
    }


def test_a_table_without_rows_names_its_columns(ask: Any) -> None:
    result = ask(lambda input, call: Rows(("a", "b"), []))
    assert json.loads(result["content"][0]["text"]) == {
        "row_count": 0,
        "columns": ["a", "b"],
        "rows": [],
    }


def test_columns_over_the_budget_are_in_the_store(ask: Any, objects: Objects) -> None:
    result = ask(lambda input, call: Rows(tuple(f"column {n}" for n in range(500)), []))
    assert json_bytes(result) <= 2_000
    shown = json.loads(result["content"][0]["text"])
    assert (shown["row_count"], shown["rows"]) == (0, [])
    assert len(json.loads(objects.get(shown["all_rows"]))["columns"]) == 500


@pytest.mark.parametrize("budget", [700, 2_000, 32_768])
def test_a_long_table_is_a_page_and_the_whole_is_in_the_store(ask: Any, objects: Objects, budget: int) -> None:
    rows = [(n, "é" * (n % 7)) for n in range(5_000)]
    csv = File(b"csv", "t.csv", "text/csv")
    result = ask(
        lambda input, call: Rows(("n", "text"), rows, files=(csv,)),
        max_result_bytes=budget,
    )
    shown = json.loads(result["content"][0]["text"])
    assert size(result) <= budget
    assert shown["row_count"] == 5_000
    assert shown["rows_shown"] == len(shown["rows"]) <= 100
    assert [block.get("title") for block in result["content"]] == [None, "t.json", "t.csv"]
    whole = json.loads(objects.get(shown["all_rows"]))
    assert whole["rows"] == [{"n": n, "text": text} for n, text in rows]


def test_huge_cells_are_shortened_so_that_rows_can_be_seen(ask: Any) -> None:
    result = ask(lambda input, call: Rows(("a",), [("x" * 50_000,), ("y",)]))
    shown = json.loads(result["content"][0]["text"])
    assert size(result) <= 2_000
    assert shown["rows"][0]["a"].endswith("(50,000 characters)")
    assert shown["rows"][1]["a"] == "y"


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (b"\xff" * 50_000, "(50,000 bytes)"),
        ([1] * 50_000, "(100,001 characters)"),
        ("é" * 50_000, "(50,000 characters)"),
    ],
)
def test_a_shortened_cell_says_how_long_it_is(ask: Any, cell: Any, shown: str) -> None:
    result = ask(lambda input, call: Rows(("a", "b"), [(cell, 1), (2, None)]))
    rows = json.loads(result["content"][0]["text"])["rows"]
    assert rows[0]["a"].endswith(shown)
    assert (rows[0]["b"], rows[1]) == (1, {"a": 2, "b": None})


def test_described_and_served_tools_must_be_the_same(description: Any, objects: Objects) -> None:
    with pytest.raises(
        ValueError,
        match=r"describes the tools \['t'\], but serve\(\) was given \['u'\]",
    ):
        serve({"u": lambda input, call: ""}, description=description, objects=objects)


def test_a_broken_schema_is_said_with_the_tool(description: Any, objects: Objects) -> None:
    description.write_text(description.read_text().replace('"integer"', '"number-ish"'))
    with pytest.raises(ValueError, match="input_schema of tool 't' is no JSON Schema"):
        serve({"t": lambda input, call: ""}, description=description, objects=objects)


def test_a_missing_description_is_said_with_where_it_was_looked_for() -> None:
    with pytest.raises(FileNotFoundError, match="Put it beside the handler"):
        serve({"t": lambda input, call: ""})


def size(result: Any) -> Any:
    return len(json.dumps(result, ensure_ascii=False, separators=(",", ":")).encode())
