"""Destinations that get nothing are refused; those that are served get what was sent."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith.local.moto.conftest import Cloud, of

pytestmark = pytest.mark.asyncio

FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


@pytest.mark.parametrize(
    ("service", "operation", "parameters"),
    [
        ("sns", "subscribe", {"TopicArn": "arn:aws:sns:us-east-1:0:t", "Protocol": "lambda", "Endpoint": FUNCTION}),
        ("sns", "subscribe", {"TopicArn": "arn:aws:sns:us-east-1:0:t", "Protocol": "https", "Endpoint": "https://x.y"}),
        ("events", "put_targets", {"Rule": "r", "Targets": [{"Id": "1", "Arn": QUEUE}, {"Id": "2", "Arn": FUNCTION}]}),
        (
            *("logs", "put_subscription_filter"),
            {"logGroupName": "g", "filterName": "f", "filterPattern": "", "destinationArn": FUNCTION},
        ),
        ("secretsmanager", "rotate_secret", {"SecretId": "s", "RotationLambdaARN": FUNCTION}),
    ],
)
async def test_a_destination_that_gets_nothing_is_refused(
    cloud: Cloud, service: str, operation: str, parameters: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match="This endpoint delivers nothing to") as refused:
        await of(getattr(cloud.client(service), operation), **parameters)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


async def test_an_event_arrives_in_a_queue_and_in_a_log_group(cloud: Cloud) -> None:
    events, logs, sqs = (cloud.client(name) for name in ("events", "logs", "sqs"))
    queue = (await of(sqs.create_queue, QueueName="q"))["QueueUrl"]
    await of(logs.create_log_group, logGroupName="/events")
    await of(events.put_rule, Name="r", EventPattern=json.dumps({"source": ["test"]}))
    group = "arn:aws:logs:us-east-1:000000000000:log-group:/events"
    await of(events.put_targets, Rule="r", Targets=[{"Id": "1", "Arn": QUEUE}, {"Id": "2", "Arn": group}])
    await of(events.put_events, Entries=[{"Source": "test", "DetailType": "d", "Detail": '{"n": 1}'}])
    message = (await of(sqs.receive_message, QueueUrl=queue))["Messages"][0]
    assert json.loads(message["Body"])["detail"] == {"n": 1}
    logged = (await of(logs.filter_log_events, logGroupName="/events"))["events"]
    assert [json.loads(event["message"])["detail"] for event in logged] == [{"n": 1}]
