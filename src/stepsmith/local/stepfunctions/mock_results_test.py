"""Mocked results against the models of the APIs that they stand for."""

from typing import Any

import pytest

from stepsmith.local.stepfunctions.mock_results import problems

STATES = "arn:aws:states:::"
DESCRIBED = {"ExecutionArn": "a", "StateMachineArn": "b", "StartDate": 1, "Status": "SUCCEEDED"}


@pytest.mark.parametrize(
    ("resource", "result"),
    [
        ("lambda:invoke", {"Payload": {"any": "json"}, "Unknown": 1}),
        ("lambda:invoke", {}),
        ("states:startExecution", {"ExecutionArn": "a", "StartDate": "2026-01-01T00:00:00Z"}),
        ("states:startExecution.sync:2", {**DESCRIBED, "Output": {"any": "json"}}),
        ("states:startExecution.sync", {**DESCRIBED, "Output": "{}"}),
        ("lambda:invoke.waitForTaskToken", "whatever was sent"),
        ("aws-sdk:dynamodb:putItem.waitForTaskToken", 1),
        ("aws-sdk:cloudwatchlogs:describeLogGroups", {"LogGroups": [{"LogGroupName": "g"}]}),
        ("aws-sdk:nosuchservice:act", 1),
        ("http:invoke", 1),
    ],
)
def test_a_result_that_the_api_could_answer_passes(resource: str, result: Any) -> None:
    assert problems(STATES + resource, result, "STRICT") == []


@pytest.mark.parametrize(
    ("resource", "result", "problem"),
    [
        ("lambda:invoke", 1, "The result must be an object"),
        ("lambda:invoke", {"StatusCode": "200"}, "Field 'StatusCode' must be an integer"),
        ("lambda:invoke", {"StatusCode": True}, "Field 'StatusCode' must be an integer"),
        ("aws-sdk:lambda:invoke", {"Payload": {}}, "Field 'Payload' must be a string"),
        ("dynamodb:getItem", {"Item": {"a": {"S": 1}}}, "Field 'Item.a.S' must be a string"),
        ("aws-sdk:cloudwatchlogs:describeLogGroups", {"LogGroups": [1]}, "Field 'LogGroups[0]' must be an object"),
        ("aws-sdk:sfn:describeExecution", {**DESCRIBED, "Name": ""}, "Field 'Name' must have a length of at least 1"),
        ("states:startExecution.sync", {**DESCRIBED, "Output": {}}, "Field 'Output' must be a string"),
    ],
)
@pytest.mark.parametrize("mode", ["STRICT", "PRESENT"])
def test_a_field_of_another_kind_is_told(resource: str, result: Any, problem: str, mode: str) -> None:
    assert problems(STATES + resource, result, mode) == [problem]


def test_only_strict_asks_for_what_is_required() -> None:
    missing = ["Required field 'ExecutionArn' is missing", "Required field 'StartDate' is missing"]
    assert problems(f"{STATES}states:startExecution", {}, "STRICT") == missing
    assert problems(f"{STATES}states:startExecution", {}, "PRESENT") == []


def test_a_sync_task_is_held_against_what_it_polls() -> None:
    assert len(problems(f"{STATES}states:startExecution.sync:2", {}, "STRICT")) == 4


def test_an_unknown_word_of_an_enum_is_told() -> None:
    (problem,) = problems(f"{STATES}states:startExecution.sync:2", {"Status": "DONE"}, "PRESENT")
    assert problem.startswith("Field 'Status' must be one of [RUNNING, SUCCEEDED,")


def test_none_checks_nothing() -> None:
    assert problems(f"{STATES}lambda:invoke", 1, "NONE") == []
