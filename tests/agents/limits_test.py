"""Limits: reached, narrowed, and what a run says then."""

from typing import Any

import pytest

from stepsmith.agent.rehearsal import rehearse
from stepsmith.contracts import RunOutput
from tests.agents.script import Script, calls, chunking, fails, says, slowly, use

LOOK = calls(use("get_db_schema"))


def stop(definition: dict[str, Any], world: Script, **run_input: Any) -> tuple[str, str, int]:
    """How a run ends: status, reason, turns."""
    output = rehearse(definition, {"prompt": "?", **run_input}, world).output
    RunOutput.from_json(output)
    return output["status"], output["stop_reason"], output["turns"]


def test_the_last_turn_is_final_and_a_call_after_it_is_not_run(everything: dict[str, Any]) -> None:
    world = Script([LOOK])
    assert stop(everything, world, limits={"max_turns": 3}) == ("stopped", "max_turns", 3)
    assert [request["final"] for request in world.requests] == [False, False, True]
    assert len(world.tool_calls) == 2


def test_a_stopped_run_answers_the_calls_it_does_not_run(everything: dict[str, Any]) -> None:
    run = rehearse(everything, {"prompt": "?", "limits": {"max_turns": 1}}, Script([LOOK]))
    last = run.output["transcript"]["tail"][-1]["content"][0]
    assert (last["type"], last["tool_use_id"], last["is_error"]) == ("tool_result", "call_1", True)
    assert last["content"][0]["text"] == "Not run: the run was stopped (max_turns)."


def test_an_answer_on_the_final_turn_completes_the_run(everything: dict[str, Any]) -> None:
    world = Script([LOOK, LOOK, says("27")])
    assert stop(everything, world, limits={"max_turns": 3}) == ("completed", "end_turn", 3)


def test_ninety_percent_of_tokens_or_cost_make_the_next_call_final(everything: dict[str, Any]) -> None:
    tokens = Script([LOOK, says("27")])
    stop(everything, tokens, limits={"max_total_tokens": 140})
    cost = Script([LOOK, says("27")])
    stop(everything, cost, limits={"max_cost_usd": 0.0011})
    assert [[request["final"] for request in world.requests] for world in (tokens, cost)] == [[False, True]] * 2


def test_tokens_or_cost_reached_stop_the_run_before_its_tools(everything: dict[str, Any]) -> None:
    world = Script([LOOK])
    assert stop(everything, world, limits={"max_total_tokens": 126}) == ("stopped", "max_total_tokens", 1)
    assert stop(everything, world, limits={"max_cost_usd": 0.001}) == ("stopped", "max_cost_usd", 1)
    assert world.tool_calls == []


def test_an_input_narrows_limits_and_never_widens_them(everything: dict[str, Any]) -> None:
    assert stop(everything, Script([LOOK]), limits={"max_turns": 1000})[2] == 25


def test_without_a_cost_limit_an_unknown_price_makes_the_cost_null(plain: dict[str, Any]) -> None:
    output = rehearse(plain, {"prompt": "?"}, Script([says("ok", cost_usd=None)])).output
    assert (output["status"], output["cost_usd"]) == ("completed", None)


def test_with_a_cost_limit_an_unknown_price_stops_the_run(everything: dict[str, Any]) -> None:
    world = Script([calls(use("get_db_schema"), cost_usd=None)])
    assert stop(everything, world) == ("stopped", "price_unknown", 1)


def test_usage_and_cost_are_added_up(everything: dict[str, Any]) -> None:
    output = rehearse(everything, {"prompt": "?"}, Script([LOOK, says("ok")])).output
    assert output["usage"] == {
        "input_tokens": 200,
        "output_tokens": 40,
        "cache_read_tokens": 10,
        "cache_write_tokens": 2,
    }
    assert output["cost_usd"] == 0.002


def test_the_deadline_stops_a_run_whose_model_took_too_long(everything: dict[str, Any]) -> None:
    slow = Script([slowly(LOOK, 9), slowly(LOOK, 0.95)])
    assert stop(everything, slow, limits={"deadline_seconds": 10}) == ("stopped", "deadline", 2)
    hanging = Script([fails("never", after_seconds=10**6)])
    assert stop(everything, hanging, limits={"deadline_seconds": 10}) == ("stopped", "deadline", 0)


def test_tasks_get_what_the_run_has_left(everything: dict[str, Any]) -> None:
    run = rehearse(
        everything, {"prompt": "?", "limits": {"deadline_seconds": 20}}, Script([slowly(LOOK, 5), says("ok")])
    )
    assert [task.timeout_seconds for task in run.invoked] == [20, 15, 15]


def test_a_redrive_starts_the_time_anew(everything: dict[str, Any]) -> None:
    run = rehearse(
        everything,
        {"prompt": "?", "limits": {"deadline_seconds": 20}},
        Script([says("ok")]),
        redriven_ms=1_767_225_700_000,
    )
    assert run.invoked[0].timeout_seconds == 120


@pytest.mark.parametrize("uses", [1, 20])
def test_a_run_stops_before_its_history_is_full(plain: dict[str, Any], uses: int) -> None:
    before = 20_000
    begin = plain["States"]["Begin"]
    limits = "{% {'max_turns': 100000, 'deadline_seconds': 1000000} %}"
    late = {**begin, "Assign": {**begin["Assign"], "limits": limits, "events": before}}
    world = Script([chunking(calls(*(use("no_such_tool", f"c{index}") for index in range(uses))))])
    run = rehearse({**plain, "States": {**plain["States"], "Begin": late}}, {"prompt": "?"}, world)
    assert run.output["stop_reason"] == "history_full"
    assert 21_000 < before + len(run.events) <= 24_000


def test_waits_and_retries_count_for_the_history(plain: dict[str, Any]) -> None:
    def busy(request: Any) -> Any:
        asked = sum(each["turn"] == request["turn"] for each in world.requests)
        return fails("LlmThrottled", "retry_after=1") if asked < 6 else calls(use("no_such_tool"))

    before = 23_000
    begin = plain["States"]["Begin"]
    late = {**begin, "Assign": {**begin["Assign"], "events": before}}
    world = Script([busy])
    run = rehearse({**plain, "States": {**plain["States"], "Begin": late}}, {"prompt": "?"}, world)
    assert run.output["stop_reason"] == "history_full"
    assert before + len(run.events) <= 24_000 + 10
