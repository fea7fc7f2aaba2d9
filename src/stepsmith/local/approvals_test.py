"""A request waits in the table of approvals, and one decision counts: here, from another process, or at the resume."""

from pathlib import Path
from typing import Any

import pytest

from stepsmith.asl import Invoke
from stepsmith.contracts import Decision
from stepsmith.local import Runtime, VirtualClock
from stepsmith.local.approvals import KEY, Approvals, Waiting
from stepsmith.local.conftest import chain, machine_arn
from stepsmith.local.errors import AlreadyDecided, DecisionTooLate, HashDiffers, NothingWaits, RunIsFinished

pytestmark = pytest.mark.asyncio

M = machine_arn("shop")
TABLE = "approvals"
TABLES = {TABLE: KEY}
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


class Desk(Approvals):
    def __init__(self, runtime: Runtime, table: str) -> None:
        super().__init__(runtime.database, table, runtime.now_ms, runtime.deliver)

    def one(self) -> Waiting:
        (waiting,) = self.waiting()
        return waiting


def opened(path: Path, clock: VirtualClock) -> Runtime:
    return Runtime(path, clock=clock, tables=TABLES)


async def test_what_waits_is_listed_with_its_request_and_run(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        run = runtime.start(M, chain(asking()), {}, "r1")
        await clock.advance(1)
        waiting = Desk(runtime, TABLE).one()
        assert (waiting.execution, waiting.request.tool, waiting.request.input) == (run.arn, "refund", {"euros": 5})
        assert waiting.expires_ms == clock.now_ms() + 59_000


async def test_a_decision_is_the_output_of_the_task(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        run = runtime.start(M, chain(asking()), {})
        await clock.advance(1)
        desk = Desk(runtime, TABLE)
        waiting = desk.one()
        desk.decide(waiting, decision())
        assert (await run.wait()).result == decision().to_json()
        assert (desk.verdict(waiting), desk.waiting()) == ("taken", [])
        types = [event.type for event in runtime.history(run.name)]
        assert types[2:6] == ["TaskScheduled", "TaskStarted", "TaskSubmitted", "TaskSucceeded"]


async def test_of_two_deciders_one_wins_and_the_other_is_told_who(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime, opened(tmp_path, clock) as elsewhere:
        run = runtime.start(M, chain(asking()), {})
        await clock.advance(1)
        first, second = Desk(elsewhere, TABLE), Desk(runtime, TABLE)
        seen = second.one()
        first.decide(first.one(), decision("reject", reason="no"))
        with pytest.raises(AlreadyDecided, match="'reject' by 'ada' at 2026-01-01T00:00:00Z"):
            second.decide(seen, decision())
        runtime.deliver()
        assert (await run.wait()).result["decision"] == "reject"


async def test_a_decision_of_another_process_is_seen_without_being_told(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime, opened(tmp_path, clock) as elsewhere:
        run = runtime.start(M, chain(asking()), {})
        await clock.advance(1)
        desk = Desk(elsewhere, TABLE)
        desk.decide(desk.one(), decision())
        assert (await run.wait()).status == "SUCCEEDED"


async def test_a_decision_is_kept_while_nobody_works_on_the_run(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        runtime.start(M, chain(asking()), {}, "r1")
        await clock.advance(1)
    async with opened(tmp_path, clock) as elsewhere:
        desk = Desk(elsewhere, TABLE)
        waiting = desk.one()
        desk.decide(waiting, decision())
        assert desk.verdict(waiting) is None
    await clock.advance(3600)  # in time is in time, however late the run goes on
    async with opened(tmp_path, clock) as runtime:
        assert (await runtime.resume("r1").wait()).status == "SUCCEEDED"


async def test_after_a_crash_it_is_the_same_item_and_the_same_token(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        runtime.start(M, chain(asking()), {}, "r1")
        await clock.advance(1)
        before = Desk(runtime, TABLE).one()
    async with opened(tmp_path, clock) as runtime:
        runtime.resume("r1")
        await clock.advance(1)
        assert Desk(runtime, TABLE).one() == before


async def test_a_decision_made_before_the_request_was_recorded_is_not_undone(
    tmp_path: Path, clock: VirtualClock
) -> None:
    async with opened(tmp_path, clock) as runtime:
        run = runtime.start(M, chain(asking()), {}, "r1")
        run.let_go()  # what a kill leaves before the answer of PutItem is recorded
        (pending,) = run.replica.pending.values()
        assert isinstance(pending.effect, Invoke)
        runtime.items.put(TABLE, pending.effect.arguments["Item"])
    async with opened(tmp_path, clock) as elsewhere:
        desk = Desk(elsewhere, TABLE)
        desk.decide(desk.one(), decision())
    async with opened(tmp_path, clock) as runtime:
        assert (await runtime.resume("r1").wait()).result["approver"] == "ada"


async def test_nobody_decides_after_the_deadline(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime, opened(tmp_path, clock) as elsewhere:
        run = runtime.start(M, chain(asking()), {})
        await clock.advance(1)
        desk = Desk(elsewhere, TABLE)
        waiting = desk.one()
        await clock.advance(59)
        assert desk.waiting() == []
        with pytest.raises((DecisionTooLate, RunIsFinished)):
            desk.decide(waiting, decision())
        assert (await run.wait()).result["Error"] == "States.Timeout"


async def test_a_decision_that_comes_after_the_tasks_time_does_not_count(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        runtime.start(M, chain(asking()), {}, "r1")
        await clock.advance(1)
        waiting = Desk(runtime, TABLE).one()
    await clock.advance(3600)
    async with opened(tmp_path, clock) as runtime:
        with pytest.raises(DecisionTooLate, match="nobody decided in time"):
            Desk(runtime, TABLE).decide(waiting, decision())
        runtime.inbox.put(waiting.token, decision().to_json(), clock.now_ms())  # whoever goes past the desk
        run = runtime.resume("r1")
        await clock.advance(0)
        assert (await run.wait()).result["Error"] == "States.Timeout"
        assert Desk(runtime, TABLE).verdict(waiting) == "TaskTimedOut"


async def test_a_run_that_has_ended_waits_for_nobody(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        run = runtime.start(M, chain(asking()), {})
        await clock.advance(1)
        desk = Desk(runtime, TABLE)
        waiting = desk.one()
        run.stop()
        assert desk.waiting() == []
        with pytest.raises(RunIsFinished):
            desk.decide(waiting, decision())


async def test_a_decision_about_another_input_is_refused(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        runtime.start(M, chain(asking()), {})
        await clock.advance(1)
        desk = Desk(runtime, TABLE)
        with pytest.raises(HashDiffers):
            desk.decide(desk.one(), decision(input_hash="other"))
        assert len(desk.waiting()) == 1


async def test_a_request_that_was_made_anew_is_another_one(tmp_path: Path, clock: VirtualClock) -> None:
    async with opened(tmp_path, clock) as runtime:
        runtime.start(M, chain(asking()), {}, "r1")
        await clock.advance(1)
        desk = Desk(runtime, TABLE)
        waiting = desk.one()
        item = {**(runtime.items.get(TABLE, "r1", "e1") or {}), "task_token": {"S": "another"}}
        runtime.items.put(TABLE, item)
        with pytest.raises(NothingWaits):
            desk.decide(waiting, decision())


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        ({"TableName": "none"}, "DynamoDb.ResourceNotFoundException", "Requested resource not found (Service: Dyna"),
        ({"ConditionExpression": "x"}, "DynamoDb.DynamoDbException", "ConditionExpression is not served"),
        ({"Item": {"run_id": {"S": "r"}}}, "DynamoDb.DynamoDbException", "Missing the key effect_id in the item"),
        ({"Item": {"run_id": {"N": "1"}}}, "DynamoDb.DynamoDbException", "key run_id expected: S actual: N"),
        ({"Item": {"run_id": {"S": ""}}}, "DynamoDb.DynamoDbException", "empty string value. Key: run_id"),
    ],
)
async def test_what_dynamodb_refuses_is_refused_in_its_words(
    tmp_path: Path, clock: VirtualClock, more: Any, error: str, words: str
) -> None:
    async with opened(tmp_path, clock) as runtime:
        ending = await runtime.start(M, chain(asking(**more)), {}).wait()
        assert ending.result["Error"] == error
        assert words in ending.result["Cause"]
