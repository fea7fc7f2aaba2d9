"""Approval of one tool's calls: who is asked and when, what is asked, and what a decision must be.

Check <tool>      (Parallel, only with a predicate) whether it asks; an error in it asks
Checked <tool>    (Choice)
Approve <tool>    (Task with a token) the request waits in the table; or, for an activity,
                  (Parallel) Ask <tool> hands it to a worker, Until <tool> waits beside it, the first one ends both
Decision <tool>   (Choice) only a decision that names the hash of this very input runs the tool
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, assert_never

from stepsmith.agent.agent import Agent, Approval
from stepsmith.agent.deployment import Deployment
from stepsmith.agent.loading import OfferedTool
from stepsmith.contracts.approval import DELETE_AT, KEPT_DAYS, UNDECIDED, WAITING

from .expressions import (
    CALL_INPUT,
    DEADLINE,
    DEADLINE_TIME,
    EFFECT_ID,
    INPUT_HASH,
    NOW,
    RUN_ID,
    SECONDS_LEFT,
    State,
    asked,
    cut,
    either,
    fits,
    query,
    quote,
    record,
    timeout,
)
from .retries import TABLE, catching


@dataclass(frozen=True)
class Asking:
    """How one tool's calls are approved: `tainted` only after untrusted content, else by the approval's predicate."""

    approval: Approval
    reason: str
    tainted: bool = False


def asking(agent: Agent, tool: OfferedTool) -> Asking | None:
    """What the agent says of a tool, else what its hints say. None: its calls just run."""
    hints = tool.annotations
    match agent.approvals.get(tool.name):
        case None if hints.readOnlyHint:
            return None
        case None if hints.destructiveHint:
            return Asking(Approval(), f"{tool.name} is destructive")
        case None:
            return Asking(
                Approval(), f"{tool.name} changes things, and the run has read untrusted content", tainted=True
            )
        case "never":
            return None
        case "always":
            return Asking(Approval(), f"every call of {tool.name} asks")
        case Approval(when=None) as approval:
            return Asking(approval, f"every call of {tool.name} asks")
        case Approval() as approval:
            return Asking(approval, f"{tool.name} asks where this is not false: {approval.when}")
        case other:
            assert_never(other)


def entry(tool: str, asks: Asking | None) -> str:
    """The state to which Route sends a call of `tool` that asks."""
    if asks is None:
        return tool
    return f"Check {tool}" if asks.approval.when else f"Approve {tool}"


def approval_states(agent: str, tool: str, asks: Asking, deployment: Deployment) -> dict[str, State]:
    """All states between Route and the tool."""
    checks = _check_states(tool, asks.approval.when) if asks.approval.when else {}
    return {
        **checks,
        f"Approve {tool}": _approve(agent, tool, asks, deployment),
        f"Decision {tool}": {
            "Type": "Choice",
            "Comment": "Only a decision that names the hash of this very input runs the tool.",
            "Choices": [
                {"Condition": query("$states.input.approval.decision in ['approve', 'edit']"), "Next": tool},
            ],
            "Default": "Not approved",
        },
    }


def _check_states(tool: str, when: str) -> dict[str, State]:
    predicate = {
        "Type": "Pass",
        "Output": query(f"($input := {CALL_INPUT}; ({when}))"),
        "End": True,
    }
    return {
        f"Check {tool}": {
            "Type": "Parallel",
            "Comment": "The predicate in a branch of its own: anything but a clean false asks, an error included.",
            "Branches": [{"StartAt": f"Predicate {tool}", "States": {f"Predicate {tool}": predicate}}],
            "Output": asked(record(asks="$not($states.result[0] = false)")),
            "Catch": catching(query("$states.input"), f"Approve {tool}"),
            "Next": f"Checked {tool}",
        },
        f"Checked {tool}": {
            "Type": "Choice",
            "Choices": [{"Condition": query("$states.input.asks = false"), "Next": tool}],
            "Default": f"Approve {tool}",
        },
    }


def _approve(agent: str, tool: str, asks: Asking, deployment: Deployment) -> State:
    request = _request(agent, asks.reason, asks.approval.within)
    asking_state = _by_activity if asks.approval.activity else _by_table
    return asking_state(tool, request, asks.approval.within, deployment)


def _request(agent: str, reason: str, within: timedelta | None) -> dict[str, str]:
    """The ApprovalRequest of contracts.md, a fragment per field."""
    return {
        "run_id": RUN_ID,
        "agent": quote(agent),
        "call_id": "$states.input.id",
        "tool": "$states.input.name",
        "input": f"({_SHOWN_WHOLE}; {CALL_INPUT})",
        "input_hash": INPUT_HASH,
        "reason": quote(reason),
        "requested_at": "$states.context.State.EnteredTime",
        "expires_at": _expires_at(within),
    }


def _expires_at(within: timedelta | None) -> str:
    return f"$fromMillis({_expires_ms(within)})" if within else DEADLINE_TIME


def _expires_ms(within: timedelta | None) -> str:
    return f"$min([{NOW} + {int(within.total_seconds() * 1000)}, {DEADLINE}])" if within else DEADLINE


def _by_activity(
    tool: str, request: Mapping[str, str], within: timedelta | None, deployment: Deployment
) -> dict[str, Any]:
    """An activity's TimeoutSeconds count only once a worker has it (Developer Guide, "Troubleshooting activities"), so
    time runs in a branch of its own. A Parallel waits for every branch unless one fails: whichever ends first fails,
    and says in its Cause what became of the request. An error of another name denies."""
    ask = {
        "Type": "Task",
        "Resource": deployment.approvals_activity_arn,
        "Arguments": query(record(**request)),
        "TimeoutSeconds": _timeout(within),
        "Output": query(_DECIDED),
        "Catch": catching(query(_UNDECIDED), f"Asked {tool}"),
        "Next": f"Asked {tool}",
    }
    until = {"Type": "Wait", "Timestamp": query(_expires_at(within)), "Next": f"Late {tool}"}
    return {
        "Type": "Parallel",
        "Comment": "A worker of the activity decides, or the time passes: the first to fail ends both.",
        "Branches": [
            {"StartAt": f"Ask {tool}", "States": {f"Ask {tool}": ask, f"Asked {tool}": _saying(_SAID)}},
            {"StartAt": f"Until {tool}", "States": {f"Until {tool}": until, f"Late {tool}": _saying(quote(_LATE))}},
        ],
        "Catch": catching(asked(_HEARD), f"Decision {tool}"),
        "Next": "Not approved",
    }


def _saying(cause: str) -> State:
    return {"Type": "Fail", "Error": ENDED, "Cause": query(cause)}


def _by_table(
    tool: str, request: Mapping[str, str], within: timedelta | None, deployment: Deployment
) -> dict[str, Any]:
    """The item holds the token: nothing must poll. Its key and its other words are those of contracts/approval.py."""
    texts = {name: fragment for name, fragment in request.items() if name != "input"}
    item = {
        **texts,
        "effect_id": EFFECT_ID,
        "request": f"$string({record(**request)})",
        "task_token": "$states.context.Task.Token",
    }
    delete_at = f"$string($floor({_expires_ms(within)} / 1000) + {KEPT_DAYS * 86_400})"
    return {
        "Type": "Task",
        "Comment": "A person decides, within what the run has left at most.",
        "Resource": deployment.integration("aws-sdk:dynamodb:putItem.waitForTaskToken"),
        "Arguments": {
            "TableName": deployment.approvals_table,
            "Item": {
                **{name: {"S": query(fragment)} for name, fragment in item.items()},
                WAITING: {"S": UNDECIDED},
                DELETE_AT: {"N": query(delete_at)},
            },
        },
        "Retry": TABLE,
        "TimeoutSeconds": _timeout(within),
        "Output": asked(_DECIDED),
        "Catch": catching(asked(_UNDECIDED), "Not approved"),
        "Next": f"Decision {tool}",
    }


def _timeout(within: timedelta | None) -> str:
    return timeout(within.total_seconds()) if within else query(SECONDS_LEFT)


_SHOWN_WHOLE = (
    rf"""$assert($not($contains($replace($string({CALL_INPUT}), /"([^"\\]|\\.)*"/, ''), /[0-9]{{16}}|[0-9]e/)), """
    "'A number of the input has more digits than a person would be shown.')"
)
"""Numbers are doubles: nobody approves 1234567890123456800 where 1234567890123456789 would be run."""
_DECISION = (
    f"$d.input_hash = {INPUT_HASH} ? ($d.decision in {either(('approve', 'reject', 'answer'))} ? $d.decision : "
    "$d.decision = 'edit' and $type($d.input) = 'object' ? "
    f"({fits('$string($d.input)', '$max_result_bytes / 4')} ? 'edit' : 'invalid') : 'invalid') : 'invalid'"
)
_DECIDED = (
    "($d := $type($states.result) = 'object' ? $states.result : {}; "
    f"$decision := {_DECISION}; $reason := $exists($d.reason) ? $d.reason : ''; "
    + record(
        input="$decision = 'edit' ? $d.input",
        said=cut("$reason", "$max_result_bytes / 2"),
        approval=record(
            decision="$decision",
            approver="$exists($d.approver) ? $substring($string($d.approver), 0, 100)",
            decided_at="$exists($d.decided_at) ? $substring($string($d.decided_at), 0, 40)",
            reason=f"$exists($d.reason) ? {cut('$d.reason', '$max_result_bytes / 8')}",
        ),
    )
    + ")"
)
"""A decision rebuilt from known fields; of an unknown kind, about another input or with a bad edit it is `invalid`."""
_UNDECIDED = record(
    approval=record(
        decision="$states.errorOutput.Error = 'States.Timeout' ? 'expired' : "
        "$states.errorOutput.Error = 'States.QueryEvaluationError' ? 'unclear' : 'failed'"
    ),
)
ENDED = "Stepsmith.ApprovalEnded"
"""The error that carries what became of an activity's request."""
CAUSE_BYTES = 32_000
"""Step Functions takes 32,768 characters of a Cause; bytes are never fewer."""
_LATE = json.dumps({"approval": {"decision": "expired"}})
_INVALID = json.dumps({"approval": {"decision": "invalid"}})
_SAID = f"($all := $string($states.input); {fits('$all', str(CAUSE_BYTES))} ? $all : {quote(_INVALID)})"
"""What is too long to be told whole is told as a decision that denies."""
_FAILED = record(approval=record(decision="'failed'"))
_HEARD = f"$states.errorOutput.Error = '{ENDED}' ? $parse($states.errorOutput.Cause) : {_FAILED}"
"""Total: none but this Parallel's own Fail states end it by that name, since Ask catches what a worker fails with."""
