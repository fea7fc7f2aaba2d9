"""Who calls, and as what: STS hands out keys that work here, and a role may do what its policies say."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from stepsmith.local.moto.conftest import KEY, TRUST, Cloud, of

pytestmark = pytest.mark.asyncio
ROLE = "arn:aws:iam::000000000000:role/r"


def allow(*statements: tuple[str, str]) -> str:
    allowed = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in statements]
    return json.dumps({"Version": "2012-10-17", "Statement": allowed})


async def assumed(cloud: Cloud, service: str) -> Any:
    key = (await of(cloud.client("sts").assume_role, RoleArn=ROLE, RoleSessionName="run"))["Credentials"]
    return cloud.with_key(service, key["AccessKeyId"], key["SecretAccessKey"], key["SessionToken"])


async def make_role(cloud: Cloud, policy: str) -> None:
    await of(cloud.client("iam").create_role, RoleName="r", AssumeRolePolicyDocument=TRUST)
    await of(cloud.client("iam").put_role_policy, RoleName="r", PolicyName="p", PolicyDocument=policy)


async def test_an_assumed_role_is_who_it_says_and_may_read_its_secret_alone(cloud: Cloud) -> None:
    owner = cloud.client("secretsmanager")
    mine = (await of(owner.create_secret, Name="mine", SecretString="hush"))["ARN"]
    await of(owner.create_secret, Name="other", SecretString="hush")
    await make_role(cloud, allow(("secretsmanager:GetSecretValue", mine)))
    identity = await of((await assumed(cloud, "sts")).get_caller_identity)
    assert identity["Arn"] == "arn:aws:sts::000000000000:assumed-role/r/run"
    secrets = await assumed(cloud, "secretsmanager")
    for named in ("mine", mine, mine[:-7]):
        assert (await of(secrets.get_secret_value, SecretId=named))["SecretString"] == "hush"
    for asked in ({"SecretId": "other"}, {"SecretId": "nowhere"}):
        with pytest.raises(
            ClientError, match="is not authorized to perform: secretsmanager:GetSecretValue on resource"
        ):
            await of(secrets.get_secret_value, **asked)
    with pytest.raises(ClientError, match="AccessDenied"):
        await of(secrets.delete_secret, SecretId="mine")


async def test_a_batch_needs_the_right_to_each_of_its_tables(cloud: Cloud) -> None:
    for name in ("a", "b"):
        await of(cloud.client("dynamodb").create_table, TableName=name, **KEY)
    await make_role(cloud, allow(("dynamodb:*", "arn:aws:dynamodb:us-east-1:000000000000:table/a")))
    tables = await assumed(cloud, "dynamodb")
    write = [{"PutRequest": {"Item": {"k": {"S": "x"}}}}]
    await of(tables.batch_write_item, RequestItems={"a": write})
    with pytest.raises(ClientError, match=r"dynamodb:BatchWriteItem on resource: .*table/b"):
        await of(tables.batch_write_item, RequestItems={"a": write, "b": write})
    items = [{"Put": {"TableName": name, "Item": {"k": {"S": "y"}}}} for name in ("a", "b")]
    with pytest.raises(ClientError, match=r"dynamodb:TransactWriteItems on resource: .*table/b"):
        await of(tables.transact_write_items, TransactItems=items)
    assert (await of(cloud.client("dynamodb").scan, TableName="b"))["Count"] == 0


async def test_a_role_that_is_not_there_cannot_be_assumed(cloud: Cloud) -> None:
    with pytest.raises(ClientError, match="is not authorized to perform: sts:AssumeRole on resource"):
        await assumed(cloud, "sts")
    with pytest.raises(ClientError, match="GetSessionToken is not part of this endpoint"):
        await of(cloud.client("sts").get_session_token)


@pytest.mark.parametrize(
    ("changed", "of_iam", "of_tables"),
    [
        ({"id": "AKIANOBODY"}, "InvalidClientTokenId", "UnrecognizedClientException"),
        ({"secret": "guess"}, "SignatureDoesNotMatch", "InvalidSignatureException"),
        ({"token": "another"}, "InvalidClientTokenId", "UnrecognizedClientException"),
        ({}, "AccessDenied", "AccessDeniedException"),
    ],
)
async def test_forms_and_json_have_names_of_their_own_for_a_refusal(
    cloud: Cloud, changed: dict[str, str], of_iam: str, of_tables: str
) -> None:
    await make_role(cloud, allow(("s3:GetObject", "*")))
    key = (await of(cloud.client("sts").assume_role, RoleArn=ROLE, RoleSessionName="run"))["Credentials"]
    given = {"id": key["AccessKeyId"], "secret": key["SecretAccessKey"], "token": key["SessionToken"], **changed}
    refusals = []
    for service, action in (("iam", "list_users"), ("dynamodb", "list_tables")):
        with pytest.raises(ClientError) as refused:
            await of(getattr(cloud.with_key(service, **given), action))
        answer = refused.value.response
        refusals.append((answer["Error"]["Code"], answer["ResponseMetadata"]["HTTPStatusCode"]))
    assert refusals == [(of_iam, 403), (of_tables, 400)]
