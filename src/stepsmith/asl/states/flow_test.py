"""Pass, Wait, Succeed and Fail, and how every state hands on and assigns."""

from typing import Any

import pytest

from stepsmith import asl

from ..conftest import START_MS, Play

END: dict[str, Any] = {"Type": "Pass", "End": True}


def test_a_pass_hands_on_its_input(play: Play) -> None:
    assert play({"A": END}, {"x": [1, None]}).output == {"x": [1, None]}


def test_a_pass_hands_on_its_output(play: Play) -> None:
    states = {"A": {**END, "Output": {"twice": "{% $states.input.n * 2 %}", "fixed": [1, {"a": "b"}]}}}
    assert play(states, {"n": 4}).output == {"twice": 8, "fixed": [1, {"a": "b"}]}


@pytest.mark.parametrize("text", [" {% 1 %} ", "a {% 1 %} b", "{ % 1 % }", "% 1 %"])
def test_only_a_whole_string_is_an_expression(play: Play, text: str) -> None:
    assert play({"A": {**END, "Output": text}}).output == text


def test_output_and_assign_see_the_variables_of_before(play: Play) -> None:
    states = {
        "A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"},
        "B": {"Type": "Pass", "Assign": {"x": "{% $x + 1 %}", "y": "{% $x %}"}, "Output": "{% $x %}", "Next": "C"},
        "C": {**END, "Output": ["{% $states.input %}", "{% $x %}", "{% $y %}"]},
    }
    assert play(states).output == [1, 2, 1]


def test_an_exit_tells_what_was_assigned(play: Play) -> None:
    details = play({"A": {**END, "Assign": {"x": {"a": "{% 1 %}"}}}}).facts("PassStateExited")
    assert details["assignedVariables"] == {"x": '{"a":1}'}
    assert details["assignedVariablesDetails"] == {"truncated": False}


def test_the_context_object_knows_execution_machine_and_state(play: Play) -> None:
    context = play({"A": {**END, "Output": "{% $states.context %}"}}, {"i": 1}).output
    assert context["Execution"]["Input"] == {"i": 1}
    assert context["Execution"]["StartTime"] == "2026-01-01T00:00:00Z"
    assert context["StateMachine"]["Name"] == "machine"
    assert context["State"] == {"Name": "A", "EnteredTime": "2026-01-01T00:00:00Z"}


def test_a_result_is_a_constant_without_a_query_language(play: Play) -> None:
    definition = {"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": {"a": "{% 1 %}"}, "End": True}}}
    assert play(definition).output == {"a": "{% 1 %}"}


def test_an_undefined_expression_fails_the_execution_and_says_where(play: Play) -> None:
    played = play({"A": {**END, "Output": {"result": "{% $states.input.nope %}"}}})
    where = "'$states.input.nope' specified for the field 'Output/result'"
    cause = f"The JSONata expression {where} returned nothing (undefined)."
    prefix = "An error occurred while executing the state 'A' (entered at the event id #2). "
    assert played.facts("EvaluationFailed") == {
        "error": "States.QueryEvaluationError",
        "cause": prefix + cause,
        "location": "Output/result",
        "state": "A",
    }
    assert played.error == ("States.QueryEvaluationError", prefix + cause)
    assert played.types == ["ExecutionStarted", "PassStateEntered", "EvaluationFailed", "ExecutionFailed"]


def test_an_expression_that_throws_tells_jsonatas_message(play: Play) -> None:
    cause = play({"A": {**END, "Output": "{% 1 + 'a' %}"}}).error[1]
    assert cause is not None and "threw an error during evaluation. T2002: The right side" in cause


def test_a_function_is_no_output(play: Play) -> None:
    assert play({"A": {**END, "Output": "{% function($x) { $x } %}"}}).error[0] == "States.QueryEvaluationError"


@pytest.mark.parametrize(("field", "until"), [({"Seconds": 90}, 90), ({"Seconds": "{% 60 + $states.input.n %}"}, 67)])
def test_a_wait_sleeps_for_its_seconds(play: Play, field: dict[str, Any], until: int) -> None:
    played = play({"A": {"Type": "Wait", **field, "End": True}}, {"n": 7})
    assert played.sleeps == [asl.Sleep(1, START_MS + until * 1000)]
    assert played.output == {"n": 7}


def test_a_wait_sleeps_until_its_timestamp(play: Play) -> None:
    played = play({"A": {"Type": "Wait", "Timestamp": "{% $states.input %}", "End": True}}, "2026-01-01T01:00:00+01:00")
    assert played.sleeps == [asl.Sleep(1, START_MS)]


@pytest.mark.parametrize("bad", ["'soon'", "-1", "1.5", "true", "100000000"])
def test_a_wait_needs_a_whole_number_in_bounds(play: Play, bad: str) -> None:
    played = play({"A": {"Type": "Wait", "Seconds": f"{{% {bad} %}}", "End": True}})
    assert played.error[0] == "States.QueryEvaluationError"
    assert played.facts("EvaluationFailed")["location"] == "Seconds"


def test_a_value_of_another_type_is_told_in_awss_words(play: Play) -> None:
    cause = play({"A": {"Type": "Wait", "Seconds": "{% $states.input.s %}", "End": True}}, {"s": "1"}).error[1]
    assert cause is not None and cause.endswith(
        "'$states.input.s' specified for the field 'Seconds' returned an unexpected result type. "
        "Expected 'integer', but was 'string' for value: \"1\""
    )


@pytest.mark.parametrize("time", ["01:00:00+01:00", "00:00:00Z", "00:00:00.0000000Z", "23:59:60Z"])
def test_a_timestamp_is_rfc_3339(play: Play, time: str) -> None:
    played = play({"A": {"Type": "Wait", "Timestamp": "{% $states.input %}", "End": True}}, f"2026-01-01T{time}")
    assert (played.types[-1] == "ExecutionSucceeded") == ("60" not in time)


@pytest.mark.parametrize(
    "bad",
    ["soon", "2026-01-01T00:00:00", "2026-01-01", "2026-01-01 00:00:00Z", "20260101T000000Z", "2026-01-01t00:00:00z",
     "2026-13-01T00:00:00Z", "2026-01-01T00:00:00+99:00", "٢٠٢٦-01-01T00:00:00Z"],
)  # fmt: skip
def test_a_timestamp_needs_a_date_a_time_and_a_zone(play: Play, bad: str) -> None:
    played = play({"A": {"Type": "Wait", "Timestamp": "{% $states.input %}", "End": True}}, bad)
    assert played.error[0] == "States.QueryEvaluationError"
    assert played.facts("EvaluationFailed")["location"] == "Timestamp"


def test_a_succeed_ends_with_its_output(play: Play) -> None:
    played = play({"A": {"Type": "Succeed", "Output": "{% $states.input.a %}"}}, {"a": 1})
    assert played.output == 1
    assert played.types[-3:] == ["SucceedStateEntered", "SucceedStateExited", "ExecutionSucceeded"]


def test_a_fail_ends_with_its_error_and_cause(play: Play) -> None:
    played = play({"A": {"Type": "Fail", "Error": "Custom", "Cause": "{% 'n is ' & $states.input.n %}"}}, {"n": 3})
    assert played.error == ("Custom", "n is 3")
    assert played.types == ["ExecutionStarted", "FailStateEntered", "ExecutionFailed"]


def test_a_fail_needs_neither_error_nor_cause(play: Play) -> None:
    assert play({"A": {"Type": "Fail"}}).error == (None, None)
