"""The reference machine of an agent loop, driven through the scenarios that its authors tried elsewhere.

testdata/agent.asl.json is the machine of the design's example; the counts of transitions and events are those of its
README, found there on two other interpreters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stepsmith import asl
from stepsmith.asl.jsonata.interpreted import Interpreted
from stepsmith.asl.jsonata.translated import Translated
from stepsmith.asl.outcome import Failed, ScheduleFailed, Started, Succeeded, TimedOut

from .conftest import START_MS, Play, Played, Reply, context

_DEFINITION = json.loads((Path(__file__).parent / "testdata" / "agent.asl.json").read_text())
_USAGE = {"input_tokens": 100, "output_tokens": 10, "cache_read_tokens": 0, "cache_write_tokens": 0}


def says(text: str = "Done.", **more: Any) -> asl.Outcome:
    """The model answers."""
    return _model([{"type": "text", "text": text}], output={"answer": text}, **more)


def calls(*names: str, **inputs: Any) -> asl.Outcome:
    """The model wants tools: one call a name, ids c0, c1 .."""
    blocks = [{"type": "tool_use", "id": f"c{i}", "name": name, "input": inputs} for i, name in enumerate(names)]
    return _model(blocks, stop_reason="tool_use")


def _model(content: list[dict[str, Any]], **more: Any) -> asl.Outcome:
    answer = {"stop_reason": "end_turn", "usage": _USAGE, "cost_usd": 0.001, "provider": "p", "model": "m", **more}
    return lambda_answer({"message": {"role": "assistant", "content": content}, "latency_ms": 1, **answer})


def lambda_answer(payload: Any) -> asl.Outcome:
    return Succeeded({"ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": 200})


def result(text: str, **more: Any) -> asl.Outcome:
    return lambda_answer(
        {"type": "tool_result", "content": [{"type": "text", "text": text}], "is_error": False, **more}
    )


class Agent:
    """Answers the model's calls from a list, and tools by a function of the call's name and id."""

    def __init__(self, play: Play, models: list[asl.Outcome], tools: Callable[[asl.Invoke], Reply]) -> None:
        self._models = iter(models)
        self._tools = tools
        self.played: Played = play(_DEFINITION, {"prompt": "How many?"}, self._answer)
        self.output = self.played.output if self.played.types[-1] == "ExecutionSucceeded" else None

    def _answer(self, effect: asl.Invoke) -> Reply:
        model = "caller-" in str(effect.arguments.get("FunctionName", ""))
        return next(self._models) if model else self._tools(effect)

    @property
    def results(self) -> list[dict[str, Any]]:
        """The tool results of the last turn that has some."""
        assert self.output is not None
        messages = [each["content"] for each in self.output["transcript"]["tail"] if each["role"] == "user"]
        return [block for block in messages[-1] if block["type"] == "tool_result"]

    @property
    def counts(self) -> tuple[int, int]:
        """Transitions, retries counted, and events."""
        entered = sum(type.endswith("StateEntered") for type in self.played.types)
        attempts = sum(type.endswith("Scheduled") for type in self.played.types)
        tasks = self.played.types.count("TaskStateEntered")
        return entered + attempts - tasks, len(self.played.types)


def no_tool(effect: asl.Invoke) -> asl.Outcome:
    raise AssertionError(f"no tool was wanted: {effect}")


def test_a_plain_answer_is_four_transitions(play: Play) -> None:
    agent = Agent(play, [says("42")], no_tool)
    assert agent.output is not None and agent.output["output"] == {"answer": "42"}
    assert agent.counts == (4, 13)


def test_one_tool_is_five_transitions_more(play: Play) -> None:
    agent = Agent(play, [calls("get_db_schema"), says()], lambda effect: result("27 tables"))
    assert agent.counts == (9, 33)
    assert agent.results[0]["content"] == [{"type": "text", "text": "27 tables"}]


def test_three_parallel_calls_each_get_their_result(play: Play) -> None:
    def tools(effect: asl.Invoke) -> Reply:
        call = effect.arguments["Payload"]
        return result("fine") if call["id"] == "c0" else Failed("ValueError", "{}")

    agent = Agent(play, [calls("get_db_schema", "nope", "execute_sql_query"), says()], tools)
    assert agent.counts == (14, 50)
    assert [(each["tool_use_id"], each["is_error"]) for each in agent.results] == [
        ("c0", False),
        ("c1", True),
        ("c2", True),
    ]


def test_throttled_twice_waits_as_the_vendor_says(play: Play) -> None:
    throttled = Failed("LlmThrottled", '{"errorMessage": "slow down; retry_after=1"}')
    agent = Agent(play, [throttled, throttled, says()], no_tool)
    assert agent.counts == (10, 31)
    assert [sleep.until_ms for sleep in agent.played.sleeps] == sorted(sleep.until_ms for sleep in agent.played.sleeps)


def test_throttled_for_long_asks_the_next_model(play: Play) -> None:
    agent = Agent(play, [Failed("LlmThrottled", "retry_after=900"), says()], no_tool)
    assert agent.counts == (6, 20)
    assert agent.played.invokes[-1].arguments["Payload"]["model"] == "openai:model-b"


def test_a_model_that_is_down_falls_back_after_its_retries(play: Play) -> None:
    down = [Failed("LlmUnavailable", "503")] * 5
    agent = Agent(play, [*down, calls("get_db_schema"), says()], lambda effect: result("x"))
    assert agent.counts == (
        15,
        52,
    )  # the README's run is retried twice, this one four times: 2 transitions, 6 events more


def test_all_models_down_fails_in_the_last_attempt(play: Play) -> None:
    agent = Agent(play, [Failed("LlmUnavailable", "503")] * 15, no_tool)
    assert agent.played.error == ("LlmUnavailable", "503")
    assert agent.played.types[-1] == "ExecutionFailed"


def test_a_bad_key_fails_in_call_model(play: Play) -> None:
    agent = Agent(play, [Failed("LlmAuthentication", "who must act")], no_tool)
    assert agent.counts == (2, 8)


def test_a_bad_input_fails_by_name(play: Play) -> None:
    played = play(_DEFINITION, {"promt": "typo"})
    assert played.error == ("InvalidRunInput", "prompt or messages: one of them is needed")
    assert len(played.types) == 5


@pytest.mark.parametrize(
    ("decision", "counts"), [("approve", (13, 49)), ("edit", (13, 49)), ("reject", (13, 46)), ("answer", (13, 46))]
)
def test_a_reviewer_decides(play: Play, decision: str, counts: tuple[int, int]) -> None:
    def reviewed(effect: asl.Invoke) -> Reply:
        if "activity" not in effect.resource:
            return result("done")
        answer = {"decision": decision, "input_hash": effect.arguments["input_hash"], "approver": "Ada", "reason": "so"}
        return [Started("console"), Succeeded({**answer, "input": {"table": "t"}} if decision == "edit" else answer)]

    agent = Agent(play, [calls("delete_rows", "get_db_schema", table="t", where="1=1"), says()], reviewed)
    assert agent.counts == counts
    assert agent.results[0]["is_error"] == (decision == "reject")


def test_a_decision_that_never_comes_denies(play: Play) -> None:
    def nobody(effect: asl.Invoke) -> Reply:
        return [Started("console"), TimedOut()] if "activity" in effect.resource else result("done")

    agent = Agent(play, [calls("delete_rows", "get_db_schema"), says()], nobody)
    assert agent.counts == (12, 44)
    assert agent.results[0]["content"][0]["text"] == "Nobody decided in time: denied."


def test_a_decision_about_another_input_denies(play: Play) -> None:
    other = Succeeded({"decision": "approve", "input_hash": "of something else", "approver": "Ada"})
    agent = Agent(play, [calls("delete_rows"), says()], lambda effect: other)
    assert agent.results[0]["content"][0]["text"] == "No decision that fits this call: denied."


def test_an_activity_that_does_not_exist_denies(play: Play) -> None:
    agent = Agent(play, [calls("delete_rows"), says()], lambda effect: ScheduleFailed("ActivityDoesNotExist", "gone"))
    assert agent.results[0]["is_error"]


def test_a_destructive_call_that_raises_has_an_unknown_outcome(play: Play) -> None:
    agent = Agent(play, [calls("delete_rows", dry_run=True), says()], lambda effect: Failed("ValueError", "{}"))
    assert agent.counts == (10, 35)
    assert "What it has done is unknown" in agent.results[0]["content"][0]["text"]


def test_a_sub_agent_starts_under_its_effect_id_and_is_paid_for(play: Play) -> None:
    def tools(effect: asl.Invoke) -> Reply:
        output = {"status": "completed", "output": "found", "usage": _USAGE, "cost_usd": 0.01}
        return Succeeded({"Name": effect.arguments["Name"], "Output": output, "Status": "SUCCEEDED"})

    agent = Agent(play, [calls("research", prompt="who?"), says()], tools)
    assert agent.output is not None and agent.output["cost_usd"] == 0.012
    assert agent.results[0]["run_id"] == agent.played.invokes[1].arguments["Name"]


def test_a_tool_that_answers_too_much_becomes_an_error_result(play: Play) -> None:
    agent = Agent(play, [calls("get_db_schema"), says()], lambda effect: result("x" * 300_000))
    assert agent.results[0]["content"][0]["text"] == "get_db_schema answered more than fits; ask for less."


def test_the_last_turn_is_final_and_the_run_stops_at_its_limit(play: Play) -> None:
    definition = json.loads(json.dumps(_DEFINITION))
    definition["States"]["Begin"]["Assign"]["limits"]["max_turns"] = 3
    turns: list[bool] = []

    def answer(effect: asl.Invoke) -> asl.Outcome:
        if "caller-" not in effect.arguments["FunctionName"]:
            return result("x")
        turns.append(effect.arguments["Payload"]["final"])
        return calls("get_db_schema")

    played = play(definition, {"prompt": "Go on."}, answer)
    assert played.output["stop_reason"] == "max_turns"
    assert turns == [False, False, True]
    assert (sum(type.endswith("StateEntered") for type in played.types), len(played.types)) == (14, 53)


def test_an_invalid_output_gets_one_repair(play: Play) -> None:
    bad = says("wrong", output_errors=["answer: missing"])
    assert Agent(play, [bad, says("right")], no_tool).counts == (6, 20)
    assert Agent(play, [bad, bad], no_tool).output["stop_reason"] == "output_invalid"  # type: ignore[index]


def test_a_hundred_turns_are_504_transitions_and_2013_events(play: Play) -> None:
    definition = json.loads(json.dumps(_DEFINITION))
    definition["States"]["Begin"]["Assign"]["limits"] = {
        "max_turns": 1000,
        "max_total_tokens": 10**9,
        "max_cost_usd": 1000,
        "deadline_seconds": 3600,
    }
    models = iter([*([calls("get_db_schema")] * 100), says()])
    played = play(
        definition,
        {"prompt": "x"},
        lambda effect: next(models) if "caller-" in effect.arguments["FunctionName"] else result("y"),
    )
    assert played.output["turns"] == 101
    assert (sum(type.endswith("StateEntered") for type in played.types), len(played.types)) == (504, 2013)


def test_the_fallback_engine_runs_the_same_machine_to_the_same_events() -> None:
    histories = []
    for evaluator in (Translated(), Interpreted()):
        models = iter([calls("get_db_schema", "nope"), Failed("LlmThrottled", "retry_after=3"), says("done")])
        played = Played(asl.Execution(asl.load(_DEFINITION, evaluator), {"prompt": "Hi"}, context(), seed=1))

        def answer(effect: asl.Invoke, models: Iterator[asl.Outcome] = models) -> Reply:
            return next(models) if "caller-" in str(effect.arguments) else result("x")

        played.perform(played.run.start(START_MS), answer)
        histories.append([event.to_json() for event in played.run.events])
    assert histories[0] == histories[1]
