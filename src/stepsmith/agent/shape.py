"""What the fields of an `Agent` must be: agent.py is checked when it is read, for whoever runs no type checker.

Whether the values make sense together (a model without a caller, a limit of zero) is lint's part.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from stepsmith.contracts import Limits

from .agent import Agent, Approval, Subagent, Toolbox


def faults(agent: Agent) -> Iterator[str]:
    """A sentence for each field that holds something else than it must."""
    for name, (fits, needed) in _FIELDS.items():
        value = getattr(agent, name)
        if not fits(value):
            yield f"{name} must be {needed}, not {value!r:.80}"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_list(value: Any, *kinds: type) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(each, kinds) for each in value)


def _is_number(value: Any, kinds: Any = int | float) -> bool:
    return isinstance(value, kinds) and not isinstance(value, bool) and math.isfinite(value)


def _is_schema(value: Any) -> bool:
    try:
        return isinstance(value, Mapping) and bool(json.dumps(value, allow_nan=False))
    except (TypeError, ValueError):
        return False


def _asks(value: Any) -> bool:
    if not isinstance(value, Approval):
        return value in ("always", "never")
    when, within = value.when is None or _is_text(value.when), value.within is None
    return when and (within or isinstance(value.within, timedelta)) and isinstance(value.activity, bool)


def _optional(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or fits(value)


_FIELDS: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "description": (_is_text, "a text that is not empty"),
    "model": (_is_text, "a text vendor:model-id"),
    "tools": (lambda value: _is_list(value, Toolbox, Subagent), "a list of toolbox(...) and subagent(...)"),
    "fallbacks": (lambda value: _is_list(value, str), "a list of texts vendor:model-id"),
    "output_schema": (_optional(_is_schema), "a dict of JSON Schema"),
    "approvals": (
        lambda value: isinstance(value, Mapping) and all(map(_asks, value.values())),
        'a dict from a tool\'s name to "always", "never" or Approval(when="...", within=timedelta(...))',
    ),
    "limits": (
        lambda value: isinstance(value, Limits) and all(map(_optional(_is_number), vars(value).values())),
        "Limits(...) of numbers",
    ),
    "max_output_tokens": (_optional(lambda value: _is_number(value, int) and value > 0), "a whole number over 0"),
    "temperature": (_optional(lambda value: _is_number(value) and value >= 0), "a number of at least 0"),
}
