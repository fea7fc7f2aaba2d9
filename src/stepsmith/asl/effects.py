"""What an execution asks the world to do, as frozen values.

`Execution.start` and `resume` return effects; whoever drives the interpreter performs them and answers each by
`resume(effect.id, outcome, now_ms)` with a value of `outcome.py`. Ids are counters of the execution, so a replay of
the same answers asks for the same effects under the same ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .values import Json


@dataclass(frozen=True, slots=True)
class Invoke:
    """Run a task.

    `resource` is the Resource of the state, untouched: `arn:aws:states:::lambda:invoke`, a function's or an activity's
    ARN, `arn:aws:states:::states:startExecution.sync:2`, with `.waitForTaskToken` where the state has it.
    The driver keeps both bounds (seconds, None: none) and answers `TimedOut` when one of them passes. For an activity
    both count from `Started`: until a worker has the task it waits as long as it takes (Developer Guide, "Task").
    `task_token` is set for `.waitForTaskToken`, `.sync` and activities: whoever finishes the task names it.
    """

    id: int
    resource: str
    arguments: Json
    timeout_seconds: int | None = None
    heartbeat_seconds: int | None = None
    task_token: str | None = None


@dataclass(frozen=True, slots=True)
class RunMap:
    """Run a distributed Map: one child execution of `definition` for each of `items`, which are the children's inputs.

    At most `at_once` at a time (0: no bound). The Map Run fails as soon as more than `tolerated` children failed, timed
    out or were stopped. Answer `Succeeded` with the list of the outputs of the children that succeeded, in the order of
    their items; or `Failed("States.ExceedToleratedFailureThreshold", "The specified tolerated failure threshold was
    exceeded")`. A `Cancel` stops the children and aborts the Map Run.

    `redrive_count` over 0: the Map Run `arn` exists and its parent was redriven. `items` are the same: children that
    succeeded keep their output, all others run again. `label` names it in ARNs: ..:mapRun:machine/label:uuid and, for a
    child, ..:execution:machine/label:uuid. `definition` can be loaded as it is; `tolerated_failure_count` and
    `tolerated_failure_percentage` are what the definition says, for DescribeMapRun.
    """

    id: int
    arn: str
    label: str
    execution_type: Literal["STANDARD", "EXPRESS"]
    definition: dict[str, Any]
    items: list[Json]
    at_once: int
    tolerated: int
    tolerated_failure_count: int = 0
    tolerated_failure_percentage: float = 0
    redrive_count: int = 0


@dataclass(frozen=True, slots=True)
class Sleep:
    """Answer `Slept` once the clock has reached `until_ms` (milliseconds since 1970, UTC)."""

    id: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody waits for the effect `id` any more; an answer that comes all the same is ignored."""

    id: int


Effect = Invoke | RunMap | Sleep | Cancel
