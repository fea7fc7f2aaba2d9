"""The run's output: an answer without calls, held against the agent's ``output_schema``.

JSON is taken from the text as it stands, or from its one fenced block (models write these even when told not to).
The errors are sentences for the model, which gets one turn to repair its answer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stepsmith.contracts import Message
from stepsmith.contracts.budgets import json_bytes

from .replies import preview

MAX_ERRORS = 10
MAX_ERROR_CHARACTERS = 500
_FENCED = re.compile(r"```(?:json)?\s*\n(.*?)\n\s*```", re.DOTALL)

Keep = Callable[[bytes, str], str]
"""Stores data of a media type in the artifact store and gives its URI."""


@dataclass(frozen=True)
class Output:
    """What the run's output is: `value` (None: the message's text), or the `errors` that say why there is none."""

    value: Any = None
    errors: tuple[str, ...] | None = None


def output(message: Message, schema: Mapping[str, Any] | None, max_bytes: int, keep: Keep) -> Output:
    """The output of an answer. One over `max_bytes` of JSON goes to the artifact store: data is then its URI,
    a text its beginning with the URI."""
    if message.calls:
        return Output()
    return (
        _text_output(message.text, max_bytes, keep)
        if schema is None
        else _data_output(message.text, schema, max_bytes, keep)
    )


def _text_output(text: str, max_bytes: int, keep: Keep) -> Output:
    if json_bytes(text) <= max_bytes:
        return Output()
    return Output(preview(text, keep(text.encode("utf-8", "replace"), "text/markdown"), max_bytes))


def _data_output(text: str, schema: Mapping[str, Any], max_bytes: int, keep: Keep) -> Output:
    try:
        value = parsed(text)
    except ValueError as error:
        return Output(errors=(f"The answer must be one JSON value and nothing else: {error}",))
    if errors := violations(value, schema):
        return Output(errors=errors)
    if json_bytes(value) <= max_bytes:
        return Output(value)
    return Output(keep(json.dumps(value, ensure_ascii=False).encode("utf-8", "replace"), "application/json"))


def parsed(text: str) -> Any:
    """The JSON of an answer. Raises `ValueError`."""
    fenced = _FENCED.findall(text)
    return json.loads(fenced[0] if len(fenced) == 1 else text, parse_constant=_no_constant)


def violations(value: Any, schema: Mapping[str, Any]) -> tuple[str, ...]:
    """What of `value` does not fit `schema`, as sentences with JSON Pointers; empty where it fits."""
    from stepsmith.validation import Fault, Schema, TooDeep  # Only answers with a schema need it.

    try:
        faults = Schema(schema).faults(value, MAX_ERRORS)
    except TooDeep as error:
        faults = (Fault((), str(error)),)
    return tuple(f"/{'/'.join(map(str, fault.path))}: {fault.message}"[:MAX_ERROR_CHARACTERS] for fault in faults)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
