"""Tags over the API: on machines and activities, at most fifty, AWS's own keys left alone."""

from typing import Any

import pytest
import pytest_asyncio

from stepsmith.local.catalog.conftest import ROLE, definition
from stepsmith.local.conftest import activity_arn, machine_arn
from stepsmith.local.stepfunctions import Api
from stepsmith.local.stepfunctions.conftest import call, refused

M, A = machine_arn("m"), activity_arn("a")
pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture(autouse=True)
async def resources(api: Api) -> None:
    await call(api, "CreateStateMachine", name="m", definition=definition(), roleArn=ROLE)
    await call(api, "CreateActivity", name="a")


def tags(**values: str) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in values.items()]


async def tag(api: Api, arn: str, given: list[dict[str, str]]) -> dict[str, Any]:
    return await call(api, "TagResource", resourceArn=arn, tags=given)


async def listed(api: Api, arn: str) -> list[dict[str, str]]:
    found = await call(api, "ListTagsForResource", resourceArn=arn)
    given: list[dict[str, str]] = found["tags"]
    return given


@pytest.mark.parametrize("arn", [M, A])
async def test_machines_and_activities_are_tagged(api: Api, arn: str) -> None:
    assert await listed(api, arn) == []
    assert await tag(api, arn, tags(team="data", stage="test")) == {}
    assert await listed(api, arn) == tags(team="data", stage="test")


async def test_a_key_has_its_last_value(api: Api) -> None:
    await tag(api, M, tags(team="data", stage="test"))
    await tag(api, M, tags(team="web"))
    assert await listed(api, M) == tags(team="web", stage="test")


async def test_keys_are_removed_and_missing_ones_are_no_error(api: Api) -> None:
    await tag(api, M, tags(a="1", b="2"))
    assert await call(api, "UntagResource", resourceArn=M, tagKeys=["a", "none"]) == {}
    assert await listed(api, M) == tags(b="2")


async def test_tags_are_given_at_creation(api: Api) -> None:
    await call(api, "CreateActivity", name="b", tags=tags(team="data"))
    assert await listed(api, activity_arn("b")) == tags(team="data")


async def test_an_activity_of_the_same_name_again_keeps_its_tags(api: Api) -> None:
    await call(api, "CreateActivity", name="a", tags=tags(team="data"))
    assert await listed(api, A) == []


async def test_fifty_tags_are_as_many_as_may_be(api: Api) -> None:
    await tag(api, M, tags(**{f"k{n}": "" for n in range(50)}))
    await tag(api, M, tags(k0="again"))
    with refused("TooManyTags") as raised:
        await tag(api, M, tags(one="more"))
    assert raised.value.members == {"resourceName": M}
    assert len(await listed(api, M)) == 50


@pytest.mark.parametrize("create", ["CreateStateMachine", "CreateActivity"])
async def test_nothing_is_created_with_too_many_tags(api: Api, create: str) -> None:
    machine = {"definition": definition(), "roleArn": ROLE} if create == "CreateStateMachine" else {}
    with refused("TooManyTags"):
        await call(api, create, name="new", tags=tags(**{f"k{n}": "" for n in range(51)}), **machine)
    with refused("ResourceNotFound"):
        await listed(api, machine_arn("new") if machine else activity_arn("new"))


@pytest.mark.parametrize("given", [{"key": "aws:team"}, {"key": "a;b"}, {"key": "a", "value": "<"}, {"value": "a"}])
async def test_keys_and_values_that_tags_have_not_are_refused(api: Api, given: dict[str, str]) -> None:
    with refused("ValidationException"):
        await tag(api, M, [given])


async def test_every_sign_that_tags_may_have_is_taken(api: Api) -> None:
    given = [{"key": "Größe _.:/=+-@", "value": "名 1"}]
    await tag(api, M, given)
    assert await listed(api, M) == given


@pytest.mark.parametrize("arn", [machine_arn("none"), activity_arn("none")])
@pytest.mark.parametrize(
    ("action", "given"),
    [("TagResource", {"tags": tags(a="1")}), ("UntagResource", {"tagKeys": ["a"]}), ("ListTagsForResource", {})],
)
async def test_what_is_not_there_has_no_tags(api: Api, action: str, given: dict[str, Any], arn: str) -> None:
    with refused("ResourceNotFound", f"Resource not found: '{arn}'") as raised:
        await call(api, action, resourceArn=arn, **given)
    assert raised.value.members == {"resourceName": arn}


async def test_an_execution_has_no_tags(api: Api) -> None:
    with refused("InvalidArn", "Resource type not valid in this context: execution"):
        await listed(api, "arn:aws:states:us-east-1:000000000000:execution:m:first")


async def test_a_deleted_activity_made_again_has_no_tags(api: Api) -> None:
    await tag(api, A, tags(a="1"))
    await call(api, "DeleteActivity", activityArn=A)
    await call(api, "CreateActivity", name="a")
    assert await listed(api, A) == []
