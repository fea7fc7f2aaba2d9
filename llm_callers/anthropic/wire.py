"""Our messages on Anthropic's Messages API and back, as pure functions.

Shapes are the SDK's own types (``anthropic.types.MessageCreateParams``, ``anthropic.types.Message``) and
https://platform.claude.com/docs/en/api/messages. What changes from turn to turn stands last in a request, so that one
turn's body is the beginning of the next one's: the prompt cache is asked for by the top-level ``cache_control``, which
marks the last block without changing any.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from stepsmith.contracts import Block, File, Image, Message, Text, Thinking, ToolResult, ToolUse, Usage
from stepsmith.contracts.models import StopReason
from stepsmith.llm import Question, Reply, wire
from stepsmith.llm.question import FINAL_NOTE

PROVIDER: Final = "anthropic"
MAX_TOKENS: Final = 16_384
"""Output tokens where a request names none: what a message's 64 KiB can hold."""
CACHED: Final = {"type": "ephemeral"}
CUT_OFF: Final = "This call was not made: its input was cut off at the limit of output tokens. Send less."

STOP_REASONS: Final[Mapping[str, StopReason]] = {
    "end_turn": "end_turn",
    "stop_sequence": "end_turn",
    "pause_turn": "end_turn",
    "tool_use": "tool_use",
    "max_tokens": "max_output_tokens",
    "model_context_window_exceeded": "max_output_tokens",
    "refusal": "refusal",
}


def arguments(question: Question, output_format: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The request's body. `output_format` is the output schema as the vendor takes it, where it does."""
    request = question.request
    body: dict[str, Any] = {
        "model": question.model,
        "max_tokens": request.max_output_tokens or MAX_TOKENS,
        "cache_control": CACHED,
        "temperature": request.temperature,
        "output_config": {"format": output_format} if output_format else None,
        "tool_choice": _tool_choice(question),
        "tools": [_tool(tool) for tool in question.tools] or None,
        "system": _system(question, is_held=output_format is not None),
        "messages": _messages(question),
    }
    return {name: value for name, value in body.items() if value is not None}


def reply(answer: Mapping[str, Any]) -> Reply:
    """What an answer says. Raises `KeyError` or `TypeError` for one that is not as documented."""
    content = tuple(block for each in answer["content"] for block in _blocks(each))
    stop = STOP_REASONS.get(answer["stop_reason"], "end_turn")
    if stop == "max_output_tokens" and content and isinstance(content[-1], ToolUse):
        cut = content[-1]
        content = (*content[:-1], ToolUse(cut.id, cut.name, {}, CUT_OFF))
    return Reply(content, stop, _usage(answer["usage"]), answer["model"])


# To the vendor


def _tool(tool: Any) -> dict[str, Any]:
    return {"name": tool.name, "description": tool.description, "input_schema": dict(tool.input_schema)}


def _tool_choice(question: Question) -> dict[str, Any] | None:
    """The last call keeps the tools' definitions, which a conversation with calls needs, and forbids their use."""
    choice = "none" if question.request.final else question.request.tool_choice
    return {"type": choice} if choice and question.tools else None


def _system(question: Question, *, is_held: bool) -> list[dict[str, Any]] | None:
    schema = question.output_schema
    text = question.request.system + ("" if schema is None or is_held else wire.schema_note(schema))
    return None if wire.is_blank(text) else [{"type": "text", "text": text, "cache_control": CACHED}]


def _messages(question: Question) -> list[dict[str, Any]]:
    messages = [_message(message, question.pictures) for message in question.messages]
    if question.request.final:
        messages.append({"role": "user", "content": [_text(FINAL_NOTE)]})
    return messages


def _message(message: Message, pictures: Mapping[str, str]) -> dict[str, Any]:
    content = [part for block in message.content for part in _parts(block, pictures)]
    return {"role": message.role, "content": content or [_text(wire.EMPTY)]}


def _parts(block: Block, pictures: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    match block:
        case Text():
            if not wire.is_blank(block.text):
                yield _text(block.text)
        case Image() | File():
            yield _reference(block, pictures)
        case ToolUse():
            yield {"type": "tool_use", "id": block.id, "name": wire.name(block.name), "input": dict(block.input)}
        case ToolResult():
            yield _result(block, pictures)
        case Thinking():
            if block.provider == PROVIDER:
                yield block.data


def _result(result: ToolResult, pictures: Mapping[str, str]) -> dict[str, Any]:
    content = [
        part
        for block in wire.contents(result)
        for part in ([_text(block.text)] if isinstance(block, Text) else [_reference(block, pictures)])
        if part["type"] != "text" or not wire.is_blank(part["text"])
    ]
    failed = {"is_error": True} if result.is_error else {}
    return {
        "type": "tool_result",
        "tool_use_id": result.tool_use_id,
        "content": content or [_text(wire.EMPTY)],
        **failed,
    }


def _reference(block: Image | File, pictures: Mapping[str, str]) -> dict[str, Any]:
    if isinstance(block, File) or block.uri not in pictures:
        return _text(wire.note(block))
    source = {"type": "base64", "media_type": block.media_type, "data": pictures[block.uri]}
    return {"type": "image", "source": source}


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


# From the vendor


def _blocks(block: Mapping[str, Any]) -> Iterator[Block]:
    match block["type"]:
        case "text":
            yield Text(block["text"])
        case "tool_use":
            yield ToolUse(block["id"], block["name"], block["input"])
        case "thinking" | "redacted_thinking":
            yield Thinking(PROVIDER, dict(block))


def _usage(usage: Mapping[str, Any]) -> Usage:
    """Anthropic's counts are disjoint already: ``input_tokens`` is without both kinds of cached ones."""
    return Usage(
        input_tokens=usage["input_tokens"],
        output_tokens=usage["output_tokens"],
        cache_read_tokens=usage.get("cache_read_input_tokens") or 0,
        cache_write_tokens=usage.get("cache_creation_input_tokens") or 0,
    )
