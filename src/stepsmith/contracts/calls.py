"""What a tool Lambda is sent. Its answer is a `stepsmith.contracts.messages.ToolResult`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .codec import Contract, Positive


@dataclass(frozen=True)
class CallContext(Contract):
    """Where and when a call happens.

    `run_id` is the execution's name. `effect_id` names the logical call: a repeat carries the same one. `artifacts` is
    the prefix (``s3://bucket/artifacts/<agent>/<run_id>/``) under which alone the call may read and write.
    `deadline` is the run's (RFC 3339, UTC).
    """

    run_id: str
    agent: str
    turn: int
    effect_id: str
    artifacts: str
    max_result_bytes: Positive
    deadline: str


@dataclass(frozen=True)
class Call(Contract):
    """One call of one tool; `input` is the model's, not yet validated."""

    name: str
    id: str
    input: Mapping[str, Any]
    context: CallContext
