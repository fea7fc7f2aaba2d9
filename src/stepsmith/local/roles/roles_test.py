"""Callers and what they may do: the owner, functions of the repository, roles of IAM."""

import json
from collections.abc import Sequence

import pytest

from stepsmith.local.roles import OWNER, Denied, Role, Roles

ARN = "arn:aws:iam::000000000000:role/service/reports"
KEY = "arn:aws:s3:::bucket/artifacts/1.csv"


class Kept:
    """IAM as a dict, for the tests to change."""

    def __init__(self, **roles: list[str]) -> None:
        self.roles = roles

    def of_role(self, name: str) -> Sequence[str] | None:
        return self.roles.get(name)


def policy(effect: str, action: str, **more: object) -> str:
    return json.dumps({"Statement": [{"Effect": effect, "Action": action, "Resource": "*", **more}]})


def test_the_owner_may_do_everything() -> None:
    assert OWNER.may("iam:DeleteRole", "arn:aws:iam::000000000000:role/x") and OWNER.may("s3:ListAllMyBuckets")


@pytest.mark.asyncio
async def test_a_function_reads_writes_and_lists_its_prefix_alone() -> None:
    may = (await Role(("bucket/artifacts/",), name="tool").permissions()).may
    assert may("s3:GetObject", KEY) and may("s3:PutObject", KEY)
    assert not may("s3:DeleteObject", KEY)
    assert not may("s3:GetObject", "arn:aws:s3:::bucket/transcripts/1") and not may("s3:PutBucketPolicy", KEY)
    assert may("s3:ListBucket", "arn:aws:s3:::bucket", {"s3:prefix": "artifacts/r/"})
    assert not may("s3:ListBucket", "arn:aws:s3:::bucket", {"s3:prefix": ""})
    assert not may("s3:ListBucket", "arn:aws:s3:::bucket")
    assert not may("states:SendTaskSuccess")


@pytest.mark.asyncio
async def test_what_a_role_may_follows_its_policies_as_they_change() -> None:
    iam = Kept(reports=[policy("Allow", "s3:*")])
    caller = Roles(iam).of(ARN, "nightly")
    assert (await caller.permissions()).may("s3:GetObject", KEY)
    iam.roles["reports"].append(policy("Deny", "s3:Get*"))
    assert not (await caller.permissions()).may("s3:GetObject", KEY)
    del iam.roles["reports"]
    assert not (await caller.permissions()).may("s3:PutObject", KEY)


@pytest.mark.asyncio
async def test_a_refusal_has_the_words_of_aws() -> None:
    iam = Kept(reports=[policy("Deny", "s3:PutObject")])
    permissions = await Roles(iam).of(ARN, "nightly").permissions()
    who = "User: arn:aws:sts::000000000000:assumed-role/reports/nightly is not authorized to perform:"
    with pytest.raises(Denied) as refused:
        permissions.check("s3:DeleteObject", KEY)
    because = "because no identity-based policy allows the s3:DeleteObject action"
    assert str(refused.value) == f"{who} s3:DeleteObject on resource: {KEY} {because}"
    with pytest.raises(Denied) as refused:
        permissions.check("s3:PutObject", KEY)
    assert str(refused.value).endswith(f"{KEY} with an explicit deny in an identity-based policy")
    with pytest.raises(Denied) as refused:
        permissions.check("s3:ListAllMyBuckets")
    because = "because no identity-based policy allows the s3:ListAllMyBuckets action"
    assert str(refused.value) == f"{who} s3:ListAllMyBuckets {because}"


@pytest.mark.asyncio
async def test_a_condition_that_is_not_evaluated_is_named_in_the_refusal() -> None:
    documents = [policy("Allow", "s3:Get*", Condition={"DateLessThan": {"aws:CurrentTime": "2030-01-01T00:00:00Z"}})]
    permissions = await Roles(Kept(reports=documents)).of(ARN, "nightly").permissions()
    with pytest.raises(Denied, match=r"does not evaluate never allow: DateLessThan\)"):
        permissions.check("s3:GetObject", KEY)


@pytest.mark.asyncio
async def test_a_policy_that_cannot_be_read_closes_the_role(caplog: pytest.LogCaptureFixture) -> None:
    permissions = await Roles(Kept(reports=[policy("Allow", "*"), "{"])).of(ARN, "nightly").permissions()
    assert not permissions.may("s3:GetObject", KEY)
    assert "cannot be read" in caplog.text


@pytest.mark.asyncio
async def test_everybody_may_ask_who_they_are() -> None:
    permissions = await Roles(Kept(reports=[policy("Deny", "*")])).of(ARN, "nightly").permissions()
    assert permissions.may("sts:GetCallerIdentity") and not permissions.may("sts:AssumeRole")
