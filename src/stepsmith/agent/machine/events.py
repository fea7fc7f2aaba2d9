"""An upper estimate of history events, from the definition itself: the longest way through, every retry used.

Counted per state as Step Functions writes them: a Task has entered, scheduled, started, ended and exited, each retry
three more; a Choice, Pass, Wait or Succeed has entered and exited.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .expressions import State

RETRY = 3
"""Scheduled, started, failed."""
PASSING = 2
UNUSUAL = 2
"""Submitted, and an expression that fails."""
TASK = 5
CALL_MODEL = TASK + PASSING
"""Call model and Decide."""
WAIT = CALL_MODEL + PASSING
"""A failed Call model, Model failed, Wait for the vendor."""
MAP = 5
"""Use tools: entered, started, succeeded, exited, and one for an expression that fails."""
ITERATION = 2
PARALLEL = 5


def call_events(processor: Mapping[str, Any]) -> int:
    """The most events of one iteration of Use tools."""
    return ITERATION + _longest(processor["StartAt"], processor["States"])


def _longest(name: str, states: Mapping[str, State]) -> int:
    state = states[name]
    return _events(state) + max((_longest(following, states) for following in successors(state)), default=0)


def successors(state: Mapping[str, Any]) -> list[str]:
    """The states that may come next."""
    rules = [*state.get("Choices", ()), *state.get("Catch", ())]
    names = [state.get("Next"), state.get("Default"), *(rule["Next"] for rule in rules)]
    return [name for name in names if name]


def _events(state: Mapping[str, Any]) -> int:
    match state["Type"]:
        case "Task":
            retries: int = sum(each["MaxAttempts"] for each in state.get("Retry", ()))
            return TASK + UNUSUAL + RETRY * retries
        case "Parallel":
            return PARALLEL + sum(_longest(branch["StartAt"], branch["States"]) for branch in state["Branches"])
        case _:
            return PASSING
