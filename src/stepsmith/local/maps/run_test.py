"""Distributed Maps: child executions, counted, bounded, found again after a crash, redriven."""

import asyncio
from pathlib import Path

import pytest

from stepsmith import asl
from stepsmith.local import Hosted, InProcess, Runtime, VirtualClock
from stepsmith.local.conftest import OpenRuntime, call, chain, function_arn
from stepsmith.local.database import Database
from stepsmith.local.journal import Abort, to_entry
from stepsmith.local.listing import Wanted, listed
from stepsmith.local.maps.conftest import WAIT, M, children, distributed, put, reader
from stepsmith.local.maps.run import READ_A_TURN
from stepsmith.local.store import Ending, Store

pytestmark = pytest.mark.asyncio


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
async def test_every_item_is_a_child_execution_and_the_outputs_keep_their_order(
    open_runtime: OpenRuntime, clock: VirtualClock, kind: str
) -> None:
    runtime = await open_runtime({"double": lambda n: 2 * n})
    run = runtime.start(M, chain(distributed(call("double"), kind=kind)), [1, 2, 3])
    assert (await run.wait()).result == [2, 4, 6]
    found = children(runtime)
    assert {row.machine for row in found} == {f"{M}/rows"} and len(found) == 3
    arns = {"STANDARD": ":execution:m/rows:", "EXPRESS": ":express:m/rows:"}
    assert all(arns[kind] in row.arn for row in found)
    (map_run,) = {row.source.map_run for row in found}
    assert map_run is not None and ":mapRun:m/rows:" in map_run
    assert len(listed(runtime.store, Wanted(map_run=map_run), 10, None)) == 3


async def test_no_more_children_than_max_concurrency_run_at_once(
    open_runtime: OpenRuntime, clock: VirtualClock
) -> None:
    runtime = await open_runtime()
    run = runtime.start(M, chain(distributed(WAIT, MaxConcurrency=2)), list(range(5)))
    for begun in (2, 4, 5):
        await clock.advance(1)
        assert len(children(runtime)) == begun
        await clock.advance(60)
    assert (await run.wait()).result == list(range(5))


async def test_children_that_end_at_once_leave_room_for_the_next(open_runtime: OpenRuntime) -> None:
    machine = chain(distributed({"Type": "Pass"}, MaxConcurrency=1))
    run = (await open_runtime()).start(M, machine, list(range(200)))
    assert (await run.wait()).result == list(range(200))


def odd(n: int) -> int:
    if n % 2 == 0:
        raise ValueError(f"{n} is even")
    return n


async def test_tolerated_failures_are_left_out_and_one_more_fails_the_map(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime({"odd": odd})
    tolerant = chain(distributed(call("odd"), ToleratedFailureCount=2))
    assert (await runtime.start(M, tolerant, [1, 2, 3, 4]).wait()).result == [1, 3]
    strict = chain(distributed(call("odd"), ToleratedFailureCount=1))
    ending = await runtime.start(M, strict, [1, 2, 3, 4]).wait()
    assert ending.result["Error"] == "States.ExceedToleratedFailureThreshold"


async def test_stopping_the_parent_stops_its_children(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    runtime = await open_runtime()
    run = runtime.start(M, chain(distributed(WAIT)), [1, 2])
    await clock.advance(1)
    run.stop()
    assert [row.status for row in children(runtime)] == ["ABORTED", "ABORTED"]


async def test_children_of_a_parent_that_ended_as_its_process_died_are_stopped(
    tmp_path: Path, clock: VirtualClock
) -> None:
    """The parent's end was recorded, those of its children were not."""
    async with Runtime(tmp_path, clock=clock) as runtime:
        run = runtime.start(M, chain(distributed(WAIT)), [1, 2])
        await clock.advance(1)
    database = Database(tmp_path / "runs.db")
    abort, end = to_entry(0, 0, clock.now_ms(), Abort(None, None)), Ending("ABORTED", clock.now_ms(), {})
    Store(database).append(run.id, abort, end)
    database.close()
    async with Runtime(tmp_path, clock=clock, is_resident=True) as runtime:
        await clock.advance(1)
        assert [row.status for row in children(runtime)] == ["ABORTED", "ABORTED"]
        (record,) = runtime.map_runs.records.of_execution(run.arn, 9, None)
        assert record.status == "ABORTED"


async def test_a_parent_that_is_stopped_while_it_reads_starts_no_child(
    open_runtime: OpenRuntime, clock: VirtualClock
) -> None:
    runtime = await open_runtime()
    put(runtime.objects, "a.jsonl", b"1\n" * 5 * READ_A_TURN)
    run = runtime.start(M, chain(distributed(ItemReader=reader("a.jsonl", "JSONL"))), {})
    records = runtime.map_runs.records
    while not (found := records.running()) or records.read_so_far(found[0])[0] == 0:
        await asyncio.sleep(0)
    run.stop()
    await clock.advance(1)
    (record,) = records.of_execution(run.arn, 9, None)
    assert (record.status, record.children, children(runtime)) == ("ABORTED", None, [])


async def test_a_bound_that_changes_while_items_are_read_holds(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    runtime = await open_runtime()
    put(runtime.objects, "a.jsonl", b"1\n" * 3 * READ_A_TURN)
    machine = chain(distributed(WAIT, ItemReader=reader("a.jsonl", "JSONL"), MaxConcurrency=1))
    run = runtime.start(M, machine, {})
    records = runtime.map_runs.records
    while not (found := records.running()) or records.read_so_far(found[0])[0] == 0:
        await asyncio.sleep(0)
    runtime.map_runs.bound(found[0], 3, asl.Tolerance())
    await clock.advance(1)
    assert [row.status for row in children(runtime)] == ["RUNNING"] * 3
    run.stop()


async def test_a_crash_repeats_no_child_that_has_ended(tmp_path: Path, clock: VirtualClock) -> None:
    called = list[int]()

    def note(n: int) -> int:
        called.append(n)
        return n

    functions = {function_arn("note"): Hosted(InProcess(note))}
    machine = chain(distributed(call("note"), WAIT, MaxConcurrency=2))
    async with Runtime(tmp_path, clock=clock, functions=functions) as runtime:
        run = runtime.start(M, machine, list(range(4)))
        await clock.advance(61)
        assert sorted(row.status for row in children(runtime)) == ["RUNNING"] * 2 + ["SUCCEEDED"] * 2
    async with Runtime(tmp_path, clock=clock, functions=functions) as runtime:
        resumed = runtime.resume(run.name)
        await clock.advance(61)
        assert (await resumed.wait()).result == list(range(4))
    assert sorted(called) == list(range(4))


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
async def test_a_redrive_runs_only_the_children_that_did_not_succeed(
    open_runtime: OpenRuntime, clock: VirtualClock, kind: str
) -> None:
    called, bad = list[int](), {2}

    def work(n: int) -> int:
        called.append(n)
        if n in bad:
            raise ValueError
        return n

    runtime = await open_runtime({"work": work})
    machine = chain(distributed(call("work"), kind=kind, MaxConcurrency=1))
    run = runtime.start(M, machine, [1, 2, 3])
    assert (await run.wait()).status == "FAILED"
    await clock.advance(1)
    bad.clear()
    runtime.executions.redrive(runtime.find(run.name), None)
    await clock.advance(1)
    ending = runtime.ending(run.name)
    assert ending is not None and ending.result == [1, 2, 3]
    assert called == [1, 2, 2, 3]
    types = [event.type for event in runtime.history(run.name)]
    assert "MapRunRedriven" in types
