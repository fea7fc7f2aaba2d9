"""Tasks that somebody outside ends: activities, task tokens, heartbeats."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from stepsmith import asl
from stepsmith.local import ActivityTask, Runtime, VirtualClock
from stepsmith.local.conftest import OpenRuntime, activity_arn, branch, chain, function_arn, machine_arn
from stepsmith.local.errors import InvalidToken, TaskDoesNotExist, TaskTimedOut

pytestmark = pytest.mark.asyncio

M = machine_arn("m")
ASK = activity_arn("ask")


def activity(**more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": ASK, "Arguments": "{% $states.input %}", **more}


def with_token(**more: Any) -> dict[str, Any]:
    """A Task that hands its token to a function and waits for whoever has it."""
    arguments = {"FunctionName": function_arn("send"), "Payload": {"token": "{% $states.context.Task.Token %}"}}
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
        "Arguments": arguments,
        **more,
    }


async def take(runtime: Runtime, worker: str | None = None) -> ActivityTask:
    """The next task of the activity, which must come."""
    task = await runtime.tokens.get_activity_task(ASK, worker)
    assert task is not None
    return task


async def test_a_worker_gets_the_task_and_its_answer_goes_on(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    run = runtime.start(M, chain(activity()), {"delete": 3})
    task = await take(runtime, "ada")
    assert task.input == {"delete": 3}
    runtime.tokens.success(task.token, {"decision": "approve"})
    assert (await run.wait()).result == {"decision": "approve"}
    started = next(event for event in runtime.history(run.name) if event.type == "ActivityStarted")
    assert started.details["activityStartedEventDetails"] == {"workerName": "ada"}


async def test_a_worker_who_came_first_waits_for_the_task(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    polls = [asyncio.ensure_future(take(runtime)) for _ in range(2)]
    await asyncio.sleep(0)
    polls[0].cancel()
    runtime.start(M, chain(activity()), 1)
    assert (await polls[1]).input == 1


async def test_a_worker_who_leaves_just_when_a_task_comes_loses_it_for_nobody(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    poll = asyncio.ensure_future(take(runtime))
    await asyncio.sleep(0)
    runtime.start(M, chain(activity()), 1)
    runtime.start(M, chain(activity()), 2)
    poll.cancel()
    await asyncio.wait([poll])
    assert [(await take(runtime)).input for _ in range(2)] == [1, 2]


async def test_tasks_go_to_workers_in_the_order_of_their_scheduling_each_once(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    each = {"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": branch(activity())}
    run = runtime.start(M, chain(each), {})
    tasks = [await take(runtime) for _ in range(3)]
    assert [task.input for task in tasks] == [1, 2, 3]
    for task in reversed(tasks):
        runtime.tokens.success(task.token, 10 * task.input)
    assert (await run.wait()).result == [10, 20, 30]


async def test_a_failure_is_the_errors_of_the_machine(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    run = runtime.start(M, chain(activity()), {})
    runtime.tokens.failure((await take(runtime)).token, "Rejected", "not on Fridays")
    assert (await run.wait()).result == {"Error": "Rejected", "Cause": "not on Fridays"}


async def test_a_token_is_answered_once(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    run = runtime.start(M, chain(activity(), activity()), {})
    task = await take(runtime)
    runtime.tokens.success(task.token, 1)
    with pytest.raises(TaskTimedOut):
        runtime.tokens.success(task.token, 2)
    assert (await take(runtime)).input == 1
    assert run.ending is None


async def test_wrong_tokens_are_refused_by_name(open_runtime: OpenRuntime) -> None:
    tokens = (await open_runtime()).tokens
    with pytest.raises(TaskDoesNotExist):
        tokens.heartbeat(asl.tokens.issue(M.replace("stateMachine", "execution") + ":gone", 1, seed=7))
    for token in ("", "0" * 64, "x" * 3000):
        with pytest.raises(InvalidToken):
            tokens.success(token, 1)


async def test_nobody_in_time_is_a_timeout_and_too_late_is_said(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    runtime = await open_runtime()
    run = runtime.start(M, chain(activity(TimeoutSeconds=3600)), {})
    task = await take(runtime)
    await clock.advance(3600)
    assert (await run.wait()).result["Error"] == "States.Timeout"
    with pytest.raises(TaskTimedOut):
        runtime.tokens.success(task.token, 1)


async def test_a_task_nobody_took_leaves_the_queue_with_its_run(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    runtime.start(M, chain(activity()), 1).stop()
    runtime.start(M, chain(activity()), 2)
    assert (await take(runtime)).input == 2


async def test_a_token_of_a_run_that_was_given_up_is_good_again_once_it_goes_on(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    run = runtime.start(M, chain(activity()), {})
    task = await take(runtime)
    run.fail(OSError("the disk was full"))
    await asyncio.sleep(0)
    resumed = runtime.resume(run.name)
    runtime.tokens.success(task.token, "yes")
    assert (await resumed.wait()).result == "yes"


async def test_a_missing_heartbeat_is_caught_by_its_own_name_and_replayed_so(
    open_runtime: OpenRuntime, clock: VirtualClock
) -> None:
    caught = {"ErrorEquals": ["States.HeartbeatTimeout"], "Next": "S1"}
    runtime = await open_runtime()
    run = runtime.start(M, chain(activity(HeartbeatSeconds=60, Catch=[caught]), {"Type": "Pass", "Output": 1}), {})
    await take(runtime)
    await clock.advance(60)
    assert (await run.wait()).result == 1
    assert runtime.history(run.name)[-1].type == "ExecutionSucceeded"


async def test_heartbeats_keep_a_task_alive_and_their_absence_ends_it(
    open_runtime: OpenRuntime, clock: VirtualClock
) -> None:
    runtime = await open_runtime()
    run = runtime.start(M, chain(activity(TimeoutSeconds=86_400, HeartbeatSeconds=60)), {})
    task = await take(runtime)
    for _ in range(5):
        await clock.advance(59)
        runtime.tokens.heartbeat(task.token)
    assert run.ending is None
    await clock.advance(60)
    assert (await run.wait()).result["Error"] == "States.Timeout"


async def test_a_token_handed_to_a_function_is_answered_by_whoever_got_it(open_runtime: OpenRuntime) -> None:
    sent = asyncio.Queue[str]()
    runtime = await open_runtime({"send": lambda payload: sent.put_nowait(payload["token"])})
    run = runtime.start(M, chain(with_token()), {})
    runtime.tokens.success(await sent.get(), "yes")
    assert (await run.wait()).result == "yes"


async def test_a_function_that_cannot_send_the_token_fails_the_task(open_runtime: OpenRuntime) -> None:
    def send(_: Any) -> Any:
        raise ConnectionError("no mail today")

    ending = await (await open_runtime({"send": send})).start(M, chain(with_token()), {}).wait()
    assert ending.result["Error"] == "ConnectionError"


async def test_tokens_outlive_the_process_that_gave_them(tmp_path: Path, clock: VirtualClock) -> None:
    both = {"Type": "Parallel", "Branches": [branch(activity(), prefix="A"), branch(activity(TimeoutSeconds=100))]}
    async with Runtime(tmp_path, clock=clock) as runtime:
        run = runtime.start(M, chain(both), {})
        taken = await take(runtime)
    await clock.advance(99)
    async with Runtime(tmp_path, clock=clock) as runtime:
        resumed = runtime.resume(run.name)
        runtime.tokens.success(taken.token, "taken before")
        other = await take(runtime)
        assert other.token != taken.token
        runtime.tokens.success(other.token, "taken after")
        assert (await resumed.wait()).result == ["taken before", "taken after"]


async def test_the_time_of_a_task_goes_on_while_nobody_runs_it(tmp_path: Path, clock: VirtualClock) -> None:
    async with Runtime(tmp_path, clock=clock) as runtime:
        run = runtime.start(M, chain(activity(TimeoutSeconds=100)), {})
        await take(runtime)
    await clock.advance(200)
    async with Runtime(tmp_path, clock=clock) as runtime:
        resumed = runtime.resume(run.name)
        await clock.advance(0)
        assert (await resumed.wait()).result["Error"] == "States.Timeout"
