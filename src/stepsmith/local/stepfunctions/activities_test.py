"""Activities over the API: create, describe, delete, list."""

import pytest

from stepsmith.local import VirtualClock
from stepsmith.local.conftest import activity_arn, machine_arn
from stepsmith.local.stepfunctions import Api
from stepsmith.local.stepfunctions.conftest import call, refused

A = activity_arn("a")
KEY = {"type": "CUSTOMER_MANAGED_KMS_KEY", "kmsKeyId": "alias/k", "kmsDataKeyReusePeriodSeconds": 60}
pytestmark = pytest.mark.asyncio


async def test_a_new_activity_is_described(api: Api, clock: VirtualClock) -> None:
    created = {"activityArn": A, "creationDate": clock.now_ms() / 1000}
    assert await call(api, "CreateActivity", name="a") == created
    described = await call(api, "DescribeActivity", activityArn=A)
    assert described == {**created, "name": "a", "encryptionConfiguration": {"type": "AWS_OWNED_KEY"}}


async def test_the_same_name_again_is_the_same_activity(api: Api, clock: VirtualClock) -> None:
    first = await call(api, "CreateActivity", name="a", encryptionConfiguration=KEY)
    await clock.advance(10)
    assert await call(api, "CreateActivity", name="a", encryptionConfiguration=KEY) == first


async def test_another_encryption_is_refused(api: Api) -> None:
    await call(api, "CreateActivity", name="a")
    with refused("ActivityAlreadyExists"):
        await call(api, "CreateActivity", name="a", encryptionConfiguration=KEY)


async def test_a_name_with_letters_that_names_have_not_is_invalid(api: Api) -> None:
    with refused("InvalidName", "Invalid Name: 'a/b'"):
        await call(api, "CreateActivity", name="a/b")


async def test_an_encryption_that_is_none_is_refused(api: Api) -> None:
    with refused("InvalidEncryptionConfiguration"):
        await call(api, "CreateActivity", name="a", encryptionConfiguration={"type": KEY["type"]})


async def test_a_deleted_activity_is_not_there_and_deleting_again_is_no_error(api: Api) -> None:
    await call(api, "CreateActivity", name="a")
    for _ in range(2):
        assert await call(api, "DeleteActivity", activityArn=A) == {}
    with refused("ActivityDoesNotExist", f"Activity Does Not Exist: '{A}'"):
        await call(api, "DescribeActivity", activityArn=A)


@pytest.mark.parametrize("action", ["DescribeActivity", "DeleteActivity"])
async def test_what_is_no_activity_is_an_invalid_arn(api: Api, action: str) -> None:
    with refused("InvalidArn", "Resource type not valid in this context: stateMachine"):
        await call(api, action, activityArn=machine_arn("a"))


async def test_activities_are_listed_page_by_page_in_the_order_of_their_names(api: Api) -> None:
    for name in ("c", "a", "b"):
        await call(api, "CreateActivity", name=name)
    first = await call(api, "ListActivities", maxResults=2)
    rest = await call(api, "ListActivities", maxResults=2, nextToken=first["nextToken"])
    assert [each["name"] for each in first["activities"] + rest["activities"]] == ["a", "b", "c"]
    assert "nextToken" not in rest
