"""What a model caller is sent, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .codec import Amount, Contract, Count, Positive
from .messages import Message, Usage

StopReason = Literal["end_turn", "tool_use", "max_output_tokens", "refusal", "content_filter"]


@dataclass(frozen=True)
class Transcript(Contract):
    """A conversation: immutable chunks in the artifact store (each a JSON array of messages), then the newest ones."""

    chunks: tuple[str, ...] = ()
    tail: tuple[Message, ...] = ()


@dataclass(frozen=True)
class ToolDefinition(Contract):
    """A tool as the vendor is told of it."""

    name: str
    description: str
    input_schema: Mapping[str, Any]


@dataclass(frozen=True)
class ModelRequest(Contract):
    """One call of a model. `model` is ``vendor:model-id``; `final` is the last permitted call: no tools are offered,
    and the model is told to answer with what it has. `deadline` is the run's (RFC 3339, UTC)."""

    run_id: str
    agent: str
    turn: Positive
    model: str
    system: str
    transcript: Transcript
    tools: tuple[ToolDefinition, ...]
    max_output_bytes: Positive
    final: bool
    deadline: str
    tool_choice: Literal["auto", "any", "none"] | None = None
    max_output_tokens: Positive | None = None
    temperature: Amount | None = None
    output_schema: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Chunk(Contract):
    """The first `through` messages of the tail that came are now in the artifact at `uri`."""

    uri: str
    through: Positive


@dataclass(frozen=True)
class ModelAnswer(Contract):
    """One assistant message: the only copy of what was said. `cost_usd` is null where the price is unknown.

    On an answer without calls `output` is what fits the run's ``output_schema`` (or, where there is no schema, is left
    out and the text is the output); `output_errors` say why nothing does.
    """

    message: Message
    stop_reason: StopReason
    usage: Usage
    cost_usd: Amount | None
    provider: str
    model: str
    latency_ms: Count
    chunk: Chunk | None = None
    output: Any = None
    output_errors: tuple[str, ...] | None = None
