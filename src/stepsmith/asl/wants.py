"""What the generators of states yield, and what they are answered.

A state never acts: it yields a want and goes on with the answer. `execution.py` is the only place that answers.

    Record      an event of the history                -> its id
    Perform     a task                                 -> the first Outcome of it
    Listen      the next Outcome of the same task      -> Outcome
    Distribute  the children of a distributed Map      -> the Outcome of the Map Run
    Pause       until a time                           -> nothing
    Fork        branches, some at once                 -> Joined, or StateError when too many failed
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from .effects import RunMap
from .errors import StateError
from .values import Json


class Record(NamedTuple):
    """`facts` are the event's raw details. `advance`: whether the next event names this one as its previous."""

    type: str
    facts: dict[str, Json] | None = None
    advance: bool = True


@dataclass(frozen=True, slots=True)
class Perform:
    """Becomes an Invoke effect."""

    resource: str
    arguments: Json
    timeout_seconds: int | None
    heartbeat_seconds: int | None
    task_token: str | None


@dataclass(frozen=True, slots=True)
class Distribute:
    """Becomes the RunMap effect that `effect` makes with its number."""

    effect: Callable[[int], RunMap]


@dataclass(frozen=True, slots=True)
class Listen:
    """The task said that it goes on; wait for what it says next."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Becomes a Sleep effect."""

    until_ms: int


@dataclass(frozen=True, slots=True)
class Fork:
    """Runs one generator a branch, at most `at_once` at a time (0: all), and joins their results.

    `tolerated` failures are let pass; the first one more is thrown into whoever forked.
    """

    branches: Sequence[Callable[[], Steps[Json]]]
    at_once: int = 0
    tolerated: int = 0


@dataclass(frozen=True, slots=True)
class Joined:
    """The results in the order of the branches, and the failures that were tolerated, by index."""

    results: list[Json]
    failures: dict[int, StateError]


class Abandoned(BaseException):
    """Thrown into a branch that nobody waits for any more; it may still record, then must end."""


Want = Record | Perform | Distribute | Listen | Pause | Fork

Result = TypeVar("Result")
Steps = Generator[Want, Any, Result]
