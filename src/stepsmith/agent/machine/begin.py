"""Begin: a malformed run input fails by the name of its field; anything else becomes the run's variables.

It is a Choice, so that neither costs a transition: its rules lead to Invalid input, its default's Assign makes the
variables. The checks are those of `stepsmith.contracts.RunInput`, as total expressions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stepsmith.agent.agent import Agent
from stepsmith.contracts import Limits
from stepsmith.contracts.budgets import OUTPUT_BYTES, RUN_INPUT_BYTES

from .expressions import RUN_ID, State, either, fits, literal, query, quote, record

_INPUT = "$states.input"
_KNOWN = (
    *("prompt", "messages", "transcript", "model", "limits", "session_id", "max_output_bytes", "metadata"),
    "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID",
)
_BLOCKS = ("text", "tool_use", "tool_result", "image", "file", "thinking")
_BLOCK = f"$type($b) = 'object' ? $b.type in {either(_BLOCKS)} : false"
_MESSAGE = (
    "$type($m) != 'object' ? false : $type($m.content) != 'array' ? false : "
    "$m.role in ['user', 'assistant'] "
    f"and $count($filter($m.content, function($b) {{$not({_BLOCK})}})) = 0"
)


def begin_states(agent: Agent, artifacts: str, request: Mapping[str, Any], callers: Sequence[str]) -> dict[str, State]:
    """Begin and where a bad input ends; `artifacts` is the agent's prefix, `request` the model request's fixed part."""
    begin = {
        "Type": "Choice",
        "Comment": "A bad input fails by the name of its field; the default assigns the run's variables. "
        "Limits are the agent's, narrowed by the input.",
        "Choices": [_refusal(*check) for check in _checks(callers)],
        "Assign": _variables(agent, artifacts, request),
        "Output": {},
        "Default": "Call model",
    }
    invalid = {"Type": "Fail", "Error": "InvalidRunInput", "Cause": query(f"{_INPUT}.cause")}
    return {"Begin": begin, "Invalid input": invalid}


def _refusal(good: str, cause: str) -> State:
    return {
        "Condition": query(f"$not(({good}) = true)"),
        "Output": {"cause": query(cause)},
        "Next": "Invalid input",
    }


def _checks(callers: Sequence[str]) -> Iterator[tuple[str, str]]:
    """What must hold, in order, and what is said where it does not."""
    yield f"$type({_INPUT}) = 'object'", "'the input must be an object with prompt or messages'"
    unknown = f"$keys({_INPUT})[$not($ in {either(_KNOWN)})]"
    yield f"$count({unknown}) = 0", f"'no such field: ' & $substring({unknown}[0], 0, 80)"
    yield fits(f"$string({_INPUT})", str(RUN_INPUT_BYTES)), f"'the input is over {RUN_INPUT_BYTES // 1024} KiB'"
    yield _field("prompt", "$type($v) = 'string'"), "'prompt: a text is needed'"
    yield _field("messages", _messages("$v")), f"'messages: {_MESSAGE_SENTENCE}'"
    yield f"$exists({_INPUT}.prompt) or $count({_INPUT}.messages) > 0", "'prompt or messages: one of them is needed'"
    yield _field("transcript", "$type($v) = 'object'"), "'transcript: an object with chunks and tail is needed'"
    yield (
        _field("transcript.chunks", _array("$v", "$type($x) = 'string'")),
        "'transcript.chunks: an array of URIs is needed'",
    )
    yield _field("transcript.tail", _messages("$v")), f"'transcript.tail: {_MESSAGE_SENTENCE}'"
    yield (
        _field("model", _model(callers)),
        f"'model: no caller for ' & {_shown('model')} & '; there are {_ids(callers)}'",
    )
    yield _field("limits", "$type($v) = 'object'"), "'limits: an object is needed'"
    for name, least, whole in _LIMITS:
        kind = "whole number" if whole else "number"
        yield (
            _field(f"limits.{name}", _number(least, whole)),
            f"'limits.{name}: a {kind} of at least {least} is needed'",
        )
    names = either(tuple(name for name, _, _ in _LIMITS))
    unknown = f"$keys({_INPUT}.limits)[$not($ in {names})]"
    yield f"$count({unknown}) = 0", f"'limits: no such field: ' & $substring({unknown}[0], 0, 80)"
    yield _field("session_id", "$type($v) = 'string'"), "'session_id: a text is needed'"
    yield _field("max_output_bytes", _number(1, True)), "'max_output_bytes: a whole number of at least 1 is needed'"
    yield _field("metadata", "$type($v) = 'object'"), "'metadata: an object is needed'"


_MESSAGE_SENTENCE = "an array of messages is needed, each {role: user or assistant, content: [blocks]}"
_LIMITS = (
    ("max_turns", 1, True),
    ("max_total_tokens", 0, True),
    ("max_cost_usd", 0, False),
    ("deadline_seconds", 0, False),
)


def _field(path: str, good: str) -> str:
    """Whether a field is absent or `good`, which sees it as $v."""
    return f"($v := {_INPUT}.{path}; $exists($v) ? ({good}) : true)"


def _array(fragment: str, each: str) -> str:
    """Whether a value is an array whose items, seen as $x, all are good."""
    return f"$type({fragment}) = 'array' ? $count($filter({fragment}, function($x) {{$not({each})}})) = 0 : false"


def _messages(fragment: str) -> str:
    return _array(fragment, f"($m := $x; {_MESSAGE})")


def _number(least: int, whole: bool) -> str:
    return f"$type($v) = 'number' ? $v >= {least}{' and $v = $floor($v)' if whole else ''} : false"


def _model(callers: Sequence[str]) -> str:
    return (
        f"$type($v) = 'string' ? $contains($v, ':') and $substringBefore($v, ':') in {either(tuple(callers))} : false"
    )


def _shown(path: str) -> str:
    return f"$substring($string({_INPUT}.{path}), 0, 80)"


def _ids(callers: Sequence[str]) -> str:
    return ", ".join(f"{vendor}:ID" for vendor in callers)


def _variables(agent: Agent, artifacts: str, request: Mapping[str, Any]) -> dict[str, Any]:
    model = f"$exists({_INPUT}.model) ? {_INPUT}.model : {quote(agent.model)}"
    others = "".join(f", {quote(each)}" for each in agent.fallbacks)
    return {
        "request": literal(request),
        "artifacts": query(f"{quote(artifacts)} & {RUN_ID} & '/'"),
        "models": query(f"[{model}{others}]"),
        "model": 0,
        "limits": query(_narrowed(agent.bounds)),
        "max_output_bytes": query(f"$min([{OUTPUT_BYTES}, {_INPUT}.max_output_bytes])"),
        "transcript": {
            "chunks": query(f"[{_INPUT}.transcript.chunks]"),
            "tail": query(f"[{_INPUT}.transcript.tail, {_INPUT}.messages, {_PROMPT}]"),
        },
        "tainted": query(_TAINTED),
        "turn": 0,
        "events": 3,
        "calls": [],
        "max_result_bytes": 1,
        "answer": {"output": None},
        "usage": {"input_tokens": 0, "output_tokens": 0, "cache_read_tokens": 0, "cache_write_tokens": 0},
        "cost_usd": 0,
        "price_unknown": False,
        "repaired": False,
        "waits": 0,
    }


_PROMPT = f"$exists({_INPUT}.prompt) ? {{'role': 'user', 'content': [{{'type': 'text', 'text': {_INPUT}.prompt}}]}}"
_TAINTED = (
    f"$count({_INPUT}.transcript.chunks) > 0 or "
    f"$count([{_INPUT}.transcript.tail, {_INPUT}.messages].content[untrusted = true]) > 0"
)
"""What an earlier run's chunks hold cannot be seen here, so they count as untrusted."""


def _narrowed(limits: Limits) -> str:
    """The smaller of the agent's limit and the input's; a limit that neither sets is left out."""
    return record(
        max_turns=_least("max_turns", limits.max_turns),
        max_total_tokens=_least("max_total_tokens", limits.max_total_tokens),
        max_cost_usd=_least("max_cost_usd", limits.max_cost_usd),
        deadline_seconds=f"$max([1, $ceil({_least('deadline_seconds', limits.deadline_seconds)})])",
    )


def _least(name: str, own: float | None) -> str:
    """`$min` passes over what is undefined."""
    return f"$min([{'' if own is None else f'{own!r}, '}{_INPUT}.limits.{name}])"
