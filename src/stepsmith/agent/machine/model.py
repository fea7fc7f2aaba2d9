"""Call model and what follows when it fails: wait, the next model, the last attempt.

A vendor that asks for patience is waited for, one that is down is replaced by the agent's next model. What nobody can
mend by waiting fails the run in a Task, where RedriveExecution goes on once somebody has acted.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepsmith.agent.deployment import Deployment

from .bookkeeping import bookkeeping
from .events import RETRY, WAIT
from .expressions import (
    DEADLINE,
    DEADLINE_TIME,
    NOW,
    RUN_ID,
    TOKENS,
    State,
    either,
    query,
    quote,
    record,
    timeout,
)
from .retries import CALLER, DIED, PLATFORM, VENDOR_DOWN, VENDOR_WAITS

CALLER_SECONDS = 600
"""The longest timeout of a model caller's Lambda; its task has ten seconds more."""
MAX_WAITS = 5
LONGEST_WAIT_SECONDS = 120


def model_states(deployment: Deployment, callers: Sequence[str], call_events: int) -> dict[str, State]:
    """The four states around a model call; `call_events` is an upper estimate of the events of one tool call."""
    ask = _ask(deployment, callers, call_events)
    caught = [*VENDOR_WAITS, *VENDOR_DOWN, "RunCancelled", *DIED, *PLATFORM]
    return {
        "Call model": {
            "Type": "Task",
            "Comment": "The vendor's caller Lambda answers with one assistant message. "
            "Errors not caught here fail the run where a redrive can go on.",
            **ask,
            "Catch": [_to_model_failed(caught)],
        },
        "Model failed": _model_failed(),
        "Wait for the vendor": {
            "Type": "Wait",
            "Comment": "As long as the vendor asked for, and up to two seconds of jitter.",
            "Seconds": query("$states.input.seconds + $floor(3 * $random())"),
            "Output": {},
            "Next": "Call model",
        },
        "Last attempt": {
            "Type": "Task",
            "Comment": "No model of the list answered. Only a cancel is caught: the execution fails in this state, "
            "and RedriveExecution continues the conversation from it.",
            **ask,
            "Catch": [_to_model_failed(["RunCancelled"])],
        },
    }


def _ask(deployment: Deployment, callers: Sequence[str], call_events: int) -> dict[str, Any]:
    arns = {vendor: deployment.caller_arn(vendor) for vendor in callers}
    return {
        "Resource": deployment.integration("lambda:invoke"),
        "TimeoutSeconds": timeout(CALLER_SECONDS + 10),
        "Arguments": {
            "FunctionName": query(f"$lookup({quote(arns)}, $substringBefore($models[$model], ':'))"),
            "Payload": query(f"$merge([$request, {_REQUEST}])"),
        },
        "Retry": CALLER,
        "Assign": bookkeeping(call_events),
        "Output": {},
        "Next": "Decide",
    }


_FINAL = (
    f"$turn + 1 >= $limits.max_turns or {TOKENS} >= 0.9 * $limits.max_total_tokens "
    "or $cost_usd >= 0.9 * $limits.max_cost_usd"
)
_REQUEST = record(
    run_id=RUN_ID,
    turn="$turn + 1",
    model="$models[$model]",
    transcript="$transcript",
    max_output_bytes="$max_output_bytes",
    deadline=DEADLINE_TIME,
    final=_FINAL,
)


def _to_model_failed(errors: list[str]) -> State:
    return {
        "ErrorEquals": errors,
        "Assign": {"events": query(f"$events + {WAIT} + {RETRY} * $states.context.State.RetryCount")},
        "Output": {"error": query("$states.errorOutput.Error"), "seconds": query(_SECONDS)},
        "Next": "Model failed",
    }


_SECONDS = (
    "($hint := $match($string($states.errorOutput.Cause), /retry_after=([0-9]{1,6})/)[0]; "
    "$exists($hint) ? $number($hint.groups[0]) : $power(2, $waits + 1))"
)
"""What the vendor asked for; without a word of it 2, 4, 8 .. seconds. Never $parse a Cause: it may be no JSON."""


def _model_failed() -> State:
    error, seconds = "$states.input.error", "$states.input.seconds"
    in_time = f"{NOW} + 1000 * {seconds} < {DEADLINE}"
    return {
        "Type": "Choice",
        "Comment": f"Wait as long as the vendor asked for, at most {MAX_WAITS} times; else the next model; "
        "else the last attempt.",
        "Choices": [
            {
                "Condition": query(f"{error} = 'RunCancelled'"),
                "Output": {"stop_reason": "cancelled"},
                "Next": "Stop",
            },
            {
                "Condition": query(f"{NOW} >= {DEADLINE}"),
                "Output": {"stop_reason": "deadline"},
                "Next": "Stop",
            },
            {
                "Condition": query(
                    f"{error} in {either(VENDOR_WAITS)} and $waits < {MAX_WAITS} "
                    f"and {seconds} <= {LONGEST_WAIT_SECONDS} and {in_time}"
                ),
                "Assign": {"waits": query("$waits + 1")},
                "Next": "Wait for the vendor",
            },
            {
                "Condition": query("$model + 1 < $count($models)"),
                "Assign": {"model": query("$model + 1"), "waits": 0},
                "Output": {},
                "Next": "Call model",
            },
        ],
        "Default": "Last attempt",
    }
