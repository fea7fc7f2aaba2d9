"""Aliases over the API: which routes there may be, what repetition means, what is listed."""

from typing import Any

import pytest
import pytest_asyncio

from stepsmith.local import VirtualClock
from stepsmith.local.catalog.conftest import ROLE, definition
from stepsmith.local.conftest import machine_arn
from stepsmith.local.stepfunctions import Api
from stepsmith.local.stepfunctions.conftest import call, refused

M, OTHER = machine_arn("m"), machine_arn("other")
pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture(autouse=True)
async def machines(api: Api) -> None:
    """Two machines, each with the versions 1 and 2."""
    for name in ("m", "other"):
        await call(api, "CreateStateMachine", name=name, definition=definition(), roleArn=ROLE, publish=True)
        arn = machine_arn(name)
        await call(api, "UpdateStateMachine", stateMachineArn=arn, definition=definition("second"), publish=True)


def routes(*weights: int, machine: str = M) -> list[dict[str, Any]]:
    """To the versions 1 and 2."""
    return [{"stateMachineVersionArn": f"{machine}:{n}", "weight": weight} for n, weight in enumerate(weights, 1)]


async def create(api: Api, name: str = "PROD", to: list[dict[str, Any]] | None = None, **given: Any) -> dict[str, Any]:
    return await call(api, "CreateStateMachineAlias", name=name, routingConfiguration=to or routes(100), **given)


async def update(api: Api, **given: Any) -> dict[str, Any]:
    return await call(api, "UpdateStateMachineAlias", stateMachineAliasArn=f"{M}:PROD", **given)


async def describe(api: Api, name: str = "PROD") -> dict[str, Any]:
    return await call(api, "DescribeStateMachineAlias", stateMachineAliasArn=f"{M}:{name}")


async def listed(api: Api, arn: str, **given: Any) -> list[str]:
    found = await call(api, "ListStateMachineAliases", stateMachineArn=arn, **given)
    return [each["stateMachineAliasArn"].removeprefix(f"{M}:") for each in found["stateMachineAliases"]]


async def test_a_new_alias_is_answered_with_its_arn_and_time(api: Api, clock: VirtualClock) -> None:
    assert await create(api) == {"stateMachineAliasArn": f"{M}:PROD", "creationDate": clock.now_ms() / 1000}


async def test_an_alias_is_described_as_it_was_given(api: Api, clock: VirtualClock) -> None:
    await create(api, to=routes(30, 70), description="for all")
    assert await describe(api) == {
        "stateMachineAliasArn": f"{M}:PROD",
        "name": "PROD",
        "description": "for all",
        "routingConfiguration": routes(30, 70),
        "creationDate": clock.now_ms() / 1000,
        "updateDate": clock.now_ms() / 1000,
    }


async def test_the_same_request_again_is_answered_the_same(api: Api, clock: VirtualClock) -> None:
    first = await create(api, description="for all")
    await clock.advance(10)
    assert await create(api, description="for all") == first


@pytest.mark.parametrize("other", [{"to": routes(50, 50)}, {"description": "other"}])
async def test_the_same_name_with_anything_else_is_a_conflict(api: Api, other: dict[str, Any]) -> None:
    await create(api)
    with refused("ConflictException", "an alias with the same name and a different routing configuration"):
        await create(api, **other)


@pytest.mark.parametrize(
    ("to", "words"),
    [
        (routes(99), "Sum of routing configuration weights must equal 100. Received: 99"),
        (routes(50, 51), "Sum of routing configuration weights must equal 100. Received: 101"),
        (routes(50) * 2, "Routing configuration must contain distinct state machine version ARNs."),
        ([*routes(50), *routes(50, machine=OTHER)], "one state machine"),
    ],
)
async def test_routes_that_cannot_be_are_refused_with_their_reason(
    api: Api, to: list[dict[str, Any]], words: str
) -> None:
    with refused("ValidationException", words) as raised:
        await create(api, to=to)
    assert raised.value.members == {"reason": "INVALID_ROUTING_CONFIGURATION"}


@pytest.mark.parametrize("arn", [f"{M}:3", machine_arn("none:1")])
async def test_a_version_that_is_not_there_is_no_route(api: Api, arn: str) -> None:
    with refused("ResourceNotFound"):
        await create(api, to=[{"stateMachineVersionArn": arn, "weight": 100}])


@pytest.mark.parametrize("arn", [M, f"{M}:PROD", "version"])
async def test_what_is_no_version_is_no_route(api: Api, arn: str) -> None:
    with refused("InvalidArn"):
        await create(api, to=[{"stateMachineVersionArn": arn, "weight": 100}])


@pytest.mark.parametrize("name", ["1", "12", "a b", "ä", "a:b"])
async def test_a_name_is_letters_digits_and_signs_and_not_a_number(api: Api, name: str) -> None:
    with refused("ValidationException", "at 'name' failed to satisfy constraint"):
        await create(api, name=name)


@pytest.mark.parametrize("name", ["v1", "1.0", "_", "a-b"])
async def test_other_names_are_names(api: Api, name: str) -> None:
    await create(api, name=name)
    assert (await describe(api, name))["name"] == name


async def test_an_update_leaves_what_it_does_not_name(api: Api, clock: VirtualClock) -> None:
    await create(api, description="for all")
    before = await describe(api)
    await clock.advance(10)
    updated = await update(api, routingConfiguration=routes(10, 90))
    assert updated == {"updateDate": before["updateDate"] + 10}
    assert await describe(api) == {**before, **updated, "routingConfiguration": routes(10, 90)}


async def test_an_update_of_nothing_misses_a_parameter(api: Api) -> None:
    await create(api)
    with refused("ValidationException") as raised:
        await update(api)
    assert raised.value.members == {"reason": "MISSING_REQUIRED_PARAMETER"}


async def test_an_alias_stays_with_its_machine(api: Api) -> None:
    await create(api)
    with refused("ValidationException"):
        await update(api, routingConfiguration=routes(100, machine=OTHER))


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("DescribeStateMachineAlias", {}),
        ("DeleteStateMachineAlias", {}),
        ("UpdateStateMachineAlias", {"description": "x"}),
    ],
)
async def test_an_alias_that_is_not_there_is_a_resource_not_found(api: Api, action: str, given: dict[str, Any]) -> None:
    with refused("ResourceNotFound"):
        await call(api, action, stateMachineAliasArn=f"{M}:PROD", **given)


@pytest.mark.parametrize("arn", [M, f"{M}:1"])
async def test_what_is_no_alias_is_an_invalid_arn(api: Api, arn: str) -> None:
    with refused("InvalidArn"):
        await call(api, "DescribeStateMachineAlias", stateMachineAliasArn=arn)


async def test_a_deleted_alias_is_gone_and_its_version_stays(api: Api) -> None:
    await create(api)
    assert await call(api, "DeleteStateMachineAlias", stateMachineAliasArn=f"{M}:PROD") == {}
    assert await listed(api, M) == []
    await call(api, "DescribeStateMachine", stateMachineArn=f"{M}:1")


async def test_aliases_are_listed_from_the_latest_page_by_page(api: Api) -> None:
    for name in ("b", "a", "c"):
        await create(api, name)
    first = await call(api, "ListStateMachineAliases", stateMachineArn=M, maxResults=2)
    assert [each["stateMachineAliasArn"] for each in first["stateMachineAliases"]] == [f"{M}:c", f"{M}:a"]
    assert await listed(api, M, nextToken=first["nextToken"]) == ["b"]


async def test_the_aliases_of_a_version_are_those_that_route_to_it(api: Api) -> None:
    await create(api, "first")
    await create(api, "both", routes(50, 50))
    assert await listed(api, f"{M}:1") == ["both", "first"]
    assert await listed(api, f"{M}:2") == ["both"]


@pytest.mark.parametrize(
    ("arn", "code"),
    [
        (machine_arn("none"), "StateMachineDoesNotExist"),
        (f"{M}:3", "ResourceNotFound"),
        (f"{M}:PROD", "InvalidArn"),
    ],
)
async def test_aliases_of_what_is_not_there_cannot_be_listed(api: Api, arn: str, code: str) -> None:
    with refused(code):
        await listed(api, arn)
