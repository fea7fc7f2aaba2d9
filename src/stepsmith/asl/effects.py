"""What an execution asks the world to do, as frozen values.

`Execution.start` and `resume` return effects; whoever drives the interpreter performs them and answers each by
`resume(effect.id, outcome, now_ms)` with a value of `outcome.py`. Ids are counters of the execution, so a replay of
the same answers asks for the same effects under the same ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .maprun import Dataset, Given, Results, Tolerance
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
    """Run a distributed Map: one child execution of `definition` for each child of `source` (maprun.py).

    At most `at_once` at a time (0: no bound). The Map Run fails as soon as more items than `tolerance` allows are in
    children that failed, timed out or were stopped. Answer `Succeeded` with what `results` asks for: the outputs of the
    children that succeeded, in the order of their items, or where in S3 they are; or `Failed`:
    States.ExceedToleratedFailureThreshold, States.ItemReaderFailed, States.ResultWriterFailed, or the error that
    `source` raised. A `Cancel` stops the children and aborts the Map Run.

    `redrive_count` over 0: the Map Run `arn` exists and its parent was redriven. The items are those that were read:
    children that succeeded keep their output, all others run again. `label` names it in ARNs:
    ..:mapRun:machine/label:uuid and, for a child, ..:execution:machine/label:uuid. `definition` can be loaded as it is.
    """

    id: int
    arn: str
    label: str
    execution_type: Literal["STANDARD", "EXPRESS"]
    definition: dict[str, Any]
    source: Given | Dataset
    at_once: int
    tolerance: Tolerance
    results: Results
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
