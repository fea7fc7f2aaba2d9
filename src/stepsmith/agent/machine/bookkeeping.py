"""What a model's answer changes: the Assign of Call model, which is the whole bookkeeping of a turn.

The caller answers with one assistant message; the machine appends it, and its calls are its own tool_use blocks. An
answer out of contract fails the run right here, in a Task, where a redrive can ask again.
"""

from __future__ import annotations

from typing import Any

from stepsmith.contracts import File, Image, ModelAnswer, Text, Thinking, ToolUse, Usage
from stepsmith.contracts.budgets import MESSAGE_BYTES, OUTPUT_BYTES, RESULT_BYTES, RESULTS_BYTES
from stepsmith.contracts.codec import fields

from .conforms import conforms, field_conforms
from .events import CALL_MODEL, MAP, RETRY
from .expressions import either, fits, query, record

ASIDE_CHARACTERS = 2_000
"""Text beside calls that is kept as the best answer so far."""
MAX_ID_CHARACTERS = 256
"""Of a call's id: it comes back in the result."""
USAGE = tuple(Usage().to_json())
"""The four counts of usage."""
Said = Text | ToolUse | Image | File | Thinking
"""The blocks of an assistant's message."""

_P = "$states.result.Payload"
_USES = f"{_P}.message.content[type='tool_use']"
_CHUNK = f"{_P}.chunk"
_PRICED = f"$type({_P}.cost_usd) = 'number'"


def bookkeeping(call_events: int) -> dict[str, Any]:
    """The run's variables after an answer; `call_events` is an upper estimate of the events of one tool call."""
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


_THROUGH = f"($exists({_CHUNK}) ? {_CHUNK}.through : 0)"


def _asserts() -> str:
    """What the machine relies on: the answer's fields by their contract, and the rules between them."""
    rules = {
        "message must be {role: assistant, content: [blocks]}": (
            f"$type($m) = 'object' ? $m.role = 'assistant' and {conforms(tuple[Said, ...], '$m.content')} : false"
        ),
        "the ids of calls must differ and be short": (
            f"$count($distinct($uses.id)) = $count($uses) and $count($uses[$length(id) > {MAX_ID_CHARACTERS}]) = 0"
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

_STOPS = either(("end_turn", "tool_use", "max_output_tokens", "refusal", "content_filter"))
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
