"""What a run takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .codec import Amount, Contract, Count, Positive, Strict
from .errors import ContractError
from .messages import Message, Usage
from .models import Transcript

StopReason = Literal[
    "end_turn",
    "refusal",
    "content_filter",
    "max_output_tokens",
    "max_turns",
    "max_total_tokens",
    "max_cost_usd",
    "deadline",
    "output_invalid",
    "price_unknown",
    "history_full",
    "cancelled",
]


@dataclass(frozen=True)
class Limits(Strict):
    """What a run may use. In a run's input they narrow the agent's, never widen them."""

    max_turns: Positive | None = None
    max_total_tokens: Count | None = None
    max_cost_usd: Amount | None = None
    deadline_seconds: Amount | None = None


@dataclass(frozen=True)
class RunInput(Strict):
    """A run's input: `prompt` or `messages`, perhaps after the `transcript` of an earlier run.

    `metadata` is carried to logs and listings, nothing else; `session_id` groups runs.
    """

    prompt: str | None = None
    messages: tuple[Message, ...] | None = None
    transcript: Transcript | None = None
    model: str | None = None
    limits: Limits | None = None
    session_id: str | None = None
    max_output_bytes: Positive | None = None
    metadata: Mapping[str, Any] | None = None

    def __post_init__(self) -> None:
        if self.prompt is None and not self.messages:
            raise ContractError("prompt", "prompt or messages: one of them is needed")


@dataclass(frozen=True)
class RunOutput(Contract):
    """How a run ended. `output` fits the agent's ``output_schema``; `cost_usd` is null once a price was unknown."""

    status: Literal["completed", "stopped"]
    output: Any
    stop_reason: StopReason
    turns: int
    usage: Usage
    cost_usd: float | None
    transcript: Transcript
