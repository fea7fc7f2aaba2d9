"""Call model and what follows when it fails: wait, the next model, the last attempt.

The caller answers with one assistant message; the machine appends it. The task's Assign is the whole bookkeeping of a
turn, and it checks the answer: one that is out of contract fails the run here, in a Task, where a redrive goes on.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from stepsmith.agent.deployment import Deployment
from stepsmith.contracts import File, Image, ModelAnswer, Text, Thinking, ToolUse, Usage
from stepsmith.contracts.budgets import MESSAGE_BYTES, OUTPUT_BYTES, RESULT_BYTES, RESULTS_BYTES
from stepsmith.contracts.codec import fields

from .conforms import conforms, field_conforms
from .events import CALL_MODEL, MAP, RETRY, WAIT
from .expressions import (
    DEADLINE,
    DEADLINE_TIME,
    NOW,
    RUN_ID,
    TOKENS,
    State,
    either,
    fits,
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
ASIDE_CHARACTERS = 2_000
"""Text beside calls that is kept as the best answer so far."""

_P = "$states.result.Payload"
_USES = f"{_P}.message.content[type='tool_use']"


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
        "Assign": _bookkeeping(call_events),
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


def _bookkeeping(call_events: int) -> dict[str, Any]:
    return {
        "turn": query("$turn + 1"),
        "transcript": {
            "chunks": query(f"[$transcript.chunks, {_CHUNK}.uri]"),
            "tail": query(f"[$filter($transcript.tail, function($m, $i) {{$i >= {_THROUGH}}}), {_P}.message]"),
        },
        "calls": query(_CALLS),
        "max_result_bytes": query(f"$min([{RESULT_BYTES}, $floor({RESULTS_BYTES} / $max([1, $count({_USES})]))])"),
        "answer": query(_ANSWER),
        "usage": {name: query(f"$sum([$usage.{name}, {_P}.usage.{name}])") for name in USAGE},
        "cost_usd": query(f"{_PRICED} ? $round($cost_usd + {_P}.cost_usd, 9) : $cost_usd"),
        "price_unknown": query(f"$price_unknown or $not({_PRICED})"),
        "events": query(
            f"$events + {CALL_MODEL} + {RETRY} * $states.context.State.RetryCount"
            f" + ($count({_USES}) > 0 ? {MAP} + {call_events} * $count({_USES}) : 0)"
        ),
        "waits": 0,
    }


USAGE = tuple(Usage().to_json())
_PRICED = f"$type({_P}.cost_usd) = 'number'"
_CHUNK = f"{_P}.chunk"
_THROUGH = f"($exists({_CHUNK}) ? {_CHUNK}.through : 0)"
_STOPS = either(("end_turn", "tool_use", "max_output_tokens", "refusal", "content_filter"))

MAX_ID = 256
"""Characters of a call's id: it comes back in the result."""


Said = Text | ToolUse | Image | File | Thinking
"""The blocks of an assistant's message."""


def _asserts() -> str:
    """What the machine relies on: the answer's fields by their contract, and the rules between them."""
    rules = {
        "message must be {role: assistant, content: [blocks]}": (
            f"$type($m) = 'object' ? $m.role = 'assistant' and {conforms(tuple[Said, ...], '$m.content')} : false"
        ),
        "the ids of calls must differ and be short": (
            f"$count($distinct($uses.id)) = $count($uses) and $count($uses[$length(id) > {MAX_ID}]) = 0"
        ),
        "message is over its budget of bytes": fits("$string($m)", str(MESSAGE_BYTES)),
        **{
            f"{field.name} is malformed": field_conforms(field, f"$p.{field.name}")
            for field in fields(ModelAnswer)
            if field.name in ("usage", "cost_usd", "chunk", "output_errors")
        },
    }
    return "; ".join(f"$assert({test}, 'The model caller is out of contract: {why}.')" for why, test in rules.items())


_CALLS = f"($p := {_P}; $m := $p.message; $uses := [$m.content[type='tool_use']]; {_asserts()}; $uses)"

_TEXT = f"$join([{_P}.message.content[type='text'].text], '\\n')"
_ERRORS = f"$map([{_P}.output_errors], function($e) {{$substring($string($e), 0, 500)}})"
_ANSWER = (
    f"($text := {_TEXT}; $output := $exists({_P}.output) ? {_P}.output : $text = '' ? $answer.output : "
    f"$count({_USES}) > 0 ? $substring($text, 0, {ASIDE_CHARACTERS}) : $text; "
    f"$assert({fits('$string([$output])', str(OUTPUT_BYTES + 2))}, "
    "'The model caller is out of contract: output is over its budget of bytes.'); "
    + record(
        output="$output",
        output_errors=f"[{_ERRORS}]",
        stop_reason=f"{_P}.stop_reason in {_STOPS} ? {_P}.stop_reason : 'end_turn'",
    )
    + ")"
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
