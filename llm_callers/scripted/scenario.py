"""A scenario as a value, and what of its text is an expression. Files are read by `scenarios`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class ScriptedCall:
    """One call; `input` may hold expressions."""

    name: str
    input: Mapping[str, Any]
    line: int


@dataclass(frozen=True)
class Turn:
    """One assistant message: text (perhaps an expression), calls, or both."""

    say: str | None
    calls: tuple[ScriptedCall, ...]
    line: int


@dataclass(frozen=True)
class Scenario:
    name: str
    question: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True)
class Problem:
    """Something wrong in a scenario file: where (line from 1), what, and the remedy."""

    path: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


class ScenarioError(ValueError):
    """A scenario file that cannot be played; `problems` are all that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def is_expression(text: str) -> bool:
    stripped = text.strip()
    return stripped.startswith("{%") and stripped.endswith("%}") and len(stripped) >= len("{%%}")


def expression(text: str) -> str:
    """The JSONata of a text that is an expression."""
    return text.strip()[2:-2].strip()
