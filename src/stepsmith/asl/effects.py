"""What an execution asks the world to do, as frozen values.

`Execution.start` and `resume` return effects; whoever drives the interpreter performs them and answers each by
`resume(effect.id, outcome, now_ms)` with a value of `outcome.py`. Ids are counters of the execution, so a replay of
the same answers asks for the same effects under the same ids.
"""

from __future__ import annotations

from dataclasses import dataclass

from .values import Json


@dataclass(frozen=True, slots=True)
class Invoke:
    """Run a task.

    `resource` is the Resource of the state, untouched: `arn:aws:states:::lambda:invoke`, a function's or an activity's
    ARN, `arn:aws:states:::states:startExecution.sync:2`, with `.waitForTaskToken` where the state has it.
    The driver keeps both bounds (seconds, None: none) and answers `TimedOut` when one of them passes.
    `task_token` is set for `.waitForTaskToken`, `.sync` and activities: whoever finishes the task names it.
    """

    id: int
    resource: str
    arguments: Json
    timeout_seconds: int | None = None
    heartbeat_seconds: int | None = None
    task_token: str | None = None


@dataclass(frozen=True, slots=True)
class Sleep:
    """Answer `Slept` once the clock has reached `until_ms` (milliseconds since 1970, UTC)."""

    id: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Cancel:
    """Nobody waits for the effect `id` any more; an answer that comes all the same is ignored."""

    id: int


Effect = Invoke | Sleep | Cancel
