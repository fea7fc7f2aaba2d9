"""What each service holds is there for the next process, as it was: a tour through every service, and then again."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stepsmith.local.moto.conftest import ALLOW, KEY, TRUST, Cloud, of

pytestmark = pytest.mark.asyncio

ARN = "arn:aws:{}:us-east-1:000000000000:{}"
QUEUE, DEAD, TOPIC = ARN.format("sqs", "q"), ARN.format("sqs", "dead"), ARN.format("sns", "t")
PATTERN = json.dumps({"source": ["aws.states"]})
BODY = json.dumps({"widgets": []})
RULE = {"RuleName": "s", "ResourceARN": "*", "Priority": 9, "FixedRate": 0.5, "ReservoirSize": 1, "Version": 1}
RULE |= {"ServiceName": "*", "ServiceType": "*", "Host": "*", "HTTPMethod": "*", "URLPath": "*"}
ALARM = {"EvaluationPeriods": 1, "MetricName": "m", "Namespace": "n", "Period": 60, "Statistic": "Sum"}
ALARM |= {"Threshold": 1.0, "ComparisonOperator": "GreaterThanThreshold", "AlarmActions": [TOPIC]}
REDRIVE = json.dumps({"deadLetterTargetArn": DEAD, "maxReceiveCount": 2})
TAGS = [{"Key": "k", "Value": "v"}]

Step = tuple[str, str, dict[str, Any]]

MADE: tuple[Step, ...] = (
    ("sqs", "create_queue", {"QueueName": "dead"}),
    ("sqs", "create_queue", {"QueueName": "q", "Attributes": {"RedrivePolicy": REDRIVE}}),
    ("sqs", "send_message", {"QueueUrl": "q", "MessageBody": "waits"}),
    ("sns", "create_topic", {"Name": "t"}),
    ("sns", "subscribe", {"TopicArn": TOPIC, "Protocol": "sqs", "Endpoint": QUEUE}),
    ("events", "put_rule", {"Name": "r", "EventPattern": PATTERN}),
    ("events", "put_targets", {"Rule": "r", "Targets": [{"Id": "1", "Arn": QUEUE}]}),
    ("ssm", "put_parameter", {"Name": "/a/b", "Value": "v1", "Type": "SecureString"}),
    ("ssm", "put_parameter", {"Name": "/a/b", "Value": "v2", "Type": "SecureString", "Overwrite": True}),
    ("ssm", "add_tags_to_resource", {"ResourceType": "Parameter", "ResourceId": "/a/b", "Tags": TAGS}),
    ("secretsmanager", "create_secret", {"Name": "key", "SecretString": "hush", "Tags": TAGS}),
    ("kms", "create_key", {}),
    ("kms", "create_key", {"KeySpec": "RSA_2048", "KeyUsage": "SIGN_VERIFY"}),
    ("iam", "create_role", {"RoleName": "r", "AssumeRolePolicyDocument": TRUST}),
    ("iam", "put_role_policy", {"RoleName": "r", "PolicyName": "p", "PolicyDocument": ALLOW}),
    ("iam", "attach_role_policy", {"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
    ("dynamodb", "create_table", {"TableName": "t", **KEY}),
    ("dynamodb", "put_item", {"TableName": "t", "Item": {"k": {"S": "a"}, "set": {"BS": [b"\xff"]}, "m": {"M": {}}}}),
    ("cloudwatch", "put_metric_alarm", {"AlarmName": "a", **ALARM}),
    ("cloudwatch", "put_composite_alarm", {"AlarmName": "c", "AlarmRule": "ALARM(a)"}),
    ("cloudwatch", "put_dashboard", {"DashboardName": "d", "DashboardBody": BODY}),
    ("cloudwatch", "put_metric_data", {"Namespace": "n", "MetricData": [{"MetricName": "m", "Value": 2.0}]}),
    ("logs", "create_log_group", {"logGroupName": "/g"}),
    ("logs", "put_retention_policy", {"logGroupName": "/g", "retentionInDays": 7}),
    ("logs", "put_query_definition", {"name": "errors", "queryString": "filter a = 1"}),
    ("xray", "create_group", {"GroupName": "g", "FilterExpression": "fault"}),
    ("xray", "create_sampling_rule", {"SamplingRule": RULE}),
)
TOLD: tuple[Step, ...] = (
    ("sqs", "get_queue_attributes", {"QueueUrl": "q", "AttributeNames": ["All"]}),
    ("sns", "list_subscriptions", {}),
    ("events", "list_targets_by_rule", {"Rule": "r"}),
    ("ssm", "get_parameter_history", {"Name": "/a/b", "WithDecryption": True}),
    ("ssm", "list_tags_for_resource", {"ResourceType": "Parameter", "ResourceId": "/a/b"}),
    ("secretsmanager", "get_secret_value", {"SecretId": "key"}),
    ("secretsmanager", "describe_secret", {"SecretId": "key"}),
    ("kms", "list_keys", {}),
    ("iam", "get_account_authorization_details", {}),
    ("dynamodb", "describe_table", {"TableName": "t"}),
    ("dynamodb", "scan", {"TableName": "t"}),
    ("cloudwatch", "describe_alarms", {}),
    ("cloudwatch", "get_dashboard", {"DashboardName": "d"}),
    ("cloudwatch", "list_metrics", {}),
    ("logs", "describe_log_groups", {}),
    ("logs", "describe_query_definitions", {}),
    ("xray", "get_groups", {}),
    ("xray", "get_sampling_rules", {}),
    ("resourcegroupstaggingapi", "get_resources", {}),
)


async def done(cloud: Cloud, step: Step) -> Any:
    service, operation, parameters = step
    if "QueueUrl" in parameters:
        parameters = {**parameters, "QueueUrl": f"{cloud.endpoint.url}/000000000000/{parameters['QueueUrl']}"}
    answer = await of(getattr(cloud.client(service), operation), **parameters)
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


async def test_every_service_tells_the_next_process_what_it_told_the_last(open_cloud: Callable[[], Any]) -> None:
    first: Cloud = await open_cloud()
    for step in MADE:
        await done(first, step)
    told = [await done(first, step) for step in TOLD]
    second: Cloud = await open_cloud()
    for step, before in zip(TOLD, told, strict=True):
        assert await done(second, step) == before, step
        assert before, step


async def test_a_composite_alarm_has_its_rule(cloud: Cloud) -> None:
    for step in MADE[-9:-7]:
        await done(cloud, step)
    alarms = await done(cloud, ("cloudwatch", "describe_alarms", {}))
    assert [alarm["AlarmRule"] for alarm in alarms["CompositeAlarms"]] == ["ALARM(a)"]
