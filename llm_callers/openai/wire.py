"""Our messages on OpenAI's Chat Completions API and back, as pure functions.

Chat Completions is what compatible servers speak too (Ollama, vLLM, llama.cpp). Shapes are the SDK's own types
(``openai.types.chat.CompletionCreateParams``, ``ChatCompletion``) and
https://platform.openai.com/docs/api-reference/chat. A `Dialect` holds where those servers differ. What changes from
turn to turn stands last in a request, so that one turn's body is the beginning of the next one's.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from stepsmith.contracts import Block, File, Image, Message, Text, ToolResult, ToolUse, Usage
from stepsmith.contracts.models import StopReason
from stepsmith.llm import Question, Reply, wire
from stepsmith.llm.question import FINAL_NOTE

PROVIDER: Final = "openai"
CUT_OFF: Final = "This call was not made: its arguments were cut off at the limit of output tokens. Send less."
NOT_AN_OBJECT: Final = "This call was not made: its arguments are no JSON object. Send one that fits the tool's schema."
PICTURES: Final = "The pictures of the results above:"

STOP_REASONS: Final[Mapping[str, StopReason]] = {
    "stop": "end_turn",
    "tool_calls": "tool_use",
    "function_call": "tool_use",
    "length": "max_output_tokens",
    "content_filter": "content_filter",
}


@dataclass(frozen=True)
class Dialect:
    """What a server understands.

    `max_tokens` is the name of the output's bound. A server that is not `strict` may ignore ``tool_choice`` (so the
    last call offers no tools) and refuses a response format beside tools (so the schema is told in words, too).
    """

    max_tokens: str
    strict: bool
    pictures: bool


OPENAI: Final = Dialect(max_tokens="max_completion_tokens", strict=True, pictures=True)
COMPATIBLE: Final = Dialect(max_tokens="max_tokens", strict=False, pictures=False)


def arguments(question: Question, dialect: Dialect) -> dict[str, Any]:
    """The request's body."""
    request = question.request
    tools = [] if request.final and not dialect.strict else [_tool(tool) for tool in question.tools]
    body: dict[str, Any] = {
        "model": question.model,
        dialect.max_tokens: request.max_output_tokens,
        "temperature": request.temperature,
        "response_format": _response_format(question, may_have=dialect.strict or not tools),
        "tool_choice": _tool_choice(question, tools),
        "tools": tools or None,
        "messages": _messages(question, dialect),
    }
    return {name: value for name, value in body.items() if value is not None}


def reply(answer: Mapping[str, Any]) -> Reply:
    """What an answer says. Raises `KeyError`, `IndexError`, `TypeError` or `AttributeError` for one that is not as
    documented."""
    choice = answer["choices"][0]
    said, reason = choice["message"], choice["finish_reason"]
    stop = STOP_REASONS.get(reason, "end_turn")
    texts = tuple(Text(text) for text in (said.get("content"), said.get("refusal")) if text)
    calls = tuple(_call(call, stop) for call in said.get("tool_calls") or () if call["type"] == "function")
    return Reply(
        (*texts, *calls), "refusal" if said.get("refusal") else stop, _usage(answer.get("usage")), answer["model"]
    )


# To the vendor


def _tool(tool: Any) -> dict[str, Any]:
    function = {"name": tool.name, "description": tool.description, "parameters": dict(tool.input_schema)}
    return {"type": "function", "function": function}


def _tool_choice(question: Question, tools: list[dict[str, Any]]) -> str | None:
    choice = "none" if question.request.final else question.request.tool_choice
    return {"any": "required"}.get(choice, choice) if choice and tools else None


def _response_format(question: Question, *, may_have: bool) -> dict[str, Any] | None:
    """The output schema; held to strictly by no server, as most schemas lack what strictness needs (every property
    required, none additional): the kit validates."""
    if question.output_schema is None or not may_have:
        return None
    return {"type": "json_schema", "json_schema": {"name": "output", "schema": dict(question.output_schema)}}


def _messages(question: Question, dialect: Dialect) -> list[dict[str, Any]]:
    pictures = question.pictures if dialect.pictures else {}
    messages = [part for message in question.messages for part in _message(message, pictures)]
    last = [{"role": "user", "content": FINAL_NOTE}] if question.request.final else []
    return [*_system(question, dialect), *messages, *last]


def _system(question: Question, dialect: Dialect) -> list[dict[str, Any]]:
    schema = question.output_schema
    text = question.request.system + ("" if schema is None or dialect.strict else wire.schema_note(schema))
    return [] if wire.is_blank(text) else [{"role": "system", "content": text}]


def _message(message: Message, pictures: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    if message.role == "assistant":
        yield _assistant(message)
        return
    results = [block for block in message.content if isinstance(block, ToolResult)]
    yield from (_result(result) for result in results)
    shown = [
        block for result in results for block in result.content if isinstance(block, Image) and block.uri in pictures
    ]
    if shown:
        yield {"role": "user", "content": [_text(PICTURES), *(_picture(block, pictures) for block in shown)]}
    rest: list[Block] = [block for block in message.content if not isinstance(block, ToolResult)]
    if rest or not results:
        yield {"role": "user", "content": _user(rest, pictures)}


def _assistant(message: Message) -> dict[str, Any]:
    """Text is ``""`` beside calls, never null: compatible servers refuse null."""
    calls = [_tool_call(call) for call in message.calls]
    return {"role": "assistant", "content": message.text, **({"tool_calls": calls} if calls else {})}


def _tool_call(call: ToolUse) -> dict[str, Any]:
    arguments = json.dumps(call.input, ensure_ascii=False, separators=(",", ":"))
    return {"id": call.id, "type": "function", "function": {"name": wire.name(call.name), "arguments": arguments}}


def _result(result: ToolResult) -> dict[str, Any]:
    """A result as text: this wire has no sign for an error, so it begins with the word."""
    texts = [block.text if isinstance(block, Text) else wire.note(block) for block in wire.contents(result)]
    text = ("Error: " if result.is_error else "") + "\n".join(texts)
    return {"role": "tool", "tool_call_id": result.tool_use_id, "content": text or wire.EMPTY}


def _user(blocks: list[Block], pictures: Mapping[str, str]) -> str | list[dict[str, Any]]:
    """Plain text where there is only text: every server takes that."""
    if not any(isinstance(block, Image) and block.uri in pictures for block in blocks):
        return "\n".join(_words(block) for block in blocks) or wire.EMPTY
    return [
        _picture(block, pictures) if isinstance(block, Image) and block.uri in pictures else _text(_words(block))
        for block in blocks
    ]


def _words(block: Block) -> str:
    match block:
        case Text():
            return block.text
        case Image() | File():
            return wire.note(block)
        case _:
            return ""


def _picture(block: Image, pictures: Mapping[str, str]) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": f"data:{block.media_type};base64,{pictures[block.uri]}"}}


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


# From the vendor


def _call(call: Mapping[str, Any], stop: StopReason) -> ToolUse:
    """A call; its arguments are JSON in a string, which a model may get wrong."""
    function = call["function"]
    given = _json(function["arguments"] or "{}")
    error = None if isinstance(given, dict) else CUT_OFF if stop == "max_output_tokens" else NOT_AN_OBJECT
    return ToolUse(call.get("id") or "", function["name"], given if error is None else {}, error)


def _json(text: str) -> Any:
    """The value; None for what is no JSON, among it NaN and 1e999, which Python reads."""
    try:
        value = json.loads(text)
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return None
    return value


def _usage(usage: Mapping[str, Any] | None) -> Usage:
    """OpenAI counts cached tokens among the prompt's; ours are disjoint. A server may count nothing."""
    usage = usage or {}
    details = usage.get("prompt_tokens_details") or {}
    read, written = details.get("cached_tokens") or 0, details.get("cache_write_tokens") or 0
    prompt = usage.get("prompt_tokens") or 0
    return Usage(max(0, prompt - read - written), usage.get("completion_tokens") or 0, read, written)
