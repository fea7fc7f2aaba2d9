"""Sub-agents: what they are given, what they give back, and what their failures are."""

from typing import Any

from stepsmith.agent.rehearsal import rehearse
from tests.agents.script import Json, Script, calls, fails, says, use, used
from tests.agents.turns_test import results


def play(definition: dict[str, Any], *uses: Json, **world: Any) -> tuple[Any, Script]:
    script = Script([calls(*uses), says("ok")], **world)
    return rehearse(definition, {"prompt": "?"}, script), script


def test_a_sub_agent_gets_what_is_left_divided_by_the_calls_of_the_turn(everything: dict[str, Any]) -> None:
    _, world = play(everything, use("research", "a", prompt="x"), use("get_db_schema", "b"))
    (given,) = world.subruns
    assert given["limits"] == {
        "max_total_tokens": (400_000 - 126) // 2,
        "max_cost_usd": round((0.5 - 0.001) / 2, 9),
        "deadline_seconds": 28_799,
    }
    assert "model" not in given


def test_it_is_named_by_its_effect_id(everything: dict[str, Any]) -> None:
    run, _ = play(everything, use("research", prompt="x"))
    names = [task.arguments["Name"] for task in run.invoked if "startExecution" in task.resource]
    assert names == [results(run)[0]["run_id"]] and len(names[0]) == 64


def test_its_usage_and_cost_count_for_the_parent(everything: dict[str, Any]) -> None:
    run, _ = play(everything, use("research", "a", prompt="x"), use("research", "b", prompt="y"))
    assert run.output["usage"]["input_tokens"] == 4 * 100
    assert run.output["cost_usd"] == 0.022
    assert [each["content"][0]["text"] for each in results(run)] == ["researched x", "researched y"]


def test_a_stopped_sub_agent_is_an_error_result_with_its_best_answer(everything: dict[str, Any]) -> None:
    run, _ = play(
        everything,
        use("research", prompt="x"),
        subagent=lambda given: used("half", status="stopped", stop_reason="max_turns"),
    )
    (found,) = results(run)
    assert (found["is_error"], found["content"][0]["text"]) == (True, "Stopped (max_turns). Best answer so far: half")


def test_a_failed_sub_agent_leaves_the_price_unknown(everything: dict[str, Any]) -> None:
    run, _ = play(everything, use("research", prompt="x"), subagent=lambda given: fails("States.TaskFailed"))
    assert results(run)[0]["content"][0]["text"] == "research failed (States.TaskFailed)."
    assert run.output["cost_usd"] is None


def test_one_that_never_started_costs_nothing(everything: dict[str, Any]) -> None:
    error = "StepFunctions.StateMachineDoesNotExistException"
    run, _ = play(everything, use("research", prompt="x"), subagent=lambda given: fails(error))
    assert "run_id" not in results(run)[0] and run.output["cost_usd"] == 0.002


def test_an_unknown_price_of_a_sub_agent_is_an_unknown_price(everything: dict[str, Any]) -> None:
    run, _ = play(everything, use("research", prompt="x"), subagent=lambda given: used("x", cost_usd=None))
    assert run.output["cost_usd"] is None


def test_a_call_without_a_prompt_is_told_what_to_change(everything: dict[str, Any]) -> None:
    run, world = play(everything, use("research"), use("research", "b", prompt=""), use("research", "c", prompt=["x"]))
    assert all("takes" in each["content"][0]["text"] and each["is_error"] for each in results(run))
    assert world.subruns == []


def test_a_long_answer_is_cut_to_its_share(everything: dict[str, Any]) -> None:
    run, world = play(everything, use("research", prompt="x"), subagent=lambda given: used("é" * 60_000))
    (found,) = results(run)
    assert len(found["content"][0]["text"].encode()) <= 32 * 1024
    assert found["content"][0]["text"].endswith(f"(cut; the rest is in run {found['run_id']})")
    assert world.subruns[0]["max_output_bytes"] == 32 * 1024 - 500


def test_what_it_read_on_the_web_taints_its_parent(everything: dict[str, Any]) -> None:
    world = Script([calls(use("research", prompt="x")), calls(use("add_note")), says("ok")])
    run = rehearse(everything, {"prompt": "?"}, world)
    assert results(run)[0]["untrusted"] is True
    assert [request["tool"] for request in world.approvals] == ["add_note"]


def test_under_a_scripted_model_it_plays_the_scenario_of_the_same_name(everything: dict[str, Any]) -> None:
    world = Script([calls(use("research", prompt="x")), says("ok")])
    rehearse(everything, {"prompt": "?", "model": "scripted:everything/wins for money"}, world)
    assert world.subruns[0]["model"] == "scripted:research/wins for money"
