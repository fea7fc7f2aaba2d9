"""Claims on the run's output."""

import pytest

from stepsmith.contracts import Message, Text, ToolUse
from stepsmith.contracts.budgets import json_bytes
from stepsmith.llm.outputs import Output, output

SCHEMA = {
    "type": "object",
    "properties": {"team": {"type": "string"}, "wins": {"type": "integer"}},
    "required": ["team"],
    "additionalProperties": False,
}
URI = "s3://b/artifacts/a/r/answer.json"


def answered(text: str, schema: dict[str, object] | None = SCHEMA, limit: int = 1000) -> Output:
    return output(Message("assistant", (Text(text),)), schema, limit, lambda data, media_type: URI)


@pytest.mark.parametrize(
    "text", ['{"team": "Cubs"}', ' {"team": "Cubs"}\n', 'Here:\n```json\n{"team": "Cubs"}\n```\nDone.']
)
def test_an_answer_that_fits_is_the_output(text: str) -> None:
    assert answered(text) == Output({"team": "Cubs"})


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("The Cubs.", "The answer must be one JSON value and nothing else"),
        ('{"team": NaN}', "NaN is no JSON"),
        ('{"wins": 3}', "/: 'team' is a required property"),
        ('{"team": "Cubs", "wins": "many"}', "/wins: \"many\" is not of type 'integer'"),
        ("```json\n{}\n```\n```json\n{}\n```", "The answer must be one JSON value"),
    ],
)
def test_an_answer_that_does_not_fit_is_told_to_the_model(text: str, error: str) -> None:
    found = answered(text)
    assert found.value is None
    assert found.errors
    assert any(error in each for each in found.errors), found.errors


def test_errors_are_few_and_short() -> None:
    many = answered("[" + ",".join(['"' + "x" * 900 + '"'] * 50) + "]", {"items": {"type": "integer"}})
    assert many.errors
    assert len(many.errors) == 10
    assert max(len(error) for error in many.errors) <= 500


def test_an_output_over_its_budget_is_an_artifact() -> None:
    assert answered('{"team": "' + "x" * 2000 + '"}') == Output(URI)


def test_without_a_schema_the_text_is_the_output() -> None:
    assert answered("The Cubs.", None) == Output()


def test_a_text_over_its_budget_is_a_preview_within_it() -> None:
    found = answered("x" * 2000, None, 500)
    assert json_bytes(found.value) <= 500
    assert found.value.endswith(f"2,000 bytes, is at {URI}]")


def test_a_message_with_calls_is_no_output() -> None:
    said = Message("assistant", (Text("{}"), ToolUse("a", "t", {})))
    assert output(said, SCHEMA, 1000, lambda data, media_type: URI) == Output()
