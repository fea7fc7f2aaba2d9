"""A machine with an execution at work is DELETING until that has ended; then it is gone."""

from typing import Any

import orjson
import pytest
import pytest_asyncio

from stepsmith.local import Run, VirtualClock
from stepsmith.local.catalog.conftest import ROLE
from stepsmith.local.conftest import chain, machine_arn
from stepsmith.local.stepfunctions import Api
from stepsmith.local.stepfunctions.conftest import call, refused

M = machine_arn("m")
WAITS = orjson.dumps(chain({"Type": "Wait", "Seconds": 60})).decode()
OTHER = orjson.dumps(chain({"Type": "Wait", "Seconds": 61})).decode()
ROUTES = [{"stateMachineVersionArn": f"{M}:1", "weight": 100}]
pytestmark = pytest.mark.asyncio


@pytest_asyncio.fixture(autouse=True)
async def run(api: Api) -> Run:
    """An execution at work, its machine being deleted."""
    await call(api, "CreateStateMachine", name="m", definition=WAITS, roleArn=ROLE, publish=True)
    await call(api, "CreateStateMachineAlias", name="PROD", routingConfiguration=ROUTES)
    started = api.runtime.start(M, WAITS, {})
    await call(api, "DeleteStateMachine", stateMachineArn=M)
    return started


async def end(run: Run, clock: VirtualClock) -> None:
    await clock.advance(60)
    await run.wait()


async def test_it_is_described_and_listed_as_long_as_its_execution_runs(api: Api) -> None:
    assert (await call(api, "DescribeStateMachine", stateMachineArn=M))["status"] == "DELETING"
    assert [each["name"] for each in (await call(api, "ListStateMachines"))["stateMachines"]] == ["m"]


@pytest.mark.parametrize(
    ("action", "given"),
    [
        ("CreateStateMachine", {"name": "m", "definition": WAITS, "roleArn": ROLE}),
        ("UpdateStateMachine", {"stateMachineArn": M, "definition": OTHER}),
        ("PublishStateMachineVersion", {"stateMachineArn": M}),
        ("CreateStateMachineAlias", {"name": "TEST", "routingConfiguration": ROUTES}),
        ("ListStateMachineAliases", {"stateMachineArn": M}),
    ],
)
async def test_nothing_new_is_made_of_it(api: Api, action: str, given: dict[str, Any]) -> None:
    with refused("StateMachineDeleting", f"State Machine is being deleted: '{M}'"):
        await call(api, action, **given)


async def test_its_versions_and_aliases_are_gone_at_once(api: Api) -> None:
    with refused("StateMachineDoesNotExist"):
        await call(api, "DescribeStateMachine", stateMachineArn=f"{M}:1")
    with refused("ResourceNotFound"):
        await call(api, "DescribeStateMachineAlias", stateMachineAliasArn=f"{M}:PROD")


async def test_it_is_gone_when_its_execution_has_ended(api: Api, run: Run, clock: VirtualClock) -> None:
    await end(run, clock)
    with refused("StateMachineDoesNotExist"):
        await call(api, "DescribeStateMachine", stateMachineArn=M)
    assert await call(api, "ListStateMachines") == {"stateMachines": []}


async def test_its_name_is_free_again_then(api: Api, run: Run, clock: VirtualClock) -> None:
    await end(run, clock)
    again = await call(api, "CreateStateMachine", name="m", definition=OTHER, roleArn=ROLE, publish=True)
    assert again["stateMachineVersionArn"] == f"{M}:1"
    assert "revisionId" not in await call(api, "DescribeStateMachine", stateMachineArn=M)


async def test_an_execution_is_terminated_at_its_next_state_transition(api: Api, clock: VirtualClock) -> None:
    m = machine_arn("long")
    wait = {"Type": "Wait", "Seconds": 60}
    definition = orjson.dumps(chain(wait, wait, wait)).decode()
    await call(api, "CreateStateMachine", name="long", definition=definition, roleArn=ROLE)
    arn = (await call(api, "StartExecution", stateMachineArn=m))["executionArn"]
    await call(api, "DeleteStateMachine", stateMachineArn=m)
    assert (await call(api, "DescribeExecution", executionArn=arn))["status"] == "RUNNING"
    await clock.advance(60)
    assert (await call(api, "DescribeExecution", executionArn=arn))["status"] == "ABORTED"
    events = (await call(api, "GetExecutionHistory", executionArn=arn))["events"]
    assert [event["type"] for event in events[-2:]] == ["WaitStateEntered", "ExecutionAborted"]
    with refused("StateMachineDoesNotExist"):
        await call(api, "DescribeStateMachine", stateMachineArn=m)
