"""Begin: a malformed run input fails by the name of its field; anything else becomes the run's variables.

It is a Choice, so that neither costs a transition: its rules lead to Invalid input, its default's Assign makes the
variables. The checks are those of `stepsmith.contracts.RunInput`, as total expressions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stepsmith.agent.agent import Agent
from stepsmith.contracts import Limits, RunInput
from stepsmith.contracts.budgets import OUTPUT_BYTES, RUN_INPUT_BYTES
from stepsmith.contracts.codec import fields

from .conforms import field_conforms
from .expressions import RUN_ID, State, either, fits, literal, query, quote, record

_INPUT = "$states.input"
_ADDED_BY_AWS = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
_NEEDED = {
    "prompt": "a text",
    "messages": "an array of messages {role: user or assistant, content: [blocks]}",
    "transcript.chunks": "an array of URIs",
    "transcript.tail": "an array of messages {role: user or assistant, content: [blocks]}",
    "model": "a text vendor:model-id",
    "limits.max_turns": "a whole number of at least 1",
    "limits.max_total_tokens": "a whole number of at least 0",
    "limits.max_cost_usd": "a number of at least 0",
    "limits.deadline_seconds": "a number of at least 0",
    "session_id": "a text",
    "max_output_bytes": "a whole number of at least 1",
    "metadata": "an object",
}


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
    yield _only_known(_INPUT, (*_names(RunInput), _ADDED_BY_AWS), "")
    yield fits(f"$string({_INPUT})", str(RUN_INPUT_BYTES)), f"'the input is over {RUN_INPUT_BYTES // 1024} KiB'"
    yield from _fields_fit(RunInput, "")
    yield f"$exists({_INPUT}.prompt) or $count({_INPUT}.messages) > 0", "'prompt or messages: one of them is needed'"
    yield _only_known(f"{_INPUT}.limits", _names(Limits), "limits: ")
    ids = ", ".join(f"{vendor}:ID" for vendor in callers)
    known = f"$contains($v, ':') and $substringBefore($v, ':') in {either(tuple(callers))}"
    shown = f"$substring({_INPUT}.model, 0, 80)"
    yield (
        f"($v := {_INPUT}.model; $exists($v) ? {known} : true)",
        f"'model: no caller for ' & {shown} & '; there are {ids}'",
    )


def _fields_fit(contract: Any, above: str) -> Iterator[tuple[str, str]]:
    """Each field by the contract's own type; of an object within, each of its fields."""
    for field in fields(contract):
        path = f"{above}{field.name}"
        if path in _NEEDED:
            test = field_conforms(field, "$v")
            yield f"($v := {_INPUT}.{path}; {test})", f"'{path}: {_NEEDED[path]} is needed'"
        else:
            yield (
                f"($v := {_INPUT}.{path}; $exists($v) ? $type($v) = 'object' : true)",
                f"'{path}: an object is needed'",
            )
            yield from _fields_fit(field.type, f"{path}.")


def _names(contract: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(contract))


def _only_known(fragment: str, names: tuple[str, ...], where: str) -> tuple[str, str]:
    unknown = f"$keys({fragment})[$not($ in {either(names)})]"
    return f"$count({unknown}) = 0", f"'{where}no such field: ' & $substring({unknown}[0], 0, 80)"


def _variables(agent: Agent, artifacts: str, request: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "request": literal(request),
        "artifacts": query(f"{quote(artifacts)} & {RUN_ID} & '/'"),
        "models": query(_models(agent)),
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


def _models(agent: Agent) -> str:
    """The input's model, else the agent's, then its fallbacks; a scripted model plays alone, at no cost."""
    given = f"{_INPUT}.model"
    scripted = f"$exists({given}) ? $substringBefore({given}, ':') = 'scripted' : false"
    first = f"$exists({given}) ? {given} : {quote(agent.model)}"
    fallbacks = f", ({scripted}) ? [] : {quote(list(agent.fallbacks))}" if agent.fallbacks else ""
    return f"[{first}{fallbacks}]"


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
