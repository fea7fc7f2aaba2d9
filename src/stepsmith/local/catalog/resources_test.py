"""Which Resources a definition may name: what AWS has, served here or not."""

import json

import pytest

from stepsmith.local.catalog.definition import diagnose
from stepsmith.local.catalog.resources import is_recognized

STATES = "arn:aws:states:::"


@pytest.mark.parametrize(
    "resource",
    [
        "lambda:invoke.waitForTaskToken",
        "states:startExecution.sync:2",
        "glue:startJobRun.sync",
        "sqs:sendMessage",
        "aws-sdk:sfn:startExecution",
        "aws-sdk:cloudwatchlogs:putLogEvents",
        "aws-sdk:dynamodb:putItem.waitForTaskToken",
    ],
)
def test_what_aws_has_is_recognized_even_where_this_machine_does_not_serve_it(resource: str) -> None:
    assert is_recognized(STATES + resource)


@pytest.mark.parametrize(
    "resource",
    [
        "lambda:invoke.sync",
        "foo:bar",
        "lambda",
        "aws-sdk:sqs",
        "aws-sdk:stepfunctions:startExecution",
        "aws-sdk:s3:noSuchAction",
        "aws-sdk:glue:startJobRun.sync",
        "dynamodb:scan",
        "aws-sdk:s3:selectObjectContent",
        "aws-sdk:lambda:invokeWithResponseStream",
    ],
)
def test_what_aws_has_not_is_refused(resource: str) -> None:
    assert not is_recognized(STATES + resource)


def test_a_function_and_an_activity_are_resources_and_a_state_machine_is_none() -> None:
    assert is_recognized("arn:aws:lambda:us-east-1:000000000000:function:f:live")
    assert is_recognized("arn:aws:states:us-east-1:000000000000:activity:a")
    assert not is_recognized("arn:aws:states:us-east-1:000000000000:stateMachine:m")


def test_a_refusal_says_which_resource_and_where() -> None:
    task = {"Type": "Task", "Resource": f"{STATES}foo:bar", "End": True}
    (found,) = diagnose(json.dumps({"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": task}}), "STANDARD")
    assert found.in_aws_words() == (
        "SCHEMA_VALIDATION_FAILED: The resource provided arn:aws:states:::foo:bar is not recognized. The value is not a"
        " valid resource ARN, or the resource is not available in this region. at /States/A/Resource"
    )
