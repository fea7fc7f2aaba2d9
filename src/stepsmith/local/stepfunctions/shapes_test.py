"""Requests that AWS's front door refuses, and its words. Constraints come from the service model, so the examples are
those of its shapes; every action's model must be one that the checks know."""

import json
from typing import Any

import pytest

from stepsmith.local.stepfunctions.errors import ApiError
from stepsmith.local.stepfunctions.shapes import checked, operations

ROLE = "arn:aws:iam::000000000000:role/r"


def check(action: str, **given: Any) -> dict[str, Any]:
    return checked(operations()[action], given)


def refusal(action: str, /, **given: Any) -> str:
    with pytest.raises(ApiError) as refused:
        check(action, **given)
    assert refused.value.code == "ValidationException"
    return refused.value.message


def test_every_action_of_the_model_can_be_checked() -> None:
    assert len(operations()) == 37
    assert {"StartExecution", "TestState", "ValidateStateMachineDefinition"} <= set(operations())


def test_members_that_the_model_does_not_know_and_nulls_are_left_out() -> None:
    assert check("ListExecutions", maxResults=5, nextToken=None, colour="red") == {"maxResults": 5}
    tag = {"key": "k", "value": "v", "more": 1}
    assert check("TagResource", resourceArn="a", tags=[tag])["tags"] == [{"key": "k", "value": "v"}]


LEAST, MOST = "have length greater than or equal to 1", "have length less than or equal to 80"
ENCRYPTIONS = "satisfy enum value set: [AWS_OWNED_KEY, CUSTOMER_MANAGED_KMS_KEY]"
STATUSES = "satisfy enum value set: [RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED, PENDING_REDRIVE]"


@pytest.mark.parametrize(
    ("action", "given", "value", "at", "must"),
    [
        ("StartExecution", {}, " null", "stateMachineArn", "not be null"),
        ("StartExecution", {"stateMachineArn": "a", "name": ""}, " ''", "name", LEAST),
        ("CreateActivity", {"name": "n" * 81}, f" '{'n' * 81}'", "name", MOST),
        ("ListActivities", {"maxResults": 1001}, " '1001'", "maxResults", "have value less than or equal to 1000"),
        ("ListActivities", {"maxResults": -1}, " '-1'", "maxResults", "have value greater than or equal to 0"),
        ("ListExecutions", {"statusFilter": "DONE"}, " 'DONE'", "statusFilter", STATUSES),
        (
            "RedriveExecution",
            {"executionArn": "a", "clientToken": "a b"},
            " 'a b'",
            "clientToken",
            "satisfy regular expression pattern: [!-~]+",
        ),
        (
            "StartExecution",
            {"stateMachineArn": "a", "traceHeader": "é"},
            " 'é'",
            "traceHeader",
            "satisfy regular expression pattern: \\p{ASCII}*",
        ),
        ("UntagResource", {"resourceArn": "a", "tagKeys": ["ok", ""]}, " ''", "tagKeys.2.member", LEAST),
        ("UntagResource", {"resourceArn": "a", "tagKeys": [None]}, " null", "tagKeys.1.member", "not be null"),
        ("TagResource", {"resourceArn": "a", "tags": [{"key": ""}]}, " ''", "tags.1.member.key", LEAST),
        (
            "CreateStateMachineAlias",
            {"name": "a", "routingConfiguration": [{"weight": 1}]},
            " null",
            "routingConfiguration.1.member.stateMachineVersionArn",
            "not be null",
        ),
        ("CreateStateMachineAlias", {"name": "a", "routingConfiguration": []}, " '[]'", "routingConfiguration", LEAST),
        (
            "CreateActivity",
            {"name": "a", "encryptionConfiguration": {"type": "X"}},
            " 'X'",
            "encryptionConfiguration.type",
            ENCRYPTIONS,
        ),
        ("SendTaskHeartbeat", {"taskToken": ""}, "", "taskToken", LEAST),
    ],
)
def test_a_constraint_is_told_in_awss_words(action: str, given: dict[str, Any], value: str, at: str, must: str) -> None:
    told = f"1 validation error detected: Value{value} at '{at}' failed to satisfy constraint: Member must {must}"
    assert refusal(action, **given) == told


def test_all_that_is_wrong_is_told_at_once() -> None:
    assert refusal("CreateStateMachine", name="", definition="{}") == (
        "2 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; "
        "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1"
    )


def test_what_is_sensitive_is_not_repeated() -> None:
    said = refusal("SendTaskFailure", taskToken="t", error="secret" * 50)
    assert said.endswith(
        "Value at 'error' failed to satisfy constraint: Member must have length less than or equal to 256"
    )
    assert "secret" not in said


@pytest.mark.parametrize(
    ("action", "given", "said"),
    [
        ("StartExecution", {"stateMachineArn": 1}, "NUMBER_VALUE can not be converted to a String"),
        ("StartExecution", {"stateMachineArn": True}, "TRUE_VALUE can not be converted to a String"),
        ("StartExecution", {"stateMachineArn": {}}, "Start of structure or map found where not expected."),
        ("StartExecution", {"stateMachineArn": []}, "Start of list found where not expected"),
        ("ListActivities", {"maxResults": "5"}, "STRING_VALUE can not be converted to an Integer"),
        ("ListActivities", {"maxResults": True}, "TRUE_VALUE can not be converted to an Integer"),
        ("GetExecutionHistory", {"executionArn": "a", "reverseOrder": "x"}, "STRING_VALUE can not be converted"),
        ("TagResource", {"resourceArn": "a", "tags": "x"}, "STRING_VALUE can not be converted"),
        ("TagResource", {"resourceArn": "a", "tags": ["x"]}, "STRING_VALUE can not be converted"),
    ],
)
def test_another_json_type_is_a_serialization_error(action: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ApiError, match=said) as refused:
        check(action, **given)
    assert refused.value.code == "SerializationException"


def test_numbers_of_both_kinds_are_taken_where_the_model_says_so() -> None:
    given = {"mapRunArn": "a", "toleratedFailurePercentage": 12.5, "toleratedFailureCount": 3}
    assert check("UpdateMapRun", **json.loads(json.dumps(given))) == given
    assert check("UpdateMapRun", mapRunArn="a", toleratedFailurePercentage=12)["toleratedFailurePercentage"] == 12
