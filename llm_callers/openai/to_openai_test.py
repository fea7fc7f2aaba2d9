"""Claims on what OpenAI and compatible servers are sent; their answers: tests/contracts/model_calls/openai.json."""

from typing import Any

import pytest
from openai.types.chat.completion_create_params import CompletionCreateParamsNonStreaming
from pydantic import TypeAdapter

from llm_callers.openai import handler
from llm_callers.openai.wire import COMPATIBLE, NOT_AN_OBJECT, OPENAI, Dialect, arguments, reply
from stepsmith.contracts import (
    File,
    Image,
    LlmAuthentication,
    Message,
    ModelRequest,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Usage,
)
from stepsmith.llm import Question
from stepsmith.llm.question import FINAL_NOTE

PICTURE = "s3://b/artifacts/a/r/wins.png"
SCHEMA = {"type": "object", "required": ["wins"]}


def asked(
    *messages: Message, to: Dialect = OPENAI, pictures: dict[str, str] | None = None, **changes: Any
) -> dict[str, Any]:
    request = {
        "run_id": "r",
        "agent": "a",
        "turn": 1,
        "model": "openai:gpt-5.4-mini",
        "system": "Be brief.",
        "transcript": {},
        "tools": [{"name": name, "description": "d", "input_schema": {"type": "object"}} for name in ("b", "a")],
        "max_output_bytes": 1000,
        "final": False,
        "deadline": "2100-01-01T00:00:00Z",
    }
    question = Question(
        ModelRequest.from_json(request | changes), messages or (user(Text("Who?")),), 30, pictures or {}
    )
    body = arguments(question, to)
    TypeAdapter(CompletionCreateParamsNonStreaming).validate_python(body)
    return body


def user(*blocks: Any) -> Message:
    return Message("user", blocks)


def assistant(*blocks: Any) -> Message:
    return Message("assistant", blocks)


def test_messages_stand_last_and_begin_with_the_system_s() -> None:
    body = asked()
    assert list(body)[-1] == "messages"
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Who?"}]


def test_tools_are_sorted() -> None:
    assert [tool["function"]["name"] for tool in asked()["tools"]] == ["a", "b"]


@pytest.mark.parametrize("to", [OPENAI, COMPATIBLE])
def test_content_is_never_null(to: Dialect) -> None:
    call = asked(assistant(ToolUse("c", "a", {"x": "ü"})), assistant(Thinking("anthropic", {})), to=to)["messages"][1:]
    function = {"name": "a", "arguments": '{"x":"ü"}'}
    assert call == [
        {"role": "assistant", "content": "", "tool_calls": [{"id": "c", "type": "function", "function": function}]},
        {"role": "assistant", "content": ""},
    ]


def test_each_result_is_a_message_and_errors_say_so() -> None:
    results = (ToolResult("c1", "a", (Text("1"), Text("2"))), ToolResult("c2", "b", (Text("no"),), is_error=True))
    assert asked(user(*results, Text("Go on.")))["messages"][1:] == [
        {"role": "tool", "tool_call_id": "c1", "content": "1\n2"},
        {"role": "tool", "tool_call_id": "c2", "content": "Error: no"},
        {"role": "user", "content": "Go on."},
    ]


def test_pictures_of_results_follow_the_results() -> None:
    chart = Image(PICTURE, "image/png", "wins.png")
    body = asked(user(ToolResult("c1", "a", (chart,)), ToolResult("c2", "a", (Text("x"),))), pictures={PICTURE: "cG5n"})
    roles = [message["role"] for message in body["messages"]]
    assert roles == ["system", "tool", "tool", "user"]
    assert body["messages"][-1]["content"][1]["image_url"] == {"url": "data:image/png;base64,cG5n"}


def test_a_server_that_may_not_see_gets_pictures_by_name() -> None:
    blocks = (Text("Look."), Image(PICTURE, "image/png"), File("s3://b/artifacts/a/r/x.csv", "text/csv", "x.csv"))
    body = asked(user(*blocks), to=COMPATIBLE, pictures={PICTURE: "cG5n"})
    assert body["messages"][-1]["content"] == (
        f"Look.\n[picture: untitled (image/png), {PICTURE}]\n[file: x.csv (text/csv), s3://b/artifacts/a/r/x.csv]"
    )


def test_a_picture_of_a_person_is_inline() -> None:
    body = asked(user(Text("Look."), Image(PICTURE, "image/png")), pictures={PICTURE: "cG5n"})
    assert [part["type"] for part in body["messages"][-1]["content"]] == ["text", "image_url"]


def test_the_last_call_forbids_tools_and_says_so() -> None:
    body = asked(final=True)
    assert (body["tool_choice"], len(body["tools"])) == ("none", 2)
    assert body["messages"][-1] == {"role": "user", "content": FINAL_NOTE}


def test_the_last_call_of_a_server_that_may_ignore_that_offers_none() -> None:
    assert not asked(final=True, to=COMPATIBLE).keys() & {"tools", "tool_choice"}


def test_any_tool_is_called_required_here() -> None:
    assert asked(tool_choice="any")["tool_choice"] == "required"


def test_the_bound_of_the_output_has_the_server_s_name_for_it() -> None:
    assert asked(max_output_tokens=7)["max_completion_tokens"] == 7
    assert asked(max_output_tokens=7, to=COMPATIBLE)["max_tokens"] == 7


def test_the_output_schema_is_given_as_response_format() -> None:
    assert asked(output_schema=SCHEMA)["response_format"]["json_schema"] == {"name": "output", "schema": SCHEMA}


def test_a_compatible_server_is_told_the_schema_in_words_and_held_to_it_without_tools() -> None:
    with_tools, last = (asked(output_schema=SCHEMA, to=COMPATIBLE, final=final) for final in (False, True))
    assert "response_format" not in with_tools
    assert "response_format" in last
    assert with_tools["messages"][0] == last["messages"][0]
    assert 'JSON Schema: {"required": ["wins"]' in with_tools["messages"][0]["content"]


@pytest.mark.parametrize(
    ("url", "own"),
    [(None, True), ("https://api.openai.com/v1", True), ("http://localhost:11434/v1", False), ("", True)],
)
def test_a_base_url_decides_dialect_key_and_price(monkeypatch: pytest.MonkeyPatch, url: str | None, own: bool) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("OPENAI_BASE_URL", url) if url is not None else monkeypatch.delenv(
        "OPENAI_BASE_URL", raising=False
    )
    server = handler.base_url()
    assert (server is None, handler.dialect(server) == OPENAI) == (own, own)
    assert handler.price("gpt-5", Usage(1_000_000)) == (1.25 if own else 0)
    if own:
        with pytest.raises(LlmAuthentication, match="OPENAI_API_KEY is not set"):
            handler.key(server)
    else:
        assert handler.key(server) == "none"


@pytest.mark.parametrize("given", ['{"x": NaN}', '{"x": 1e999}', "[" * 100_000, "[1]"])
def test_arguments_that_only_python_reads_make_a_call_that_is_not_made(given: str) -> None:
    call = {"id": "a", "type": "function", "function": {"name": "t", "arguments": given}}
    choice = {"finish_reason": "tool_calls", "message": {"tool_calls": [call]}}
    assert reply({"choices": [choice], "model": "m"}).content == (ToolUse("a", "t", {}, NOT_AN_OBJECT),)
