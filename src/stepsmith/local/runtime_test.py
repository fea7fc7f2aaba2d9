"""Runs from start to end: what comes out, what is seen meanwhile, and what bad input says."""

import asyncio
import itertools
from pathlib import Path
from random import Random
from typing import Any

import pytest

from stepsmith.asl import DefinitionError
from stepsmith.local import Ending, Runtime, VirtualClock
from stepsmith.local.conftest import OpenRuntime, branch, call, chain, function_arn, machine_arn
from stepsmith.local.errors import (
    AmbiguousRun,
    DiskFull,
    InterpreterChanged,
    LocalError,
    RunExists,
    RunIsFinished,
    RunIsOwned,
    UnknownMachine,
    UnknownRun,
)

pytestmark = pytest.mark.asyncio

M = machine_arn("m")
PASS = {"Type": "Pass"}
DAY = 86_400


def wait(seconds: int) -> dict[str, Any]:
    return {"Type": "Wait", "Seconds": seconds}


def never(_: Any) -> Any:
    """A function that works until it is cancelled."""
    return asyncio.get_running_loop().create_future()


async def test_a_run_ends_with_the_output_of_its_machine(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime({"double": lambda n: 2 * n})
    run = runtime.start(M, chain(call("double"), call("double")), 5)
    assert (await run.wait()).result == 20
    assert runtime.ending(run.name) == run.ending == await run.wait()


async def test_a_run_without_effects_has_ended_when_start_returns(open_runtime: OpenRuntime) -> None:
    run = (await open_runtime()).start(M, chain(PASS), {"a": 1})
    assert run.ending is not None and run.ending.status == "SUCCEEDED"


async def test_an_error_that_nothing_catches_ends_the_run_as_failed(open_runtime: OpenRuntime) -> None:
    def broken(_: Any) -> Any:
        raise ValueError("no such team")

    run = (await open_runtime({"broken": broken})).start(M, chain(call("broken")), {})
    ending = await run.wait()
    assert ending.status == "FAILED"
    assert ending.result["Error"] == "ValueError"
    assert '"errorMessage":"no such team"' in ending.result["Cause"]


async def test_whoever_watches_sees_every_event_as_it_happens_and_from_the_first_on(open_runtime: OpenRuntime) -> None:
    release = asyncio.Event()

    async def slow(value: Any) -> Any:
        await release.wait()
        return value

    runtime = await open_runtime({"slow": slow})
    run = runtime.start(M, chain(call("slow")), {})
    events = aiter(run.events())
    early = [(await anext(events)).type for _ in range(4)]
    assert early == ["ExecutionStarted", "TaskStateEntered", "TaskScheduled", "TaskStarted"]
    release.set()
    assert [event.type async for event in events] == ["TaskSucceeded", "TaskStateExited", "ExecutionSucceeded"]
    again = [event async for event in run.events()]
    assert again == list(runtime.history(run.name))


async def test_the_history_by_replay_is_the_history_that_was_seen(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime({"echo": lambda value: value})
    jitter = {"Type": "Pass", "Output": "{% {'random': $random(), 'id': $uuid()} %}"}
    run = runtime.start(M, chain(jitter, call("echo"), jitter), {})
    seen = [event.to_json() async for event in run.events()]
    assert [event.to_json() for event in runtime.history(run.arn)] == seen


async def test_waiting_a_day_takes_a_day_of_the_clock(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    run = (await open_runtime()).start(M, chain(wait(DAY)), {})
    await clock.advance(DAY - 1)
    assert run.ending is None
    await clock.advance(1)
    assert (await run.wait()).stopped_ms == clock.now_ms()


async def test_a_task_that_takes_too_long_is_a_timeout_and_its_work_is_cancelled(
    open_runtime: OpenRuntime, clock: VirtualClock
) -> None:
    works = list[asyncio.Future[Any]]()

    def hang(value: Any) -> Any:
        works.append(never(value))
        return works[0]

    caught = {"Catch": [{"ErrorEquals": ["States.Timeout"], "Next": "Late"}]}
    machine = chain(call("hang", TimeoutSeconds=30, **caught))
    machine["States"]["Late"] = {"Type": "Succeed", "Output": "too late"}
    run = (await open_runtime({"hang": hang})).start(M, machine, {})
    await clock.advance(29)
    assert run.ending is None and not works[0].cancelled()
    await clock.advance(1)
    assert (await run.wait()).result == "too late"
    assert works[0].cancelled()


async def test_a_machine_that_outlives_its_timeout_is_timed_out(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    run = (await open_runtime({"hang": never})).start(M, {**chain(call("hang")), "TimeoutSeconds": 60}, {})
    await clock.advance(60)
    assert await run.wait() == Ending("TIMED_OUT", clock.now_ms(), {})


async def test_stop_ends_a_run_as_aborted_and_cancels_its_work(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    runtime = await open_runtime({"hang": never})
    run = runtime.start(M, chain(call("hang")), {})
    await clock.advance(0)
    runtime.stop(run.name, "Enough", "for today")
    assert await run.wait() == Ending("ABORTED", clock.now_ms(), {"Error": "Enough", "Cause": "for today"})
    with pytest.raises(RunIsFinished, match="ABORTED"):
        runtime.stop(run.name)


async def test_retry_waits_on_the_clock_with_jitter_from_the_seed(
    open_runtime: OpenRuntime, clock: VirtualClock
) -> None:
    times = list[int]()

    def flaky(_: Any) -> Any:
        times.append(clock.now_ms())
        raise ConnectionError

    retry = {"ErrorEquals": ["ConnectionError"], "IntervalSeconds": 10, "MaxAttempts": 2, "JitterStrategy": "FULL"}
    runtime = await open_runtime({"flaky": flaky}, random=Random(1))
    run = runtime.start(M, chain(call("flaky", Retry=[retry])), {})
    await clock.advance(60)
    assert (await run.wait()).status == "FAILED"
    gaps = [later - earlier for earlier, later in itertools.pairwise(times)]
    assert len(gaps) == 2 and all(0 < gap < 20_000 for gap in gaps)
    assert [event.timestamp_ms for event in runtime.history(run.name)][-1] == times[-1]


async def test_branches_work_at_once(open_runtime: OpenRuntime) -> None:
    meeting = asyncio.Barrier(3)

    async def meet(value: Any) -> Any:
        await meeting.wait()
        return value

    each = {"Type": "Map", "Items": [1, 2, 3], "ItemProcessor": branch(call("meet"))}
    run = (await open_runtime({"meet": meet})).start(M, chain(each), {})
    assert (await run.wait()).result == [1, 2, 3]


@pytest.mark.parametrize("resource", [function_arn("echo"), "arn:aws:states:::lambda:invoke"])
async def test_a_function_is_called_by_its_arn_or_by_lambda_invoke(open_runtime: OpenRuntime, resource: str) -> None:
    arguments: Any = {"FunctionName": "echo:$LATEST", "Payload": {"a": 1}} if "invoke" in resource else {"a": 1}
    task = {"Type": "Task", "Resource": resource, "Arguments": arguments}
    result = (await (await open_runtime({"echo": lambda value: value})).start(M, chain(task), {}).wait()).result
    assert (result["Payload"] if "invoke" in resource else result) == {"a": 1}
    assert "invoke" not in resource or (result["StatusCode"], result["ExecutedVersion"]) == (200, "$LATEST")


async def test_an_unknown_function_is_lambdas_own_error(open_runtime: OpenRuntime) -> None:
    ending = await (await open_runtime()).start(M, chain(call("nobody")), {}).wait()
    assert ending.result["Error"] == "Lambda.ResourceNotFoundException"
    assert function_arn("nobody") in ending.result["Cause"]


async def test_an_unknown_integration_is_named(open_runtime: OpenRuntime) -> None:
    resource = "arn:aws:states:::glue:startJobRun.sync"
    task = {"Type": "Task", "Resource": resource, "Arguments": {}}
    ending = await (await open_runtime()).start(M, chain(task), {}).wait()
    assert ending.status == "FAILED" and resource in ending.result["Cause"]


async def test_an_answer_over_256_kib_is_data_limit_exceeded_and_is_not_kept(
    open_runtime: OpenRuntime, tmp_path: Path
) -> None:
    runtime = await open_runtime({"big": lambda _: [str(n) for n in range(300_000)]})
    ending = await runtime.start(M, chain(call("big")), {}).wait()
    assert ending.result["Error"] == "States.DataLimitExceeded"
    assert (tmp_path / "data" / "runs.db-wal").stat().st_size < 200_000


async def test_a_step_that_cannot_be_recorded_leaves_a_run_that_can_be_resumed(open_runtime: OpenRuntime) -> None:
    letters = "".join(f"{n:x}" for n in range(40_000))
    calls = list[int]()

    def answer(_: Any) -> Any:
        calls.append(1)
        return letters

    runtime = await open_runtime({"answer": answer})
    run = runtime.start(M, chain(call("answer", Retry=[{"ErrorEquals": ["States.ALL"]}])), {})
    runtime.database.execute("PRAGMA max_page_count = 1")  # nothing fits any more
    with pytest.raises(DiskFull, match="make room, then resume the run"):
        await run.wait()
    runtime.database.execute("PRAGMA max_page_count = 1000000")
    resumed = runtime.resume(run.name)
    clock = runtime._clock
    assert isinstance(clock, VirtualClock)
    await clock.advance(5)
    assert (await resumed.wait()).result == letters
    assert len(calls) == 2


async def test_leaving_the_runtime_leaves_a_run_to_be_resumed(tmp_path: Path, clock: VirtualClock) -> None:
    async with Runtime(tmp_path, clock=clock) as runtime:
        run = runtime.start(M, chain(wait(60), PASS), {"kept": True})
    with pytest.raises(asyncio.CancelledError):
        await run.wait()
    await clock.advance(59)
    async with Runtime(tmp_path, clock=clock) as runtime:
        resumed = runtime.resume(run.name)
        assert resumed.ending is None
        await clock.advance(1)
        assert (await resumed.wait()).result == {"kept": True}


async def test_a_run_at_work_in_another_runtime_is_not_resumed(open_runtime: OpenRuntime) -> None:
    first, second = await open_runtime(), await open_runtime()
    run = first.start(M, chain(wait(60)), {})
    assert second.is_owned(second.find(run.name))
    with pytest.raises(RunIsOwned, match=run.name):
        second.resume(run.name)
    with pytest.raises(RunIsOwned):
        second.stop(run.name)
    assert first.resume(run.name) is run


async def test_a_run_that_has_ended_is_not_resumed(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    run = runtime.start(M, chain(PASS), {})
    with pytest.raises(RunIsFinished, match="SUCCEEDED"):
        runtime.resume(run.name)


async def test_a_run_of_another_interpreter_is_not_resumed(
    open_runtime: OpenRuntime, tmp_path: Path, clock: VirtualClock
) -> None:
    async with Runtime(tmp_path, clock=clock) as runtime:
        run = runtime.start(M, chain(wait(60)), {})
        runtime.database.execute("UPDATE execution SET interpreter = 'asl 0'")
    async with Runtime(tmp_path, clock=clock) as runtime:
        with pytest.raises(InterpreterChanged, match="begun by interpreter 'asl 0'"):
            runtime.resume(run.name)


async def test_a_journal_that_does_not_fit_the_interpreter_is_no_history(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime({"echo": lambda value: value})
    run = runtime.start(M, chain(call("echo")), 1)
    await run.wait()
    runtime.database.execute("UPDATE outcome SET effect = 7")
    with pytest.raises(InterpreterChanged):
        runtime.history(run.name)


async def test_runs_are_found_by_name_arn_or_a_part_that_is_unique(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    runs = [runtime.start(M, chain(PASS), {}, name) for name in ("abcd", "abce", "abc")]
    assert runtime.find("abcd").arn == runtime.find(runs[0].arn).arn == runs[0].arn
    assert runtime.find("abc").name == "abc"
    with pytest.raises(AmbiguousRun, match="abc, abcd, abce"):
        runtime.find("ab")
    with pytest.raises(UnknownRun, match="'zz'"):
        runtime.find("zz")
    assert [row.name for row in runtime.list()] == ["abc", "abce", "abcd"]


async def test_names_are_short_and_new_each_time(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    names = {runtime.start(M, chain(PASS), {}).name for _ in range(50)}
    assert len(names) == 50 and all(len(name) == 10 and name.isalnum() for name in names)


@pytest.mark.parametrize("run", ["\udcff", "a\0", "arn:\udcff"])
async def test_what_can_be_no_name_is_an_unknown_run(open_runtime: OpenRuntime, run: str) -> None:
    with pytest.raises(UnknownRun):
        (await open_runtime()).find(run)


async def test_a_name_is_taken_once(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    runtime.start(M, chain(PASS), {}, "mine")
    with pytest.raises(RunExists, match="'mine'"):
        runtime.start(M, chain(PASS), {}, "mine")


@pytest.mark.parametrize("name", ["a b", "a/b", "x" * 81, "..:", "a\n"])
async def test_a_name_that_aws_refuses_is_refused(open_runtime: OpenRuntime, name: str) -> None:
    with pytest.raises(LocalError, match="no name for a run"):
        (await open_runtime()).start(M, chain(PASS), {}, name)


async def test_a_bad_definition_is_refused_and_leaves_nothing(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    with pytest.raises(DefinitionError):
        runtime.start(M, chain({"Type": "Pas"}), {}, "x")
    assert list(runtime.list()) == []
    runtime.start(M, chain(PASS), {}, "x")


async def test_a_machine_without_a_definition_is_unknown(open_runtime: OpenRuntime) -> None:
    with pytest.raises(UnknownMachine, match=M):
        (await open_runtime()).start(M, None, {})


async def test_a_clock_that_goes_back_does_not_turn_time_around(tmp_path: Path) -> None:
    late, early = VirtualClock(2_000_000), VirtualClock(1_000_000)
    async with Runtime(tmp_path, clock=late) as runtime:
        run = runtime.start(M, chain(wait(1), wait(1)), {})
        await late.advance(1)
    async with Runtime(tmp_path, clock=early) as runtime:
        resumed = runtime.resume(run.name)
        await early.advance(5000)
        await resumed.wait()
        times = [event.timestamp_ms for event in runtime.history(run.name)]
        assert times == sorted(times)
