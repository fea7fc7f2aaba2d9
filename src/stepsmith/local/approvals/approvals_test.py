"""A request waits in the table of approvals, and one decision counts: here, from another process, or at the resume."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.asl import Invoke
from stepsmith.contracts import Decision
from stepsmith.local import Runtime, VirtualClock
from stepsmith.local.approvals import Approvals, Waiting
from stepsmith.local.approvals.here import carry_over, desk, table_of
from stepsmith.local.approvals.table import seeds
from stepsmith.local.conftest import chain, machine_arn
from stepsmith.local.errors import AlreadyDecided, DecisionTooLate, HashDiffers, NothingWaits, RunIsFinished
from stepsmith.local.run import Run

pytestmark = pytest.mark.asyncio

M = machine_arn("shop")
TABLE = "approvals"
REQUEST = (
    "$string({'run_id': $states.context.Execution.Name, 'agent': 'shop', 'call_id': 'call_1', 'tool': 'refund',"
    " 'input': {'euros': 5}, 'input_hash': 'abc', 'reason': 'every call asks',"
    " 'requested_at': $states.context.State.EnteredTime,"
    " 'expires_at': $fromMillis($toMillis($states.context.State.EnteredTime) + 60000)})"
)


def asking(**more: Any) -> dict[str, Any]:
    item = {
        "run_id": {"S": "{% $states.context.Execution.Name %}"},
        "effect_id": {"S": "e1"},
        "waiting": {"S": "approval"},
        "expires_at": {"S": "{% $fromMillis($toMillis($states.context.State.EnteredTime) + 60000) %}"},
        "request": {"S": "{% " + REQUEST + " %}"},
        "task_token": {"S": "{% $states.context.Task.Token %}"},
    }
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::aws-sdk:dynamodb:putItem.waitForTaskToken",
        "Arguments": {"TableName": TABLE, "Item": item, **more},
        "TimeoutSeconds": 60,
    }


def decision(kind: Any = "approve", **more: Any) -> Decision:
    return Decision.from_json(
        {"decision": kind, "input_hash": "abc", "approver": "ada", "decided_at": "2026-01-01T00:00:00Z", **more}
    )


def desk_of(runtime: Runtime) -> Approvals:
    return desk(table_of(runtime.moto, TABLE), runtime.database, runtime.now_ms, runtime.deliver)


async def one(desk: Approvals) -> Waiting:
    (waiting,) = await desk.waiting()
    return waiting


async def asks(runtime: Runtime, name: str | None = None) -> Run:
    """A run whose request is in the table."""
    run = runtime.start(M, chain(asking()), {}, name)
    async for event in run.events():
        if event.type == "TaskSubmitted":
            break
    return run


def opened(path: Path, clock: VirtualClock) -> Runtime:
    return Runtime(path, clock=clock, seeds=seeds(TABLE))


async def test_what_waits_is_listed_with_its_request_and_run(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        run = await asks(runtime, "r1")
        await clock.advance(1)
        waiting = await one(desk_of(runtime))
        assert (waiting.execution, waiting.request.tool, waiting.request.input) == (run.arn, "refund", {"euros": 5})
        assert waiting.expires_ms == clock.now_ms() + 59_000


async def test_a_decision_is_the_output_of_the_task(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        run = await asks(runtime)
        await clock.advance(1)
        desk = desk_of(runtime)
        waiting = await one(desk)
        await desk.decide(waiting, decision())
        assert (await run.wait()).result == decision().to_json()
        assert (desk.verdict(waiting), await desk.waiting()) == ("taken", [])
        types = [event.type for event in runtime.history(run.name)]
        assert types[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


async def test_of_two_deciders_one_wins_and_the_other_is_told_who(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime, opened(tmp_path, clock) as elsewhere:
        run = await asks(runtime)
        await clock.advance(1)
        first, second = desk_of(elsewhere), desk_of(runtime)
        seen = await one(second)
        await first.decide(await one(first), decision("reject", reason="no"))
        with pytest.raises(AlreadyDecided, match="'reject' by 'ada' at 2026-01-01T00:00:00Z"):
            await second.decide(seen, decision())
        runtime.deliver()
        assert (await run.wait()).result["decision"] == "reject"


async def test_a_decision_of_another_process_is_seen_without_being_told(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime, opened(tmp_path, clock) as elsewhere:
        run = await asks(runtime)
        await clock.advance(1)
        desk = desk_of(elsewhere)
        await desk.decide(await one(desk), decision())
        assert (await run.wait()).status == "SUCCEEDED"


async def test_a_decision_is_kept_while_nobody_works_on_the_run(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        await asks(runtime, "r1")
        await clock.advance(1)
    async with opened(tmp_path, clock) as elsewhere:
        desk = desk_of(elsewhere)
        waiting = await one(desk)
        await desk.decide(waiting, decision())
        assert desk.verdict(waiting) is None
    await clock.advance(3600)  # in time is in time, however late the run goes on
    async with opened(tmp_path, clock) as runtime:
        assert (await runtime.resume("r1").wait()).status == "SUCCEEDED"


async def test_after_a_crash_it_is_the_same_item_and_the_same_token(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        await asks(runtime, "r1")
        await clock.advance(1)
        before = await one(desk_of(runtime))
    async with opened(tmp_path, clock) as runtime:
        runtime.resume("r1")
        await clock.advance(1)
        assert await one(desk_of(runtime)) == before


async def test_a_decision_made_before_the_request_was_recorded_is_not_undone(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with opened(tmp_path, clock) as runtime:
        run = runtime.start(M, chain(asking()), {}, "r1")
        run.let_go()  # what a kill leaves before the answer of PutItem is recorded
        (pending,) = run.replica.pending.values()
        assert isinstance(pending.effect, Invoke)
        await table_of(runtime.moto, TABLE).put(pending.effect.arguments["Item"])
    async with opened(tmp_path, clock) as elsewhere:
        desk = desk_of(elsewhere)
        await desk.decide(await one(desk), decision())
    async with opened(tmp_path, clock) as runtime:
        assert (await runtime.resume("r1").wait()).result["approver"] == "ada"


async def test_nobody_decides_after_the_deadline(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime, opened(tmp_path, clock) as elsewhere:
        run = await asks(runtime)
        await clock.advance(1)
        desk = desk_of(elsewhere)
        waiting = await one(desk)
        await clock.advance(59)
        assert await desk.waiting() == []
        with pytest.raises((DecisionTooLate, RunIsFinished)):
            await desk.decide(waiting, decision())
        assert (await run.wait()).result["Error"] == "States.Timeout"


async def test_a_decision_that_comes_after_the_tasks_time_does_not_count(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        await asks(runtime, "r1")
        await clock.advance(1)
        waiting = await one(desk_of(runtime))
    await clock.advance(3600)
    async with opened(tmp_path, clock) as runtime:
        with pytest.raises(DecisionTooLate, match="nobody decided in time"):
            await desk_of(runtime).decide(waiting, decision())
        runtime.inbox.put(waiting.token, decision().to_json(), clock.now_ms())  # whoever goes past the desk
        run = runtime.resume("r1")
        await clock.advance(0)
        assert (await run.wait()).result["Error"] == "States.Timeout"
        assert desk_of(runtime).verdict(waiting) == "TaskTimedOut"


async def test_a_run_that_has_ended_waits_for_nobody(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        run = await asks(runtime)
        await clock.advance(1)
        desk = desk_of(runtime)
        waiting = await one(desk)
        run.stop()
        assert await desk.waiting() == []
        with pytest.raises(RunIsFinished):
            await desk.decide(waiting, decision())


async def test_a_decision_about_another_input_is_refused(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        await asks(runtime)
        await clock.advance(1)
        desk = desk_of(runtime)
        with pytest.raises(HashDiffers):
            await desk.decide(await one(desk), decision(input_hash="other"))
        assert len(await desk.waiting()) == 1


async def test_a_request_that_was_made_anew_is_another_one(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        await asks(runtime, "r1")
        await clock.advance(1)
        desk = desk_of(runtime)
        waiting = await one(desk)
        table = table_of(runtime.moto, TABLE)
        await table.put({**(await table.get(waiting.key) or {}), "task_token": {"S": "another"}})
        with pytest.raises(NothingWaits):
            await desk.decide(waiting, decision())


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"TableName": "none"}, "DynamoDb.ResourceNotFoundException", "Requested resource not found (Service: Dyna"),
        (
            {"ConditionExpression": "attribute_exists(run_id)"},
            "DynamoDb.ConditionalCheckFailedException",
            "The conditional request failed (Service: DynamoDb, Status Code: 400",
        ),
        ({"Item": {"run_id": {"S": "r"}}}, "DynamoDb.DynamoDbException", "Missing the key effect_id in the item"),
        ({"Item": {"run_id": {"S": ""}}}, "DynamoDb.DynamoDbException", "may not contain an empty string. Key: run_id"),
    ],
)
async def test_what_dynamodb_refuses_is_refused_in_its_words(
    tmp_path: Path, clock: VirtualClock, more: Any, error: str, words: str
) -> None:
    async with opened(tmp_path, clock) as runtime:
        ending = await runtime.start(M, chain(asking(**more)), {}).wait()
        assert ending.result["Error"] == error
        assert words in ending.result["Cause"]


async def test_whoever_reads_the_table_finds_the_request_and_then_the_decision(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with opened(tmp_path, clock) as runtime:
        run = await asks(runtime)
        scanned = await runtime.moto.ask("dynamodb", "Scan", {"TableName": TABLE})
        assert [item["run_id"]["S"] for item in scanned["Items"]] == [run.name]
        desk = desk_of(runtime)
        await desk.decide(await one(desk), decision())
        (item,) = (await runtime.moto.ask("dynamodb", "Scan", {"TableName": TABLE}))["Items"]
        assert json.loads(item["decision"]["S"])["approver"] == "ada"
        assert "waiting" not in item


async def test_a_decision_whose_maker_died_before_the_run_was_told_is_told_by_the_next_one(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with opened(tmp_path, clock) as runtime:
        run = await asks(runtime)
        desk = desk_of(runtime)
        waiting = await one(desk)
        assert await desk.table.decide(waiting.key, waiting.token, json.dumps(decision().to_json()))
        with pytest.raises(AlreadyDecided):
            await desk.decide(waiting, decision("reject"))
        assert (await run.wait()).result["decision"] == "approve"


async def test_while_nobody_has_asked_dynamodb_is_not_loaded(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        assert await desk_of(runtime).waiting() == []
        assert await runtime.moto.mark("dynamodb") == 0


async def test_requests_of_an_older_version_are_brought_into_the_table_once(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with opened(tmp_path, clock) as runtime:
        run = await asks(runtime)
        desk = desk_of(runtime)
        waiting = await one(desk)
        item = dict(await desk.table.get(waiting.key) or {})
        old = {name: item[name] for name in ("run_id", "effect_id", "request", "task_token")}
        key = {name: item[name] for name in ("run_id", "effect_id")}
        await runtime.moto.ask("dynamodb", "DeleteItem", {"TableName": TABLE, "Key": key})
        runtime.database.execute("INSERT INTO carried VALUES (?, 'k', ?)", (TABLE, json.dumps(old)))
        assert await desk.waiting() == []
        for _ in range(2):
            await carry_over(runtime.database, desk.table)
            assert await one(desk) == waiting
        await desk.decide(waiting, decision())
        assert (await run.wait()).status == "SUCCEEDED"
