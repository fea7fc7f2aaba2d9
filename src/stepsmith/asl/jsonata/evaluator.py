"""The protocol between the interpreter and a JSONata engine."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from ..values import Json

MAX_MILLISECONDS = 1_000
"""How long one evaluation may take (Developer Guide, "Handling expression errors"). Counted in time of the thread's
processor, not on the wall clock: so that a replay on a busy machine does not meet the bound where the run did not."""

TIMEOUT = "Expression evaluation timeout"
MEMORY = "Expression evaluation memory limit exceeded"
STACK = "Stack overflow error: Check for non-terminating recursive function"
"""What AWS says of the three ways to run away; JSONata's code for them is U1001."""


class Deadline:
    """A bound on the thread's processor time, counted from when it is first asked: most evaluations never ask."""

    __slots__ = ("milliseconds", "seconds")

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds
        self.seconds: float | None = None

    def passed(self) -> bool:
        now = time.thread_time()
        if self.seconds is None:
            self.seconds = now + self.milliseconds / 1000
        return now > self.seconds

    def __lt__(self, now: float) -> bool:
        """An engine asks `time.monotonic() > deadline`."""
        return self.passed()


class Undefined:
    """JSONata's undefined: the absence of a value, which is not null."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = Undefined()


class SyntaxFault(ValueError):
    """An expression that does not parse, or uses what Step Functions refuses: what it does, and what to do instead."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


class EvaluationFailure(Exception):
    """An expression failed; the text is JSONata's message, led by its code: T2001: The left side of .."""


@dataclass(slots=True)
class Moment:
    """What an evaluation may know of the world: the logical time, and the random numbers of this execution."""

    now_ms: int
    random: random.Random


class Expression(Protocol):
    """A compiled expression.

    `text` is the source without its delimiters; `variables` are the names (without $) that it reads and does not bind
    itself, `functions` the names it calls and does not bind, `of_states` the members of $states it reads by name.
    """

    @property
    def text(self) -> str: ...
    @property
    def variables(self) -> frozenset[str]: ...
    @property
    def functions(self) -> frozenset[str]: ...
    @property
    def of_states(self) -> frozenset[str]: ...

    def evaluate(self, variables: Mapping[str, Json], moment: Moment) -> Json:
        """The value, or UNDEFINED; `variables` by name without $, `states` among them. Raises EvaluationFailure."""
        ...


class Evaluator(Protocol):
    """An engine: compiles expressions."""

    def compile(self, text: str) -> Expression:
        """Raises SyntaxFault."""
        ...
