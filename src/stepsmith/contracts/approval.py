"""What a person is asked, and what a person decides.

Only the machine computes `input_hash`; `approver` is set by the server from the authenticated identity. A decision
that is late, names another hash or is of an unknown kind denies the call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from .codec import Contract

KEY = ("run_id", "effect_id")
"""The key of the table of approvals."""
WAITING = "waiting"
"""An attribute of a request that nobody has decided, always `UNDECIDED`, and the table's index of those that have it,
ordered by `expires_at`."""
UNDECIDED = "approval"
DECISION = "decision"
"""The attribute that marks a request as decided: the decision as JSON. With it `WAITING` goes."""
DELETE_AT = "delete_at"
"""When DynamoDB may delete the item: `KEPT_DAYS` after `expires_at`, in seconds since 1970."""
KEPT_DAYS = 30


@dataclass(frozen=True)
class ApprovalRequest(Contract):
    """A call that waits for a person until `expires_at` (RFC 3339, UTC, as `requested_at`)."""

    run_id: str
    agent: str
    call_id: str
    tool: str
    input: Mapping[str, Any]
    input_hash: str
    reason: str
    requested_at: str
    expires_at: str


@dataclass(frozen=True)
class Decision(Contract):
    """`approve` and `edit` (with another `input`) run the tool; `reject` and `answer` are its result, with `reason`."""

    decision: Literal["approve", "edit", "reject", "answer"]
    input_hash: str
    approver: str
    decided_at: str
    input: Mapping[str, Any] | None = None
    reason: str | None = None
