"""Model failures: waiting as asked, falling back, the last attempt, cancel, and the errors that end a run."""

from typing import Any

import pytest

from stepsmith.agent.rehearsal import rehearse
from tests.agents.script import Script, calls, fails, says, use

ASK = {"prompt": "?"}


def test_a_throttled_call_waits_as_long_as_the_vendor_asked_for(everything: dict[str, Any]) -> None:
    throttled = fails("LlmThrottled", '{"errorMessage": "slow down retry_after=60"}')
    run = rehearse(everything, ASK, Script([throttled, throttled, says("ok")]))
    assert run.states == (
        "Begin",
        *("Call model", "Model failed", "Wait for the vendor") * 2,
        *("Call model", "Decide", "Finish"),
    )
    assert 120 <= run.seconds <= 126


def test_without_a_hint_waits_double(everything: dict[str, Any]) -> None:
    run = rehearse(everything, ASK, Script([fails("LlmOverloaded"), fails("LlmOverloaded", "busy"), says("ok")]))
    assert 6 <= run.seconds <= 12


def test_after_five_waits_or_too_long_a_wait_the_next_model_answers(everything: dict[str, Any]) -> None:
    for script in (
        [*[fails("LlmThrottled", "retry_after=1")] * 6, says("ok")],
        [fails("LlmThrottled", "retry_after=900"), says("ok")],
    ):
        world = Script(script)
        rehearse(everything, ASK, world)
        assert world.requests[-2]["model"] == "anthropic:model-a"
        assert world.requests[-1]["model"] == "openai:model-b"


def test_a_model_that_is_down_is_retried_then_replaced_for_the_rest_of_the_run(everything: dict[str, Any]) -> None:
    down = [fails("LlmUnavailable")] * 5
    world = Script([*down, calls(use("get_db_schema")), says("ok")])
    run = rehearse(everything, ASK, world)
    assert [request["model"][:6] for request in world.requests] == ["anthro"] * 5 + ["openai"] * 2
    assert run.output["status"] == "completed"


@pytest.mark.parametrize("error", ["Lambda.Unknown", "Runtime.ExitError", "Runtime.OutOfMemory", "Sandbox.Timedout"])
def test_a_caller_that_died_is_not_asked_again_but_the_next_model_is(everything: dict[str, Any], error: str) -> None:
    world = Script([fails(error), says("ok")])
    rehearse(everything, ASK, world)
    assert [request["model"] for request in world.requests] == ["anthropic:model-a", "openai:model-b"]


def test_when_all_models_are_down_the_run_fails_in_its_last_attempt(everything: dict[str, Any]) -> None:
    run = rehearse(everything, ASK, Script([fails("LlmUnavailable", "down")]))
    assert getattr(run.status, "error", None) == "LlmUnavailable"
    assert run.states[-1] == "Last attempt"


def test_the_last_attempt_goes_on_where_it_succeeds(plain: dict[str, Any]) -> None:
    run = rehearse(plain, ASK, Script([fails("Lambda.Unknown"), says("ok")]))
    assert run.states == ("Begin", "Call model", "Model failed", "Last attempt", "Decide", "Finish")


@pytest.mark.parametrize("error", ["LlmAuthentication", "LlmInvalidRequest", "LlmContextTooLong"])
def test_an_error_that_somebody_must_act_on_fails_the_run_in_call_model(everything: dict[str, Any], error: str) -> None:
    run = rehearse(everything, ASK, Script([fails(error, "the operator: set a key")]))
    assert (getattr(run.status, "error", None), run.states) == (error, ("Begin", "Call model"))


def test_a_cancelled_run_stops_in_order(everything: dict[str, Any]) -> None:
    look = calls(use("get_db_schema"))
    run = rehearse(everything, ASK, Script([look, look, fails("RunCancelled")]))
    assert (run.output["status"], run.output["stop_reason"], run.output["turns"]) == ("stopped", "cancelled", 2)
    assert run.output["transcript"]["tail"][-1]["role"] == "user"


def test_a_cancel_is_heard_in_the_last_attempt_too(plain: dict[str, Any]) -> None:
    run = rehearse(plain, ASK, Script([fails("Lambda.Unknown"), fails("RunCancelled")]))
    assert run.output["stop_reason"] == "cancelled"


def test_the_model_of_the_input_comes_first_and_fallbacks_stay(everything: dict[str, Any]) -> None:
    world = Script([fails("Lambda.Unknown"), says("ok")])
    rehearse(everything, {**ASK, "model": "anthropic:other"}, world)
    assert [request["model"] for request in world.requests] == ["anthropic:other", "openai:model-b"]


def test_a_scripted_model_is_never_replaced_by_one_that_costs(everything: dict[str, Any]) -> None:
    world = Script([fails("Lambda.Unknown"), says("ok")])
    rehearse(everything, {**ASK, "model": "scripted:everything/first"}, world)
    assert [request["model"] for request in world.requests] == ["scripted:everything/first"] * 2
