"""moto behind the endpoint, asked by boto3: every service answers, by one account and region, and state stays."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith.local.moto.conftest import ALLOW, KEY, TRUST, Cloud, of

pytestmark = pytest.mark.asyncio


async def test_a_secret_is_kept_whatever_process_asks(open_cloud: Callable[[], Any]) -> None:
    first: Cloud = await open_cloud()
    made = await of(first.client("secretsmanager").create_secret, Name="key", SecretString="first")
    assert made["ARN"].startswith("arn:aws:secretsmanager:us-east-1:000000000000:secret:key-")
    second: Cloud = await open_cloud()
    found = await of(second.client("secretsmanager").get_secret_value, SecretId="key")
    assert (found["SecretString"], found["ARN"]) == ("first", made["ARN"])
    await of(second.client("secretsmanager").put_secret_value, SecretId="key", SecretString="second")
    assert (await of(first.client("secretsmanager").get_secret_value, SecretId="key"))["SecretString"] == "second"


async def test_a_role_and_its_policies_are_kept(open_cloud: Callable[[], Any]) -> None:
    iam = (await open_cloud()).client("iam")
    role = (await of(iam.create_role, RoleName="r", AssumeRolePolicyDocument=TRUST))["Role"]
    await of(iam.put_role_policy, RoleName="r", PolicyName="p", PolicyDocument=ALLOW)
    again = (await open_cloud()).client("iam")
    assert (await of(again.get_role, RoleName="r"))["Role"] == role
    assert (await of(again.list_role_policies, RoleName="r"))["PolicyNames"] == ["p"]


@pytest.mark.parametrize("document", ["no json", "{", "{} {}"])
async def test_a_role_that_nobody_could_take_is_not_made(cloud: Cloud, document: str) -> None:
    iam = cloud.client("iam")
    with pytest.raises(ClientError) as refused:
        await of(iam.create_role, RoleName="r", AssumeRolePolicyDocument=document)
    assert refused.value.response["Error"]["Code"] == "MalformedPolicyDocument"
    assert (await of(iam.list_roles))["Roles"] == []


async def test_items_of_a_table_are_kept(open_cloud: Callable[[], Any]) -> None:
    table = (await open_cloud()).client("dynamodb")
    await of(table.create_table, TableName="t", **KEY)
    await of(table.put_item, TableName="t", Item={"k": {"S": "a"}, "n": {"N": "1"}, "b": {"B": b"\0\xff"}})
    await of(table.put_item, TableName="t", Item={"k": {"S": "gone"}})
    await of(table.delete_item, TableName="t", Key={"k": {"S": "gone"}})
    await of(
        table.update_item,
        TableName="t",
        Key={"k": {"S": "a"}},
        UpdateExpression="ADD n :n",
        ExpressionAttributeValues={":n": {"N": "2"}},
    )
    again = (await open_cloud()).client("dynamodb")
    assert (await of(again.scan, TableName="t"))["Items"] == [{"k": {"S": "a"}, "n": {"N": "3"}, "b": {"B": b"\0\xff"}}]


async def test_a_message_waits_in_its_queue_for_the_next_process(open_cloud: Callable[[], Any]) -> None:
    first: Cloud = await open_cloud()
    queue = (await of(first.client("sqs").create_queue, QueueName="q"))["QueueUrl"]
    assert queue == f"{first.endpoint.url}/000000000000/q"
    topic = (await of(first.client("sns").create_topic, Name="t"))["TopicArn"]
    await of(
        first.client("sns").subscribe, TopicArn=topic, Protocol="sqs", Endpoint="arn:aws:sqs:us-east-1:000000000000:q"
    )
    await of(first.client("sns").publish, TopicArn=topic, Message="hello")
    got = (await of((await open_cloud()).client("sqs").receive_message, QueueUrl=queue))["Messages"]
    assert json.loads(got[0]["Body"])["Message"] == "hello"


async def test_a_region_is_the_same_as_the_other(cloud: Cloud) -> None:
    await of(cloud.client("ssm", region="eu-central-1").put_parameter, Name="/a", Value="1", Type="String")
    found = (await of(cloud.client("ssm").get_parameter, Name="/a"))["Parameter"]
    assert found["ARN"] == "arn:aws:ssm:us-east-1:000000000000:parameter/a"


async def test_what_moto_lacks_is_refused_by_name(cloud: Cloud) -> None:
    for service, action, given in (
        ("iam", "simulate_principal_policy", {"PolicySourceArn": "arn:aws:iam::0:role/r0", "ActionNames": ["s3:Get"]}),
        ("dynamodb", "execute_statement", {"Statement": "SELECT * FROM t"}),
    ):
        with pytest.raises(ClientError, match="is not part of this endpoint") as refused:
            await of(getattr(cloud.client(service), action), **given)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 501


async def test_what_nobody_serves_is_refused_by_name(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="'rds' is not part of this endpoint"):
        await of(cloud.client("rds").describe_db_instances)
