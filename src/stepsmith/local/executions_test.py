"""A process that stays: parks what rests, wakes it in time, takes up what nobody owns, and keeps what has no room."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stepsmith.local import Runtime, VirtualClock
from stepsmith.local.conftest import OpenRuntime, activity_arn, branch, call, chain, machine_arn
from stepsmith.local.run import Run

pytestmark = pytest.mark.asyncio

M, CHILD = machine_arn("m"), machine_arn("child")
ASK = activity_arn("ask")
DAY = 86_400
WAIT = {"Type": "Wait", "Seconds": DAY}
PASS = {"Type": "Pass", "Output": "{% {'was': $states.input} %}"}


def activity(**more: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": ASK, "Arguments": "{% $states.input %}", **more}


def resident(path: Path, clock: VirtualClock, **more: Any) -> Runtime:
    return Runtime(path, clock=clock, is_resident=True, **more)


async def parked(run: Run, clock: VirtualClock) -> None:
    await clock.advance(10)
    assert run.is_parked


async def test_a_run_that_waits_for_a_day_leaves_memory_and_ends_in_time(tmp_path: Path, clock: VirtualClock) -> None:
    async with resident(tmp_path, clock) as runtime:
        run = runtime.start(M, chain(WAIT, PASS), 1)
        await parked(run, clock)
        assert run._replica is None and run._work == {}
        await clock.advance(DAY - 11)
        assert run.ending is None
        await clock.advance(1)
        assert (await run.wait()).result == {"was": 1}
        assert runtime.store.running(0, 10) == []
        assert runtime.database.execute("SELECT count(*) FROM parked").fetchone() == (0,)


async def test_a_run_that_calls_a_function_or_soon_goes_on_is_not_parked(
    tmp_path: Path, clock: VirtualClock, open_runtime: OpenRuntime
) -> None:
    never: Callable[[Any], Any] = lambda _: asyncio.get_running_loop().create_future()  # noqa: E731
    runtime = await open_runtime({"never": never}, is_resident=True)
    both = {"Type": "Parallel", "Branches": [branch(call("never"), prefix="A"), branch(WAIT)]}
    runs = [runtime.start(M, chain(both), {}), runtime.start(M, chain({"Type": "Wait", "Seconds": 14}), {})]
    await clock.advance(10)
    assert [run.is_parked for run in runs] == [False, False]


async def test_a_parked_run_is_described_and_read_without_being_woken(tmp_path: Path, clock: VirtualClock) -> None:
    async with resident(tmp_path, clock) as runtime:
        run = runtime.start(M, chain(WAIT), 1)
        await parked(run, clock)
        assert runtime.find(run.name).status == "RUNNING"
        assert [event.type for event in runtime.history(run.name)][-1] == "WaitStateEntered"
        assert run.is_parked


async def test_a_parked_run_is_stopped(tmp_path: Path, clock: VirtualClock) -> None:
    async with resident(tmp_path, clock) as runtime:
        run = runtime.start(M, chain(WAIT), 1)
        await parked(run, clock)
        runtime.stop(run.name)
        assert (await run.wait()).status == "ABORTED"


async def test_who_watches_a_run_sees_it_go_on_after_it_was_parked(tmp_path: Path, clock: VirtualClock) -> None:
    async with resident(tmp_path, clock) as runtime:
        run = runtime.start(M, chain(WAIT, PASS), 1)
        seen = list[str]()

        async def watch() -> None:
            async for event in run.events():
                seen.append(event.type)

        watching = asyncio.ensure_future(watch())
        await parked(run, clock)
        await clock.advance(DAY)
        await watching
        assert seen == [event.type for event in runtime.history(run.name)]


async def test_a_worker_takes_a_parked_task_and_its_bounds_count_from_then(tmp_path: Path, clock: VirtualClock) -> None:
    async with resident(tmp_path, clock) as runtime:
        run = runtime.start(M, chain(activity(TimeoutSeconds=100, HeartbeatSeconds=60)), {"a": 1})
        await parked(run, clock)
        await clock.advance(DAY)
        task = await runtime.tokens.get_activity_task(ASK)
        assert task is not None and task.input == {"a": 1}
        await clock.advance(40)
        assert run.is_parked
        runtime.tokens.heartbeat(task.token)
        await clock.advance(59)
        assert run.ending is None
        await clock.advance(1)
        assert (await run.wait()).result["Error"] == "States.Timeout"


async def test_a_missing_heartbeat_ends_a_parked_run_in_time(tmp_path: Path, clock: VirtualClock) -> None:
    async with resident(tmp_path, clock) as runtime:
        run = runtime.start(M, chain(activity(HeartbeatSeconds=60)), {})
        assert await runtime.tokens.get_activity_task(ASK) is not None
        await parked(run, clock)
        await clock.advance(49)
        assert run.ending is None
        await clock.advance(1)
        assert (await run.wait()).result["Error"] == "States.Timeout"


async def test_a_child_that_ends_wakes_its_parked_parent(tmp_path: Path, clock: VirtualClock) -> None:
    start = {"Type": "Task", "Resource": "arn:aws:states:::states:startExecution.sync:2"}
    parent = chain({**start, "Arguments": {"StateMachineArn": CHILD, "Input": 7}})
    async with resident(tmp_path, clock, machines={CHILD: chain(WAIT)}) as runtime:
        run = runtime.start(M, parent, {})
        await parked(run, clock)
        await clock.advance(DAY)
        assert (await run.wait()).result["Output"] == 7


async def test_a_new_process_takes_everything_up_by_itself_in_its_order(tmp_path: Path, clock: VirtualClock) -> None:
    async with resident(tmp_path, clock) as runtime:
        for n in range(3):
            runtime.start(M, chain(activity()), n)
            await clock.advance(1)
        waiting = runtime.start(M, chain(WAIT, PASS), "w").name
        await clock.advance(8)  # the first ones are parked, the last is not
        young = runtime.start(M, chain(activity()), 3).name
    async with resident(tmp_path, clock) as runtime:
        await clock.advance(1)
        for n in range(4):
            task = await runtime.tokens.get_activity_task(ASK)
            assert task is not None and task.input == n
            runtime.tokens.success(task.token, n)
        assert runtime.find(young).status == "SUCCEEDED"
        await clock.advance(DAY)
        ending = runtime.ending(waiting)
        assert ending is not None and ending.result == {"was": "w"}


async def test_a_process_that_stays_leaves_the_runs_of_others_alone(tmp_path: Path, clock: VirtualClock) -> None:
    async with Runtime(tmp_path, clock=clock) as other, resident(tmp_path, clock) as runtime:
        run = other.start(M, chain(WAIT), 1)
        await clock.advance(1)
        assert runtime.executions.at_work(run.arn) is None
        assert other.executions.at_work(run.arn) is run


async def test_results_wait_for_room_on_the_disk_and_are_computed_once(
    open_runtime: OpenRuntime, clock: VirtualClock
) -> None:
    called = list[int]()

    def work(n: int) -> str:
        called.append(n)
        return "".join(f"{each * 7919:x}" for each in range(20_000))

    runtime = await open_runtime({"work": work}, is_resident=True)
    runs = [runtime.start(M, chain(call("work"), PASS), n) for n in range(3)]
    runtime.database.execute("PRAGMA max_page_count = 1")
    await clock.advance(20)
    assert [run.ending for run in runs] == [None] * 3
    assert [len(runtime.history(run.name)) for run in runs] == [4] * 3
    runtime.database.execute("PRAGMA max_page_count = 1000000")
    await clock.advance(60)
    assert [(await run.wait()).status for run in runs] == ["SUCCEEDED"] * 3
    assert sorted(called) == [0, 1, 2]


async def test_an_answer_that_cannot_be_recorded_is_refused_and_may_be_given_again(
    open_runtime: OpenRuntime, clock: VirtualClock
) -> None:
    runtime = await open_runtime(is_resident=True)
    run = runtime.start(M, chain(activity()), {})
    task = await runtime.tokens.get_activity_task(ASK)
    assert task is not None
    big = ["%x" % (n * 7919) for n in range(20_000)]
    runtime.database.execute("PRAGMA max_page_count = 1")
    with pytest.raises(Exception, match="is full"):
        runtime.tokens.success(task.token, big)
    runtime.database.execute("PRAGMA max_page_count = 1000000")
    runtime.tokens.success(task.token, big)
    assert (await run.wait()).result == big


async def test_tiny_runs_leave_nothing_in_memory(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime(is_resident=True)
    for n in range(1000):
        runtime.start(M, chain(PASS), n)
    await asyncio.sleep(0)
    assert not runtime.executions and runtime.executions._resting == {}
    assert runtime._owned._held == set()


async def test_a_run_that_this_process_is_not_to_take_up_waits_for_who_may(tmp_path: Path, clock: VirtualClock) -> None:
    async with Runtime(tmp_path, clock=clock) as first:
        runs = [first.start(M, chain(WAIT), n).name for n in range(2)]
    async with resident(tmp_path, clock, takes_up=lambda n: n == 0) as second:
        await clock.advance(DAY)
        assert [second.find(run).status for run in runs] == ["SUCCEEDED", "RUNNING"]
    async with resident(tmp_path, clock) as third:
        await clock.advance(1)
        assert third.find(runs[1]).status == "SUCCEEDED"
