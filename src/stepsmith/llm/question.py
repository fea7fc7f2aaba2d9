"""The two nouns of a model call: what a vendor is asked, and what it said.

A `Question` is the request with its conversation loaded and its time measured. A `Reply` is the vendor's answer in
canonical blocks, before the kit has given ids, kept budgets and priced it. Both are values: the mappings between them
and a vendor's wire are pure functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from stepsmith.contracts import Block, Message, ModelRequest, ToolDefinition, Usage
from stepsmith.contracts.models import StopReason

FINAL_NOTE = (
    "This is the last answer of this run: no tools can be called any more. "
    "Answer now with what is known so far, and say what is missing."
)


@dataclass(frozen=True)
class Question:
    """One question to a vendor. `messages` is the whole conversation, oldest first; `pictures` are those of its
    pictures that can be shown, as base64 by their URI."""

    request: ModelRequest
    messages: tuple[Message, ...]
    timeout_seconds: float
    pictures: Mapping[str, str] = field(default_factory=dict)

    @property
    def model(self) -> str:
        """The vendor's own name of the model: ``vendor:model-id`` without the vendor."""
        return self.request.model.partition(":")[2]

    @property
    def tools(self) -> tuple[ToolDefinition, ...]:
        """Sorted by name, so that the request's prefix is the same bytes in every turn."""
        return tuple(sorted(self.request.tools, key=lambda tool: tool.name))

    @property
    def output_schema(self) -> Mapping[str, Any] | None:
        return self.request.output_schema


@dataclass(frozen=True)
class Reply:
    """What a vendor said, in canonical blocks (a call without an id has ``""``); `model` as the vendor names it."""

    content: tuple[Block, ...]
    stop_reason: StopReason
    usage: Usage
    model: str
