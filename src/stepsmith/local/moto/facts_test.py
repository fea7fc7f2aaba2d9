"""What roles may do, read from IAM as it is now, without moto."""

import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from stepsmith.local.moto.conftest import ALLOW, TRUST, Cloud, of
from stepsmith.local.roles import Roles

pytestmark = pytest.mark.asyncio
ROLE = "arn:aws:iam::000000000000:role/r"


async def test_inline_and_attached_policies_of_a_role_decide_as_they_are_now(cloud: Cloud) -> None:
    iam, roles = cloud.client("iam"), Roles(cloud.moto.policies)
    assert cloud.moto.policies.of_role("r") is None
    await of(iam.create_role, RoleName="r", AssumeRolePolicyDocument=TRUST)
    await of(iam.put_role_policy, RoleName="r", PolicyName="inline", PolicyDocument=ALLOW)
    assert (await roles.of(ROLE, "s").permissions()).may("s3:GetObject", "arn:aws:s3:::b/k")
    wider = json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}})
    policy = (await of(iam.create_policy, PolicyName="wider", PolicyDocument=wider))["Policy"]["Arn"]
    await of(iam.attach_role_policy, RoleName="r", PolicyArn=policy)
    assert (await roles.of(ROLE, "s").permissions()).may("sqs:SendMessage", "arn:aws:sqs:us-east-1:000000000000:q")
    await of(iam.delete_role_policy, RoleName="r", PolicyName="inline")
    assert not (await roles.of(ROLE, "s").permissions()).may("s3:GetObject", "arn:aws:s3:::b/k")


async def test_reading_a_roles_policies_loads_nothing_of_moto(open_cloud: Callable[[], Any]) -> None:
    cloud: Cloud = await open_cloud()
    await of(cloud.client("iam").create_role, RoleName="r", AssumeRolePolicyDocument=TRUST)
    program = (
        "import asyncio, pathlib, sys; from stepsmith.local.moto import Moto\n"
        f"moto = Moto(pathlib.Path({str(cloud.data)!r}))\n"
        "print(moto.policies.of_role('r'), asyncio.run(moto.mark('iam')), 'moto' in sys.modules)"
    )
    ran = await of(subprocess.run, args=[sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout.split() == ["()", "1", "False"]
