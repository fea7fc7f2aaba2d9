"""Approval: who is asked, what each decision does, and what is no decision."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from stepsmith.agent.rehearsal import Rehearsal, rehearse
from tests.agents.script import Json, Script, calls, decision, fails, hangs, says, use
from tests.agents.turns_test import results


def play(definition: dict[str, Any], *uses: Json, **world: Any) -> tuple[Rehearsal, Script]:
    script = Script([calls(*uses), says("ok")], **world)
    return rehearse(definition, {"prompt": "?"}, script), script


def decide(definition: dict[str, Any], kind: str, **more: Any) -> tuple[Json, Script]:
    """The result of one call of drop_table under a decision."""
    run, world = play(
        definition, use("drop_table", table="old"), person=lambda request: decision(request, kind, **more)
    )
    return results(run)[0], world


def test_an_approved_call_runs_and_its_result_says_who_approved(everything: dict[str, Any]) -> None:
    found, world = decide(everything, "approve", reason="fine")
    assert world.tool_calls[0]["input"] == {"table": "old"}
    assert found["approval"] == {
        "decision": "approve",
        "approver": "ada@example.com",
        "decided_at": "2026-01-01T01:00:00Z",
        "reason": "fine",
    }
    assert not found["is_error"]


def test_an_approved_turn_takes_seven_transitions(everything: dict[str, Any]) -> None:
    run, _ = play(everything, use("drop_table"))
    assert run.transitions == 4 + 7


def test_an_edit_runs_the_edited_input_and_the_model_sees_it(everything: dict[str, Any]) -> None:
    found, world = decide(everything, "edit", input={"table": "older"})
    assert world.tool_calls[0]["input"] == {"table": "older"}
    assert found["content"][0]["text"] == 'The reviewer changed the input to {"table":"older"}'


def test_a_rejection_and_an_answer_are_the_result(everything: dict[str, Any]) -> None:
    rejected, world = decide(everything, "reject", reason="too early")
    assert (rejected["is_error"], rejected["content"][0]["text"]) == (True, "Rejected by ada@example.com: too early")
    answered, _ = decide(everything, "answer", reason="It is gone already.")
    assert (answered["is_error"], answered["content"][0]["text"]) == (False, "It is gone already.")
    assert world.tool_calls == []


@pytest.mark.parametrize(
    "wrong",
    [
        lambda request: decision(request, "approve", input_hash="0" * 64),
        lambda request: decision(request, "shrug"),
        lambda request: decision(request, "edit"),
        lambda request: decision(request, "edit", input="drop"),
        lambda request: decision(request, "edit", input={"table": "x" * 9_000}),
        lambda request: "approve",
        lambda request: [decision(request, "approve")],
        lambda request: {},
    ],
)
def test_what_is_no_decision_about_this_call_denies_it(everything: dict[str, Any], wrong: Any) -> None:
    run, world = play(everything, use("drop_table"), person=wrong)
    (found,) = results(run)
    assert found["content"][0]["text"] == "The decision does not fit this call: denied."
    assert found["is_error"] and found["approval"]["decision"] == "invalid" and world.tool_calls == []


@pytest.mark.parametrize("tool", ["drop_table", "refund"])
@pytest.mark.parametrize("number", [1_234_567_890_123_456_789, -(10**16), 1e300])
def test_nobody_approves_a_number_that_is_not_the_one_that_would_be_run(
    everything: dict[str, Any], tool: str, number: float
) -> None:
    run, world = play(everything, use(tool, account=number))
    (found,) = results(run)
    assert found["is_error"] and "more digits than a person is shown" in found["content"][0]["text"]
    assert world.approvals == world.tool_calls == []


def test_texts_and_numbers_of_fifteen_digits_are_asked_about(everything: dict[str, Any]) -> None:
    given: Json = {
        "account": "1234567890123456789",
        'a "b\\': '\\" 1e5 "12345678901234567890',
        "n": [0.1 + 0.2, 123_456_789_012_345],
    }
    run, world = play(everything, use("drop_table", **given))
    assert not results(run)[0]["is_error"]
    assert world.tool_calls[0]["input"] == given


def test_no_answer_in_time_denies(everything: dict[str, Any]) -> None:
    run, world = play(everything, use("refund"), person=lambda request: hangs())
    (found,) = results(run)
    assert (found["content"][0]["text"], found["approval"]) == (
        "Nobody decided in time: denied.",
        {"decision": "expired"},
    )
    assert 3600 <= run.seconds < 3610
    assert world.approvals[0]["expires_at"] == "2026-01-01T01:00:01.000Z"


def test_a_request_that_cannot_be_made_denies(everything: dict[str, Any]) -> None:
    run, _ = play(everything, use("drop_table"), person=lambda request: fails("DynamoDb.ResourceNotFoundException"))
    assert results(run)[0]["content"][0]["text"] == "Nobody could be asked: denied."


def test_the_request_waits_in_the_table_and_an_activity_takes_it_by_choice(everything: dict[str, Any]) -> None:
    run, world = play(everything, use("drop_table", "a"), use("refund", "b"))
    resources = [task.resource for task in run.invoked if task.task_token]
    assert resources == [
        "arn:aws:states:::aws-sdk:dynamodb:putItem.waitForTaskToken",
        "arn:aws:states:us-east-1:000000000000:activity:stepsmith-local-approvals",
    ]
    table, activity = world.approvals
    assert set(table) == set(activity)


def test_an_item_of_the_table_is_in_the_index_of_what_waits_and_goes_a_month_after_its_time(
    everything: dict[str, Any],
) -> None:
    run, _ = play(everything, use("drop_table"))
    [item] = [task.arguments["Item"] for task in run.invoked if task.task_token]
    expires = datetime.fromisoformat(item["expires_at"]["S"])
    assert item["waiting"] == {"S": "approval"}
    assert item["delete_at"] == {"N": str(int((expires + timedelta(days=30)).timestamp()))}


def test_hints_decide_who_asks_where_the_agent_says_nothing(everything: dict[str, Any]) -> None:
    _, world = play(
        everything, use("wipe_cache", "a"), use("send_mail", "b"), use("add_note", "c"), use("put_price", "d")
    )
    assert [request["tool"] for request in world.approvals] == ["wipe_cache"]


def test_after_untrusted_content_whatever_is_not_read_only_asks(everything: dict[str, Any]) -> None:
    changes = calls(use("add_note", "a"), use("put_price", "b"), use("get_db_schema", "c"), use("send_mail", "d"))
    world = Script([calls(use("fetch_page")), changes, says("ok")])
    rehearse(everything, {"prompt": "?"}, world)
    assert [request["tool"] for request in world.approvals] == ["add_note", "put_price"]


def test_a_run_that_goes_on_from_untrusted_content_is_tainted_from_its_start(everything: dict[str, Any]) -> None:
    block = {"type": "tool_result", "tool_use_id": "x", "name": "fetch_page", "content": [], "untrusted": True}
    untrusted = {"tail": [{"role": "user", "content": [block]}]}
    for transcript in (untrusted, {"chunks": ["s3://b/transcripts/everything/r/1.json"]}):
        world = Script([calls(use("add_note")), says("ok")])
        rehearse(everything, {"prompt": "?", "transcript": transcript}, world)
        assert len(world.approvals) == 1


@pytest.mark.parametrize(
    ("input", "asks"), [({"count": 10}, False), ({"count": 11}, True), ({}, True), ({"count": "many"}, True)]
)
def test_anything_but_a_clean_false_asks(everything: dict[str, Any], input: Json, asks: bool) -> None:
    run, world = play(everything, {**use("delete_rows"), "input": input})
    assert (len(world.approvals), len(world.tool_calls)) == (asks, 1)
    assert run.transitions == 4 + 5 + 3 + (2 if asks and input != {"count": "many"} else 1 if asks else 0)


def test_a_predicate_sees_that_the_run_is_tainted(everything: dict[str, Any]) -> None:
    world = Script([calls(use("fetch_page")), calls(use("delete_rows", count=1)), says("ok")])
    rehearse(everything, {"prompt": "?"}, world)
    assert len(world.approvals) == 1


def test_after_an_approval_a_tool_has_half_its_share(everything: dict[str, Any]) -> None:
    _, world = play(everything, use("drop_table"))
    assert world.tool_calls[0]["context"]["max_result_bytes"] == 16 * 1024
