"""What a trial asks for, performed by the runtime."""

import asyncio
import json
from typing import Any

import pytest

from stepsmith.asl import ExecutionContext, outcome, trial
from stepsmith.local import VirtualClock
from stepsmith.local.conftest import OpenRuntime, function_arn, machine_arn
from stepsmith.local.run import Stop, Task
from stepsmith.local.trial import drive

pytestmark = pytest.mark.asyncio

ARN = machine_arn("m").replace(":stateMachine:", ":execution:") + ":one"
ROLE = "arn:aws:iam::000000000000:role/any"


def steps_of(state: dict[str, Any], clock: VirtualClock) -> trial.Asking[trial.Report]:
    context = ExecutionContext(ARN, "one", "role", clock.now_ms(), machine_arn("m"), "m")
    return trial.run(trial.subjects.alone(json.dumps(state)), trial.Setting({}, context, seed=1))


def calling(function: str, **more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": function_arn(function), "End": True, **more}


async def test_a_trial_that_nobody_waits_for_any_more_ends_its_task(
    open_runtime: OpenRuntime, clock: VirtualClock
) -> None:
    began, ended = asyncio.Event(), asyncio.Event()

    async def last(payload: Any) -> None:
        began.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    runtime = await open_runtime({"last": last})
    trying = asyncio.ensure_future(runtime.try_state(steps_of(calling("last"), clock), ARN, ROLE))
    await began.wait()
    trying.cancel()
    await ended.wait()
    assert trying.cancelled() or trying.cancelling()


async def test_a_bound_of_the_state_comes_before_that_of_trials(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    began = asyncio.Event()

    async def last(payload: Any) -> None:
        began.set()
        await asyncio.Event().wait()

    runtime = await open_runtime({"last": last})
    state = calling("last", TimeoutSeconds=2)
    trying = asyncio.ensure_future(runtime.try_state(steps_of(state, clock), ARN, ROLE))
    await began.wait()
    await clock.advance(2000)
    verdict = (await trying).verdict
    assert isinstance(verdict, trial.Failed) and verdict.error.error == "States.Timeout"


async def test_what_breaks_a_run_breaks_a_trial(clock: VirtualClock) -> None:
    class Broken:
        def perform(self, task: Task) -> Stop:
            task.fail_soon(OSError("disk full"))
            return lambda: None

        def recover(self, task: Task) -> Stop:
            raise AssertionError("a trial recovers nothing")

    with pytest.raises(OSError, match="disk full"):
        await drive(steps_of(calling("any"), clock), ARN, ROLE, clock, Broken())


async def test_only_the_first_answer_counts(clock: VirtualClock) -> None:
    class Twice:
        def perform(self, task: Task) -> Stop:
            task.settle_soon(outcome.Succeeded(1))
            task.settle_soon(outcome.Failed("Late"))
            return lambda: None

        def recover(self, task: Task) -> Stop:
            raise AssertionError("a trial recovers nothing")

    report = await drive(steps_of(calling("any"), clock), ARN, ROLE, clock, Twice())
    assert report.verdict == trial.Succeeded(1, None)
