"""Claims on the graph that a definition means."""

from typing import Any

import pytest

from .graph import State, Way, graph
from .saying import doing

LAMBDA = "arn:aws:states:::lambda:invoke"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:orders"
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:charge"


def only(state: dict[str, Any]) -> State:
    return graph({"StartAt": "A", "States": {"A": state}}).states[0]


def test_rules_that_lead_to_one_state_are_one_way_with_their_conditions() -> None:
    rules = [{"Condition": "{% $n > 1 %}", "Next": "B"}, {"Condition": "{% $n = 0 %}", "Next": "C"}]
    rules.append({"Condition": "{% $late %}", "Next": "B"})
    states = {"A": {"Type": "Choice", "Choices": rules, "Default": "C"}, "B": {"Type": "Fail"}, "C": {"Type": "Fail"}}
    ways = graph({"StartAt": "A", "States": states}).ways
    assert ways == (Way("A", "B", labels=("$n > 1", "$late")), Way("A", "C", labels=("$n = 0", "Default")))


def test_a_catch_is_a_way_of_its_own_beside_next() -> None:
    catch = [{"ErrorEquals": ["E", "F"], "Next": "B"}, {"ErrorEquals": ["States.ALL"], "Next": "B"}]
    states = {
        "A": {"Type": "Task", "Resource": LAMBDA, "Catch": catch, "Next": "B"},
        "B": {"Type": "Pass", "End": True},
    }
    shape = graph({"StartAt": "A", "States": states})
    assert shape.ways == (Way("A", "B"), Way("A", "B", True, ("E", "F", "States.ALL")))
    assert [state.is_last for state in shape.states] == [False, True]


def test_branches_and_processors_are_graphs_inside() -> None:
    inner = {"StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    other = {"StartAt": "J", "States": {"J": {"Type": "Map", "End": True, "ItemProcessor": inner}}}
    shape = graph({"StartAt": "A", "States": {"A": {"Type": "Parallel", "Branches": [other], "End": True}}})
    assert [state.name for state, _ in shape.walk()] == ["A", "J", "I"]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ({"Type": "Task", "Resource": LAMBDA, "Arguments": {"FunctionName": FUNCTION}}, "lambda orders"),
        ({"Type": "Task", "Resource": LAMBDA, "Arguments": {"FunctionName": f"{FUNCTION}:live"}}, "lambda orders"),
        ({"Type": "Task", "Resource": LAMBDA, "Arguments": {"FunctionName": "orders"}}, "lambda orders"),
        ({"Type": "Task", "Resource": LAMBDA, "Arguments": {"FunctionName": "{% $f %}"}}, "lambda invoke"),
        ({"Type": "Task", "Resource": LAMBDA, "Arguments": "{% $all %}"}, "lambda invoke"),
        ({"Type": "Task", "Resource": FUNCTION}, "lambda orders"),
        ({"Type": "Task", "Resource": "arn:aws:states:us-east-1:000000000000:activity:review"}, "activity review"),
        (
            {
                "Type": "Task",
                "Resource": "arn:aws:states:::states:startExecution.sync:2",
                "Arguments": {"StateMachineArn": MACHINE},
            },
            "machine charge",
        ),
        (
            {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:putItem.waitForTaskToken"},
            "dynamodb putItem, waits for an answer",
        ),
        ({"Type": "Wait", "Seconds": 90}, "90 s"),
        ({"Type": "Wait", "Seconds": "{% $n %}"}, ""),
        ({"Type": "Wait", "Timestamp": "2030-01-01T00:00:00Z"}, "until 2030-01-01T00:00:00Z"),
        ({"Type": "Fail", "Error": "Orders.Empty"}, "Orders.Empty"),
        ({"Type": "Pass"}, ""),
    ],
)
def test_a_state_says_what_its_type_does_not(state: dict[str, Any], said: str) -> None:
    assert doing(state) == said


def test_what_is_not_a_string_is_said_as_json() -> None:
    rules = [{"Condition": True, "Next": "A"}, {"Variable": "$.x", "IsPresent": True, "Next": "A"}]
    [way] = graph({"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": rules}}}).ways
    assert way.labels == ("true", '{"Variable": "$.x", "IsPresent": true}')


def test_a_comment_comes_along() -> None:
    assert only({"Type": "Succeed", "Comment": "All is well."}).comment == "All is well."
