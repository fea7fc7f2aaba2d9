"""What became of an effect: the answers that `Execution.resume` takes.

`Started` and `Submitted` are news of a task that goes on; the others end their effect.
"""

from __future__ import annotations

from dataclasses import dataclass

from .values import Json


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The raw result, as the integration answers it.

    `lambda:invoke`: `{"ExecutedVersion", "Payload", "StatusCode", ..}`; a function's own ARN or an activity: the
    payload; `states:startExecution.sync:2`: DescribeExecution's document with `Input` and `Output` parsed.
    """

    result: Json


@dataclass(frozen=True, slots=True)
class Failed:
    """The task failed: an error name (`Lambda.TooManyRequestsException`, a function's errorType) and its cause.

    Both are None where SendTaskFailure gave none.
    """

    error: str | None
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class TimedOut:
    """TimeoutSeconds passed, or (`heartbeat`) HeartbeatSeconds without one: `States.Timeout` for Retry and Catch."""

    cause: str | None = None
    heartbeat: bool = False


@dataclass(frozen=True, slots=True)
class ScheduleFailed:
    """The task could not be scheduled at all: no such activity, function or right."""

    error: str
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class SubmitFailed:
    """The request of a `.sync` or `.waitForTaskToken` task was refused by the service that it was made to."""

    error: str
    cause: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """An activity's worker took the task."""

    worker_name: str | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    """The request of a `.sync` or `.waitForTaskToken` task was accepted; `output` is the service's answer to it."""

    output: Json


@dataclass(frozen=True, slots=True)
class Slept:
    """The time of a Sleep has come."""


Outcome = Succeeded | Failed | TimedOut | ScheduleFailed | SubmitFailed | Started | Submitted | Slept
