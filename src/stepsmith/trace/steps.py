"""What happens in a run, one frozen value each, in the order of the history. Times are seconds since 1970."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stepsmith.contracts import ApprovalRequest, ModelAnswer, RunOutput, ToolResult


@dataclass(frozen=True)
class Began:
    """The run started; `input` is the run input as it came, valid or not."""

    at: float
    input: Any


@dataclass(frozen=True)
class ModelAsked:
    at: float
    turn: int
    model: str


@dataclass(frozen=True)
class ModelAnswered:
    at: float
    turn: int
    answer: ModelAnswer


@dataclass(frozen=True)
class Asked:
    """A person is asked about a call: in the table of approvals, or (`activity`, its ARN) by a worker."""

    at: float
    request: ApprovalRequest
    activity: str | None = None


@dataclass(frozen=True)
class ToolCalled:
    """A tool or a sub-agent began. A call that is answered without one (refused, unknown, denied) has no such step."""

    at: float
    id: str
    name: str
    input: Mapping[str, Any]


@dataclass(frozen=True)
class ToolAnswered:
    at: float
    result: ToolResult


@dataclass(frozen=True)
class Retried:
    """An attempt failed and was, or will be, made again or answered for. `what` is the model or tool."""

    at: float
    what: str
    error: str
    cause: str


@dataclass(frozen=True)
class Waited:
    """The machine waits: a vendor asked for patience."""

    at: float


@dataclass(frozen=True)
class Ended:
    """Completed or stopped, in order."""

    at: float
    output: RunOutput


@dataclass(frozen=True)
class Failed:
    """The execution failed, timed out or was aborted; `status` is AWS's word for it."""

    at: float
    status: str
    error: str
    cause: str


Step = Began | ModelAsked | ModelAnswered | Asked | ToolCalled | ToolAnswered | Retried | Waited | Ended | Failed
