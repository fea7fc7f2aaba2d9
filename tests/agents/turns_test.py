"""What a turn does: calls routed by name, results in order, the transcript, repair, the two ends of a run."""

from typing import Any

import pytest

from stepsmith.agent.machine.retries import DIED
from stepsmith.agent.rehearsal import Rehearsal, rehearse
from stepsmith.contracts import RunOutput
from tests.agents.script import Script, answered, calls, fails, hangs, result, says, text, use

ASK = {"prompt": "How many tables are there?"}


def play(definition: dict[str, Any], world: Script, run_input: Any = ASK) -> Rehearsal:
    run = rehearse(definition, run_input, world)
    RunOutput.from_json(run.output)
    return run


def results(run: Rehearsal) -> list[Any]:
    """All tool results of the run, in the order of its transcript."""
    blocks = [block for message in run.output["transcript"]["tail"] for block in message["content"]]
    return [block for block in blocks if block["type"] == "tool_result"]


def test_a_plain_answer_takes_four_transitions_and_thirteen_events(plain: dict[str, Any]) -> None:
    run = play(plain, Script([says("One.")]))
    assert run.states == ("Begin", "Call model", "Decide", "Finish")
    assert (run.transitions, len(run.events)) == (4, 13)
    assert (run.output["status"], run.output["stop_reason"], run.output["output"]) == ("completed", "end_turn", "One.")


def test_a_turn_with_one_tool_takes_five_transitions_and_twenty_events(everything: dict[str, Any]) -> None:
    run = play(everything, Script([calls(use("get_db_schema")), says("27")]))
    assert run.states[1:6] == ("Call model", "Decide", "Use tools", "Route", "get_db_schema")
    assert (run.transitions, len(run.events)) == (4 + 5, 13 + 20)


def test_the_transcript_holds_the_question_every_call_its_result_and_the_answer(everything: dict[str, Any]) -> None:
    run = play(everything, Script([calls(use("get_db_schema")), says("27")]))
    assert [message["role"] for message in run.output["transcript"]["tail"]] == [
        "user",
        "assistant",
        "user",
        "assistant",
    ]
    assert results(run) == [
        {
            "type": "tool_result",
            "tool_use_id": "call_1",
            "name": "get_db_schema",
            "content": [text("get_db_schema is fine")],
            "is_error": False,
        }
    ]


def test_parallel_calls_are_answered_in_order_whatever_happens(everything: dict[str, Any]) -> None:
    uses = [
        use("get_db_schema", "a"),
        use("no_such_tool", "b"),
        use("execute_sql_query", "c"),
        use("x", "d", error="cut"),
    ]
    world = Script([calls(*uses), says("ok")], tools={"execute_sql_query": lambda call: fails("KeyError", "secret")})
    found = results(play(everything, world))
    assert [(each["tool_use_id"], each["is_error"]) for each in found] == [
        ("a", False),
        ("b", True),
        ("c", True),
        ("d", True),
    ]
    assert found[1]["content"] == [text("There is no tool named no_such_tool.")]
    assert found[2]["content"] == [text("execute_sql_query failed (KeyError).")]
    assert found[3]["content"] == [text("cut")]


def test_a_wrong_shape_or_too_many_bytes_become_error_results(everything: dict[str, Any]) -> None:
    answers = {
        "null": None,
        "bare": "text",
        "list": [1],
        "block": {"content": [{"type": "text"}]},
        "items": {"content": ["x"]},
        "big": {"content": [text("x" * 40_000)]},
        "wide": {"content": [text("€" * 6_000)]},
    }
    uses = [use("get_db_schema", name) for name in answers]
    world = Script([calls(*uses), says("ok")], tools={"get_db_schema": lambda call: answers[call["id"]]})
    found = {each["tool_use_id"]: each for each in results(play(everything, world))}
    assert all(each["is_error"] for each in found.values())
    assert {name: each["content"][0]["text"] for name, each in found.items() if name in ("big", "wide")} == {
        "big": "The answer is too large; ask for less of it.",
        "wide": "The answer is too large; ask for less of it.",
    }
    assert found["block"]["content"] == [text("The tool answered in a wrong shape.")]


def test_a_result_is_rebuilt_with_the_calls_own_id_and_name(everything: dict[str, Any]) -> None:
    picture = {"type": "image", "uri": "s3://b/artifacts/x.png", "media_type": "image/png", "title": "chart", "junk": 1}
    world = Script(
        [calls(use("get_db_schema")), says("ok")],
        tools={
            "get_db_schema": lambda call: {"tool_use_id": "other", "name": "other", "content": [picture], "junk": 2}
        },
    )
    (found,) = results(play(everything, world))
    del picture["junk"]
    assert found == {
        "type": "tool_result",
        "tool_use_id": "call_1",
        "name": "get_db_schema",
        "content": [picture],
        "is_error": False,
    }


def test_an_answer_of_over_256_kib_is_an_error_result(everything: dict[str, Any]) -> None:
    world = Script(
        [calls(use("get_db_schema")), says("ok")],
        tools={"get_db_schema": lambda call: result(call, text("x" * 300_000))},
    )
    (found,) = results(play(everything, world))
    assert found["content"] == [text("get_db_schema answered more than fits; ask for less.")]


def test_twenty_results_share_the_budget_of_a_turn(everything: dict[str, Any]) -> None:
    world = Script([calls(*(use("get_db_schema", f"c{index}") for index in range(20))), says("ok")])
    play(everything, world)
    assert {call["context"]["max_result_bytes"] for call in world.tool_calls} == {96 * 1024 // 20}


@pytest.mark.parametrize("error", DIED)
def test_a_read_only_tool_is_tried_again_when_it_died(everything: dict[str, Any], error: str) -> None:
    replies = iter([fails(error), None])
    world = Script(
        [calls(use("get_db_schema")), says("ok")],
        tools={"get_db_schema": lambda call: next(replies) or result(call, text("27"))},
    )
    assert results(play(everything, world))[0]["content"] == [text("27")]
    assert len({call["context"]["effect_id"] for call in world.tool_calls}) == 1


def test_a_tool_that_hangs_is_an_error_result_after_its_own_time(everything: dict[str, Any]) -> None:
    run = play(
        everything, Script([calls(use("get_db_schema")), says("ok")], tools={"get_db_schema": lambda call: hangs()})
    )
    assert results(run)[0]["content"] == [text("get_db_schema did not answer in time.")]
    assert 140 <= run.seconds < 150


@pytest.mark.parametrize("error", DIED)
def test_a_call_that_may_not_be_repeated_is_tried_once_and_its_outcome_is_unknown(
    everything: dict[str, Any], error: str
) -> None:
    world = Script([calls(use("send_mail")), says("ok")], tools={"send_mail": lambda call: fails(error)})
    (found,) = results(play(everything, world))
    assert len(world.tool_calls) == 1
    assert found["content"][0]["text"].endswith("What it has done is unknown: look before you repeat it.")


def test_a_throttled_call_has_not_started_and_is_tried_again_even_when_it_may_not_be_repeated(
    everything: dict[str, Any],
) -> None:
    world = Script(
        [calls(use("send_mail")), says("ok")],
        tools={"send_mail": lambda call: fails("Lambda.TooManyRequestsException")},
    )
    (found,) = results(play(everything, world))
    assert len(world.tool_calls) == 5
    assert found["content"][0]["text"].endswith("It did not start.")


def test_a_turn_with_a_serial_tool_runs_its_calls_one_after_another(everything: dict[str, Any]) -> None:
    uses = [use("execute_python", "a"), use("get_db_schema", "b"), use("execute_python", "c")]
    run = play(everything, Script([calls(*uses), says("ok")]))
    routed = [name for name in run.states if name in ("Route", "execute_python", "get_db_schema")]
    assert routed == ["Route", "execute_python", "Route", "get_db_schema", "Route", "execute_python"]


def test_results_of_open_world_tools_are_marked_untrusted(everything: dict[str, Any]) -> None:
    run = play(everything, Script([calls(use("fetch_page", "a"), use("get_db_schema", "b")), says("ok")]))
    assert [each.get("untrusted") for each in results(run)] == [True, None]


def test_the_tail_loses_what_became_a_chunk(everything: dict[str, Any]) -> None:
    chunk = {"uri": "s3://b/transcripts/everything/r/1.json", "through": 3}
    run = play(everything, Script([calls(use("get_db_schema")), says("ok", chunk=chunk)]))
    assert run.output["transcript"] == {
        "chunks": [chunk["uri"]],
        "tail": [{"role": "assistant", "content": [text("ok")]}],
    }


def test_an_invalid_output_is_repaired_once(everything: dict[str, Any]) -> None:
    world = Script([says("{}", output_errors=["answer is missing"]), says("", output={"answer": "27"})])
    run = play(everything, world)
    assert (run.transitions, run.output["status"], run.output["output"]) == (6, "completed", {"answer": "27"})
    repair = world.requests[1]["transcript"]["tail"][-1]
    assert repair["role"] == "user" and "answer is missing" in repair["content"][0]["text"]


def test_an_output_that_is_invalid_twice_stops_the_run(everything: dict[str, Any]) -> None:
    run = play(everything, Script([says("{}", output_errors=["answer is missing"])]))
    assert (run.output["status"], run.output["stop_reason"], run.output["turns"]) == ("stopped", "output_invalid", 2)


def test_a_refusal_stops_the_run_and_another_word_counts_as_the_end(plain: dict[str, Any]) -> None:
    assert play(plain, Script([says("No.", stop_reason="refusal")])).output["stop_reason"] == "refusal"
    assert play(plain, Script([says("Yes.", stop_reason="pause")])).output["stop_reason"] == "end_turn"


def test_text_that_looks_like_an_expression_stays_text(everything: dict[str, Any]) -> None:
    braces = "{% 1 + 1 %}"
    world = Script([calls(use("get_db_schema", text=braces)), says(braces)])
    run = play(everything, world, {"prompt": braces})
    assert run.output["output"] == braces
    assert world.tool_calls[0]["input"] == {"text": braces}


def test_the_request_is_the_agents_own_and_never_changes(everything: dict[str, Any]) -> None:
    world = Script([calls(use("get_db_schema")), says("ok")])
    play(everything, world)
    fixed = [
        {name: request[name] for name in ("agent", "system", "tools", "output_schema")} for request in world.requests
    ]
    assert fixed[0] == fixed[1]
    names = [tool["name"] for tool in fixed[0]["tools"]]
    assert names == sorted(names) and "search_web" not in names


def test_an_answer_out_of_contract_fails_in_call_model(everything: dict[str, Any]) -> None:
    twice = calls(use("get_db_schema", "a"), use("get_db_schema", "a"))
    nameless = calls({"type": "tool_use", "id": "a", "input": {}})
    broken: list[Any] = [
        twice,
        nameless,
        answered(["x"], "end_turn"),
        {},
        None,
        says("x" * 70_000),
        says("x", usage={"input_tokens": "1"}),
    ]
    for step in broken:
        run = rehearse(everything, ASK, Script([step]))
        assert getattr(run.status, "error", None) == "States.QueryEvaluationError"
        assert run.states == ("Begin", "Call model")
