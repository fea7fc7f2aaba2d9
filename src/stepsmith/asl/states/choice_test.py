"""Choice: rules in their order, each with its own Output and Assign; those of the state go with Default."""

from typing import Any

import pytest

from ..conftest import Play

CHOICE: dict[str, Any] = {
    "Sort": {
        "Type": "Choice",
        "Choices": [
            {"Condition": "{% $states.input.n > 10 %}", "Next": "End", "Output": "large", "Assign": {"by": "first"}},
            {"Condition": "{% $states.input.n > 5 %}", "Next": "End"},
        ],
        "Default": "End",
        "Output": "by default",
        "Assign": {"by": "default"},
    },
    "End": {"Type": "Pass", "Output": ["{% $states.input %}", "{% $exists($by) ? $by : null %}"], "End": True},
}


@pytest.mark.parametrize(
    ("n", "output"), [(20, ["large", "first"]), (7, [{"n": 7}, None]), (1, ["by default", "default"])]
)
def test_the_first_rule_that_holds_decides(play: Play, n: int, output: list[Any]) -> None:
    assert play(CHOICE, {"n": n}).output == output


def test_nothing_that_holds_is_an_error_without_a_default(play: Play) -> None:
    states = {
        "A": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "B"}]},
        "B": {"Type": "Succeed"},
    }
    cause = "Failed to transition out of the state. The state does not point to a next state."
    prefix = "An error occurred while executing the state 'A' (entered at the event id #2). "
    played = play(states)
    assert played.error == ("States.NoChoiceMatched", prefix + cause)
    assert played.types[-2:] == ["ChoiceStateEntered", "ExecutionFailed"]


def test_a_rule_that_cannot_be_evaluated_says_which(play: Play) -> None:
    rule = {"Condition": True, "Next": "B", "Assign": {"x": "{% $nope %}"}}
    played = play({"A": {"Type": "Choice", "Choices": [rule]}, "B": {"Type": "Succeed"}})
    assert played.facts("EvaluationFailed")["location"] == "Choices[0]/Assign/x"


def test_a_condition_may_be_a_literal(play: Play) -> None:
    rules = [{"Condition": False, "Next": "B"}, {"Condition": True, "Next": "C"}]
    states = {
        "A": {"Type": "Choice", "Choices": rules},
        "B": {"Type": "Fail"},
        "C": {"Type": "Succeed", "Output": "C"},
    }
    assert play(states).output == "C"


@pytest.mark.parametrize("condition", ["{% 'yes' %}", "{% 1 %}", "{% $states.input.nope %}", "{% 1 + 'a' %}"])
def test_a_condition_must_be_a_boolean(play: Play, condition: str) -> None:
    states = {
        "A": {"Type": "Choice", "Choices": [{"Condition": condition, "Next": "B"}], "Default": "B"},
        "B": {"Type": "Succeed"},
    }
    played = play(states)
    assert played.error[0] == "States.QueryEvaluationError"
    assert played.facts("EvaluationFailed")["location"] == "Choices[0]/Condition"
