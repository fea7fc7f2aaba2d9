"""A definition that has passed every check, ready to run."""

from __future__ import annotations

from typing import Any

from .jsonata import Evaluator


class StateMachine:
    """See stepsmith.asl."""

    definition: dict[str, Any]


def load(definition: str | dict[str, Any], evaluator: Evaluator | None = None) -> StateMachine:
    """Parses, checks and compiles; raises DefinitionError."""
    raise NotImplementedError
