"""Messages: one format for every vendor.

A conversation may change vendor half-way, be replayed, forked or shown without knowing who answered. Pictures and
files go by reference (an ``s3://`` URI), never inline. Every `ToolUse` of an assistant message is answered by exactly
one `ToolResult` in the next user message, in order.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .codec import Contract, Count


@dataclass(frozen=True)
class Usage(Contract):
    """Tokens of one call or one run. The four counts are disjoint: input without the cached ones."""

    input_tokens: Count = 0
    output_tokens: Count = 0
    cache_read_tokens: Count = 0
    cache_write_tokens: Count = 0

    @property
    def total(self) -> int:
        """What ``max_total_tokens`` bounds."""
        return self.input_tokens + self.output_tokens + self.cache_read_tokens + self.cache_write_tokens

    def __add__(self, other: Usage) -> Usage:
        return Usage(
            self.input_tokens + other.input_tokens,
            self.output_tokens + other.output_tokens,
            self.cache_read_tokens + other.cache_read_tokens,
            self.cache_write_tokens + other.cache_write_tokens,
        )


@dataclass(frozen=True)
class Text(Contract):
    text: str
    type: Literal["text"] = field(default="text", init=False)


@dataclass(frozen=True)
class Image(Contract):
    """A picture by reference; `title` is a good file name."""

    uri: str
    media_type: str
    title: str | None = None
    type: Literal["image"] = field(default="image", init=False)


@dataclass(frozen=True)
class File(Contract):
    """A file by reference; `title` is a good file name."""

    uri: str
    media_type: str
    title: str | None = None
    type: Literal["file"] = field(default="file", init=False)


ResultBlock = Text | Image | File


@dataclass(frozen=True)
class ToolUse(Contract):
    """A call that the model wants. With `error` the caller says that it cannot be made, and the machine answers so."""

    id: str
    name: str
    input: Mapping[str, Any]
    error: str | None = None
    type: Literal["tool_use"] = field(default="tool_use", init=False)


@dataclass(frozen=True)
class ApprovalRecord(Contract):
    """Who decided about a call, when and what; part of the transcript."""

    decision: str
    approver: str | None = None
    decided_at: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class ToolResult(Contract):
    """What came of one call. `run_id`, `usage` and `cost_usd` are a sub-agent's (or a paid tool's); `untrusted` marks
    what an open-world tool brought in."""

    tool_use_id: str
    name: str
    content: tuple[ResultBlock, ...]
    is_error: bool = False
    approval: ApprovalRecord | None = None
    run_id: str | None = None
    usage: Usage | None = None
    cost_usd: float | None = None
    untrusted: bool | None = None
    type: Literal["tool_result"] = field(default="tool_result", init=False)


@dataclass(frozen=True)
class Thinking(Contract):
    """A model's own notes: opaque, replayed only to the vendor that made them."""

    provider: str
    data: Any
    type: Literal["thinking"] = field(default="thinking", init=False)


Block = Text | ToolUse | ToolResult | Image | File | Thinking


@dataclass(frozen=True)
class Message(Contract):
    role: Literal["user", "assistant"]
    content: tuple[Block, ...]

    @property
    def text(self) -> str:
        """All text blocks, joined by line breaks."""
        return "\n".join(block.text for block in self.content if isinstance(block, Text))

    @property
    def calls(self) -> tuple[ToolUse, ...]:
        return tuple(block for block in self.content if isinstance(block, ToolUse))
