"""A role made through the API: its key opens at S3 and elsewhere what IAM says at that moment."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import boto3
import pytest
import pytest_asyncio
from botocore.exceptions import ClientError

from stepsmith.local import Runtime
from stepsmith.local.endpoint.server import Endpoint, wall_ms
from stepsmith.local.roles import OWNER, Principal, Roles

pytestmark = pytest.mark.asyncio

NAME = "reports"
ARN = f"arn:aws:iam::000000000000:role/service/{NAME}"
WHO = f"arn:aws:sts::000000000000:assumed-role/{NAME}/nightly"


def policy(action: str, resource: str, effect: str = "Allow") -> str:
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest_asyncio.fixture
async def runtime(tmp_path: Path) -> AsyncIterator[Runtime]:
    async with Endpoint(wall_ms) as endpoint, Runtime(tmp_path, endpoint=endpoint) as made:
        yield made


def client(runtime: Runtime, service: str, principal: Principal) -> Any:
    session = runtime.endpoint.session(principal)
    return boto3.client(
        service,
        region_name="us-east-1",
        endpoint_url=session["AWS_ENDPOINT_URL"],
        aws_access_key_id=session["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=session["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=session["AWS_SESSION_TOKEN"],
    )


async def ask(action: Any, **arguments: Any) -> Any:
    return await asyncio.to_thread(lambda: action(**arguments))


async def refused(action: Any, **arguments: Any) -> tuple[str, str]:
    with pytest.raises(ClientError) as error:
        await ask(action, **arguments)
    said = error.value.response["Error"]
    return said["Code"], said["Message"]


async def test_a_role_opens_what_its_policies_say_at_that_moment(runtime: Runtime) -> None:
    iam, s3 = client(runtime, "iam", OWNER), client(runtime, "s3", Roles(runtime.moto.policies).of(ARN, "nightly"))
    runtime.objects.create("reports")
    write = {"Bucket": "reports", "Key": "2026/1.csv", "Body": b"x"}
    code, message = await refused(s3.put_object, **write)
    denied = f"User: {WHO} is not authorized to perform: s3:PutObject on resource: arn:aws:s3:::reports/2026/1.csv"
    assert (code, message) == (
        "AccessDenied",
        f"{denied} because no identity-based policy allows the s3:PutObject action",
    )
    await ask(iam.create_role, RoleName=NAME, Path="/service/", AssumeRolePolicyDocument=policy("sts:AssumeRole", "*"))
    inline = {"RoleName": NAME, "PolicyName": "own"}
    await ask(iam.put_role_policy, **inline, PolicyDocument=policy("s3:*Object", "arn:aws:s3:::reports/2026/*"))
    await ask(s3.put_object, **write)
    assert (await refused(s3.put_object, **{**write, "Key": "2025/1.csv"}))[0] == "AccessDenied"
    closed = policy("s3:*", "arn:aws:s3:::reports/*", "Deny")
    made = await ask(iam.create_policy, PolicyName="closed", PolicyDocument=closed)
    attached = {"RoleName": NAME, "PolicyArn": made["Policy"]["Arn"]}
    await ask(iam.attach_role_policy, **attached)
    assert (await refused(s3.put_object, **write))[1] == f"{denied} with an explicit deny in an identity-based policy"
    await ask(iam.detach_role_policy, **attached)
    await ask(s3.put_object, **write)
    await ask(iam.delete_role_policy, **inline)
    assert (await refused(s3.put_object, **write))[0] == "AccessDenied"


async def test_other_services_hold_a_role_to_its_policies_too(runtime: Runtime) -> None:
    iam, role = client(runtime, "iam", OWNER), Roles(runtime.moto.policies).of(ARN, "nightly")
    kept = await ask(client(runtime, "secretsmanager", OWNER).create_secret, Name="key", SecretString="value")
    await ask(client(runtime, "secretsmanager", OWNER).create_secret, Name="other", SecretString="value")
    await ask(iam.create_role, RoleName=NAME, AssumeRolePolicyDocument=policy("sts:AssumeRole", "*"))
    document = policy("secretsmanager:GetSecretValue", kept["ARN"])
    await ask(iam.put_role_policy, RoleName=NAME, PolicyName="own", PolicyDocument=document)
    secrets = client(runtime, "secretsmanager", role)
    assert (await ask(secrets.get_secret_value, SecretId="key"))["SecretString"] == "value"
    assert (await refused(secrets.get_secret_value, SecretId="other"))[0] == "AccessDeniedException"
    assert (await refused(client(runtime, "iam", role).list_roles))[0].startswith("AccessDenied")
    assert (await ask(client(runtime, "sts", role).get_caller_identity))["Arn"] == WHO
