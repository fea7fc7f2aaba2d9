"""Tokens of pages: for the same arguments, for a day, and nobody else's."""

import base64

import pytest

from stepsmith.local import VirtualClock
from stepsmith.local.catalog.conftest import ROLE, definition
from stepsmith.local.conftest import machine_arn
from stepsmith.local.stepfunctions import Api
from stepsmith.local.stepfunctions.conftest import call, refused

pytestmark = pytest.mark.asyncio
M = machine_arn("a")


async def token(api: Api) -> str:
    """That of the first page of versions of the machine `a`."""
    for name in ("a", "b"):
        await call(api, "CreateStateMachine", name=name, definition=definition(), roleArn=ROLE, publish=True)
    await call(api, "UpdateStateMachine", stateMachineArn=M, definition=definition("other"), publish=True)
    page = await call(api, "ListStateMachineVersions", stateMachineArn=M, maxResults=1)
    return str(page["nextToken"])


async def test_a_token_goes_with_another_size_of_page(api: Api) -> None:
    given = await token(api)
    page = await call(api, "ListStateMachineVersions", stateMachineArn=M, nextToken=given, maxResults=5)
    assert [each["stateMachineVersionArn"] for each in page["stateMachineVersions"]] == [f"{M}:1"]


async def test_a_token_goes_with_the_same_arguments_only(api: Api) -> None:
    given = await token(api)
    with refused("InvalidToken"):
        await call(api, "ListStateMachineVersions", stateMachineArn=machine_arn("b"), nextToken=given)


async def test_a_token_holds_for_a_day(api: Api, clock: VirtualClock) -> None:
    given = await token(api)
    await clock.advance(24 * 3600)
    await call(api, "ListStateMachineVersions", stateMachineArn=M, nextToken=given)
    await clock.advance(1)
    with refused("InvalidToken"):
        await call(api, "ListStateMachineVersions", stateMachineArn=M, nextToken=given)


@pytest.mark.parametrize("text", ["x", "AAAA", "é", base64.urlsafe_b64encode(b"[1,2]" * 9).decode()])
async def test_a_token_of_nobody_is_invalid(api: Api, text: str) -> None:
    with refused("InvalidToken", "Invalid Token: 'Invalid token'"):
        await call(api, "ListStateMachines", nextToken=text)


async def test_no_size_and_the_size_0_are_a_hundred(api: Api) -> None:
    for n in range(101):
        await call(api, "CreateActivity", name=f"a{n}")
    for size in ({}, {"maxResults": 0}):
        page = await call(api, "ListActivities", **size)
        assert len(page["activities"]) == 100
        assert "nextToken" in page
