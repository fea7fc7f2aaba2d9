"""How an execution stands: AWS's five statuses as a closed union. Only the last four are final."""

from __future__ import annotations

from dataclasses import dataclass

from .values import Json


@dataclass(frozen=True, slots=True)
class Running:
    """Effects are outstanding."""


@dataclass(frozen=True, slots=True)
class Succeeded:
    """A terminal state was reached; `output` is the output of the execution."""

    output: Json


@dataclass(frozen=True, slots=True)
class Failed:
    """A Fail state, or an error that nothing caught."""

    error: str | None
    cause: str | None


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The machine outlived its TimeoutSeconds: AWS gives neither error nor cause."""


@dataclass(frozen=True, slots=True)
class Aborted:
    """StopExecution, with what its caller said."""

    error: str | None
    cause: str | None


Status = Running | Succeeded | Failed | TimedOut | Aborted
