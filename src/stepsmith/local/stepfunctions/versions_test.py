"""Versions over the API: once a revision, numbers never again, none that an alias routes to deleted."""

from typing import Any

import pytest
import pytest_asyncio

from stepsmith.local import VirtualClock
from stepsmith.local.catalog.conftest import ROLE, definition
from stepsmith.local.conftest import machine_arn
from stepsmith.local.stepfunctions import Api
from stepsmith.local.stepfunctions.conftest import call, refused

M = machine_arn("m")
pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture(autouse=True)
async def machine(api: Api) -> None:
    await call(api, "CreateStateMachine", name="m", definition=definition(), roleArn=ROLE)


async def publish(api: Api, **given: Any) -> dict[str, Any]:
    return await call(api, "PublishStateMachineVersion", stateMachineArn=M, **given)


async def update(api: Api, comment: str) -> str:
    """Another definition; the revision."""
    updated = await call(api, "UpdateStateMachine", stateMachineArn=M, definition=definition(comment))
    return str(updated["revisionId"])


async def listed(api: Api) -> list[str]:
    found = await call(api, "ListStateMachineVersions", stateMachineArn=M)
    return [each["stateMachineVersionArn"].removeprefix(f"{M}:") for each in found["stateMachineVersions"]]


async def test_the_first_version_is_1(api: Api, clock: VirtualClock) -> None:
    assert await publish(api) == {"stateMachineVersionArn": f"{M}:1", "creationDate": clock.now_ms() / 1000}


async def test_a_revision_is_published_once(api: Api, clock: VirtualClock) -> None:
    first = await publish(api)
    await clock.advance(10)
    assert await publish(api) == first


async def test_versions_are_listed_from_the_latest(api: Api) -> None:
    for comment in ("a", "b", "c"):
        await update(api, comment)
        await publish(api)
    assert await listed(api) == ["3", "2", "1"]


async def test_a_number_is_never_used_again(api: Api) -> None:
    await publish(api)
    await call(api, "DeleteStateMachineVersion", stateMachineVersionArn=f"{M}:1")
    assert (await publish(api))["stateMachineVersionArn"] == f"{M}:2"
    assert await listed(api) == ["2"]


async def test_a_revision_that_is_the_current_one_is_published(api: Api) -> None:
    revision = await update(api, "second")
    assert (await publish(api, revisionId=revision))["stateMachineVersionArn"] == f"{M}:1"


async def test_the_revision_of_a_machine_that_was_never_updated_is_initial(api: Api) -> None:
    assert (await publish(api, revisionId="INITIAL"))["stateMachineVersionArn"] == f"{M}:1"


async def test_a_revision_that_is_not_the_current_one_is_a_conflict(api: Api) -> None:
    revision = await update(api, "second")
    words = "Failed to publish the State Machine version for revision INITIAL. "
    with refused("ConflictException", f"{words}The current State Machine revision is {revision}."):
        await publish(api, revisionId="INITIAL")


async def test_a_version_of_a_machine_that_is_not_there_cannot_be_published(api: Api) -> None:
    with refused("StateMachineDoesNotExist"):
        await call(api, "PublishStateMachineVersion", stateMachineArn=machine_arn("none"))


@pytest.mark.parametrize("qualifier", [":1", ":PROD"])
async def test_a_version_of_a_version_or_an_alias_cannot_be_published(api: Api, qualifier: str) -> None:
    with refused("InvalidArn"):
        await call(api, "PublishStateMachineVersion", stateMachineArn=M + qualifier)


async def test_a_machine_that_is_not_there_has_no_versions(api: Api) -> None:
    found = await call(api, "ListStateMachineVersions", stateMachineArn=machine_arn("none"))
    assert found == {"stateMachineVersions": []}


async def test_deleting_a_version_that_is_not_there_is_no_error(api: Api) -> None:
    assert await call(api, "DeleteStateMachineVersion", stateMachineVersionArn=f"{M}:7") == {}


async def test_deleting_what_is_no_version_is_refused(api: Api) -> None:
    with refused("InvalidArn"):
        await call(api, "DeleteStateMachineVersion", stateMachineVersionArn=M)


async def test_a_version_that_an_alias_routes_to_is_not_deleted(api: Api) -> None:
    await publish(api)
    for name in ("PROD", "TEST"):
        routes = [{"stateMachineVersionArn": f"{M}:1", "weight": 100}]
        await call(api, "CreateStateMachineAlias", name=name, routingConfiguration=routes)
    with refused("ConflictException", "aliases referencing this version: [TEST, PROD]"):
        await call(api, "DeleteStateMachineVersion", stateMachineVersionArn=f"{M}:1")
    assert await listed(api) == ["1"]
