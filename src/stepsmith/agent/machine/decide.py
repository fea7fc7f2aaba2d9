"""Decide: after each model call and before its tools, the one place where limits are checked.

Answered, out of limits, tools wanted; the default is the one repair turn for an output that does not fit its schema,
whose message is the Choice's own Assign.
"""

from __future__ import annotations

from stepsmith.contracts.budgets import CHUNK_LIST_BYTES, HISTORY_STOP_EVENTS

from .ending import following
from .expressions import DEADLINE, NOW, TOKENS, State, either, query, record
from .results import block

_ANSWERED = "$count($calls) = 0"


def decide_state() -> State:
    return {
        "Type": "Choice",
        "Comment": "Finished, out of limits, tools wanted; the default is the one repair turn for an output that does "
        "not fit its schema. Limits: after the model, before its tools, whose calls get their result in Stop.",
        "Choices": [
            _stop(
                f"{_ANSWERED} and $answer.stop_reason in {either(('max_output_tokens', 'refusal', 'content_filter'))}",
                query("$answer.stop_reason"),
            ),
            {"Condition": query(f"{_ANSWERED} and $count($answer.output_errors) = 0"), "Next": "Finish"},
            _stop(f"{_ANSWERED} and $repaired", "output_invalid"),
            *(_stop(test, reason) for test, reason in _LIMITS),
            {"Condition": query("$count($calls) > 0"), "Next": "Use tools"},
        ],
        "Default": "Call model",
        "Assign": {"repaired": True, "transcript": following(_REPAIR)},
        "Output": {},
    }


def _stop(test: str, reason: str) -> State:
    return {"Condition": query(test), "Output": {"stop_reason": reason}, "Next": "Stop"}


_LIMITS = (
    ("$turn >= $limits.max_turns", "max_turns"),
    (f"({TOKENS} >= $limits.max_total_tokens) = true", "max_total_tokens"),
    ("($cost_usd >= $limits.max_cost_usd) = true", "max_cost_usd"),
    ("$price_unknown and $exists($limits.max_cost_usd)", "price_unknown"),
    (f"{NOW} >= {DEADLINE}", "deadline"),
    (
        f"$events >= {HISTORY_STOP_EVENTS} or $length($string($transcript.chunks)) > {CHUNK_LIST_BYTES}",
        "history_full",
    ),
)
_REPAIR = record(
    role="'user'",
    content="["
    + block(
        "'The answer does not fit the output schema: ' & $substring($join($answer.output_errors, '; '), 0, 2000)"
        " & ' Answer again, with the corrected JSON only.'"
    )
    + "]",
)
