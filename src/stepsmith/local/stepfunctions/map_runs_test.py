"""Map Runs through the API: listed, described, changed while they run, redriven."""

import json
from typing import Any

import pytest

from stepsmith.local import VirtualClock
from stepsmith.local.conftest import OpenRuntime, branch, chain, machine_arn
from stepsmith.local.maps.conftest import WAIT, distributed
from stepsmith.local.stepfunctions import Api
from stepsmith.local.stepfunctions.conftest import ROLE, call, refused

pytestmark = pytest.mark.asyncio

NONE = {"aborted": 0, "failed": 0, "failuresNotRedrivable": 0, "pending": 0, "pendingRedrive": 0, "resultsWritten": 0,
        "running": 0, "succeeded": 0, "timedOut": 0}  # fmt: skip
NOBODY = "arn:aws:states:us-east-1:000000000000:mapRun:m/rows:none"


async def begun(
    api: Api, clock: VirtualClock, items: list[Any], *states: dict[str, Any], **fields: Any
) -> tuple[str, str]:
    """The ARNs of an execution with a distributed Map over the items, and of its Map Run."""
    definition = json.dumps(chain(distributed(*states, **fields)))
    await call(api, "CreateStateMachine", name="m", definition=definition, roleArn=ROLE)
    started = await call(api, "StartExecution", stateMachineArn=machine_arn("m"), input=json.dumps(items))
    await clock.advance(1)
    (map_run,) = (await call(api, "ListMapRuns", executionArn=started["executionArn"]))["mapRuns"]
    return started["executionArn"], map_run["mapRunArn"]


async def counts(api: Api, map_run: str, what: str = "itemCounts") -> dict[str, int]:
    """The counts that are not 0."""
    described = await call(api, "DescribeMapRun", mapRunArn=map_run)
    return {name: count for name, count in described[what].items() if count}


async def test_a_map_run_is_listed_under_its_execution(api: Api, clock: VirtualClock) -> None:
    execution, map_run = await begun(api, clock, [1, 2], WAIT)
    listed = await call(api, "ListMapRuns", executionArn=execution)
    assert listed == {
        "mapRuns": [
            {
                "executionArn": execution,
                "mapRunArn": map_run,
                "stateMachineArn": machine_arn("m"),
                "startDate": 1_700_000_000.0,
            }
        ]
    }
    with refused("ExecutionDoesNotExist"):
        await call(api, "ListMapRuns", executionArn=execution + "x")


async def test_a_map_run_is_described_with_its_bounds_and_counts(api: Api, clock: VirtualClock) -> None:
    bounds = {"MaxConcurrency": "{% 1 %}", "ToleratedFailurePercentage": 12.5, "ItemBatcher": {"MaxItemsPerBatch": 2}}
    execution, map_run = await begun(api, clock, [1, 2, 3], WAIT, **bounds)
    described = await call(api, "DescribeMapRun", mapRunArn=map_run)
    assert described == {
        "mapRunArn": map_run,
        "executionArn": execution,
        "status": "RUNNING",
        "startDate": 1_700_000_000.0,
        "maxConcurrency": 1,
        "toleratedFailurePercentage": 12.5,
        "toleratedFailureCount": 0,
        "itemCounts": {**NONE, "pending": 1, "running": 2, "total": 3},
        "executionCounts": {**NONE, "pending": 1, "running": 1, "total": 2},
        "redriveCount": 0,
    }
    await clock.advance(130)
    described = await call(api, "DescribeMapRun", mapRunArn=map_run)
    assert (described["status"], described["stopDate"]) == ("SUCCEEDED", 1_700_000_120.0)
    assert described["itemCounts"] == {**NONE, "succeeded": 3, "total": 3}
    with refused("ResourceNotFound"):
        await call(api, "DescribeMapRun", mapRunArn=NOBODY)
    with refused("InvalidArn"):
        await call(api, "DescribeMapRun", mapRunArn=execution)


async def test_children_are_listed_by_their_map_run_with_their_items(api: Api, clock: VirtualClock) -> None:
    batched = {"MaxConcurrency": 1, "ItemBatcher": {"MaxItemsPerBatch": 2}}
    _, map_run = await begun(api, clock, [1, 2, 3], WAIT, **batched)
    await clock.advance(61)
    found = (await call(api, "ListExecutions", mapRunArn=map_run))["executions"]
    assert [(each["status"], each["itemCount"], each["mapRunArn"]) for each in found] == [
        ("RUNNING", 1, map_run),
        ("SUCCEEDED", 2, map_run),
    ]
    done = await call(api, "ListExecutions", mapRunArn=map_run, statusFilter="SUCCEEDED")
    assert done["executions"] == [found[1]]
    with refused("ResourceNotFound"):
        await call(api, "ListExecutions", mapRunArn=NOBODY)


async def test_more_children_run_as_soon_as_they_may(api: Api, clock: VirtualClock) -> None:
    _, map_run = await begun(api, clock, [1, 2, 3], WAIT, MaxConcurrency=1)
    assert await counts(api, map_run) == {"pending": 2, "running": 1, "total": 3}
    assert await call(api, "UpdateMapRun", mapRunArn=map_run, maxConcurrency=2) == {}
    await clock.advance(1)
    assert await counts(api, map_run) == {"pending": 1, "running": 2, "total": 3}
    assert (await call(api, "DescribeMapRun", mapRunArn=map_run))["maxConcurrency"] == 2


FAILS = {"Type": "Wait", "Seconds": "{% $states.input %}", "Output": "{% $error('no') %}"}


async def test_a_tolerance_that_is_raised_in_time_counts(api: Api, clock: VirtualClock) -> None:
    _, map_run = await begun(api, clock, [10, 20, 30], FAILS)
    await call(api, "UpdateMapRun", mapRunArn=map_run, toleratedFailureCount=2)
    await clock.advance(25)
    assert await counts(api, map_run, "executionCounts") == {"failed": 2, "running": 1, "total": 3}
    await clock.advance(10)
    assert (await call(api, "DescribeMapRun", mapRunArn=map_run))["status"] == "FAILED"
    with refused("ValidationException", "FAILED"):
        await call(api, "UpdateMapRun", mapRunArn=map_run, toleratedFailureCount=9)


async def test_a_tolerance_that_is_lowered_fails_the_map_run_at_once(api: Api, clock: VirtualClock) -> None:
    execution, map_run = await begun(api, clock, [10, 200], FAILS, ToleratedFailurePercentage=100)
    await clock.advance(15)
    await call(api, "UpdateMapRun", mapRunArn=map_run, toleratedFailurePercentage=10)
    await clock.advance(1)
    described = await call(api, "DescribeExecution", executionArn=execution)
    assert described["error"] == "States.ExceedToleratedFailureThreshold"
    assert await counts(api, map_run) == {"aborted": 1, "failed": 1, "total": 2}


async def test_an_update_changes_something(api: Api, clock: VirtualClock) -> None:
    _, map_run = await begun(api, clock, [1], WAIT)
    with refused("ValidationException", "At least one"):
        await call(api, "UpdateMapRun", mapRunArn=map_run)


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
async def test_children_wait_for_their_redrive(open_runtime: OpenRuntime, clock: VirtualClock, kind: str) -> None:
    bad = {1, 2}

    def work(n: int) -> int:
        if n in bad:
            raise ValueError
        return n

    runtime = await open_runtime({"work": work})
    api = Api(runtime, runtime.catalog, clock.now_ms)
    task = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": "arn:aws:lambda:us-east-1:000000000000:function:work",
                          "Payload": "{% $states.input %}"}}  # fmt: skip
    slow = {"Type": "Wait", "Seconds": 60}
    fields = {"MaxConcurrency": 1, "ToleratedFailureCount": 1}
    execution, map_run = await begun(api, clock, [1, 2, 3], task, slow, kind=kind, **fields)
    await clock.advance(70)
    assert await counts(api, map_run) == {"failed": 2, "pending": 1, "total": 3}
    bad.clear()
    await clock.advance(1)
    await call(api, "RedriveExecution", executionArn=execution)
    await clock.advance(1)
    assert await counts(api, map_run) == {"pendingRedrive": 1, "pending": 1, "running": 1, "total": 3}
    waits = await call(api, "ListExecutions", mapRunArn=map_run, statusFilter="PENDING_REDRIVE")
    assert [each["status"] for each in waits["executions"]] == ["PENDING_REDRIVE"]
    assert (await call(api, "ListExecutions", mapRunArn=map_run, statusFilter="FAILED"))["executions"] == (
        [] if kind == "STANDARD" else [each for each in await every(api, map_run) if each["status"] == "FAILED"]
    )
    await clock.advance(200)
    described = await call(api, "DescribeMapRun", mapRunArn=map_run)
    assert (described["status"], described["redriveCount"]) == ("SUCCEEDED", 1) and described["redriveDate"]
    assert await counts(api, map_run) == {"succeeded": 3, "total": 3}


async def test_a_child_is_redriven_by_its_map_run_alone(api: Api, clock: VirtualClock) -> None:
    _, map_run = await begun(api, clock, [1], {"Type": "Pass", "Output": "{% $error() %}"})
    (child,) = await every(api, map_run)
    described = await call(api, "DescribeExecution", executionArn=child["executionArn"])
    assert described["redriveStatus"] == "REDRIVABLE_BY_MAP_RUN"
    with refused("ExecutionNotRedrivable", "Map Run"):
        await call(api, "RedriveExecution", executionArn=child["executionArn"])


async def test_a_child_whose_history_is_full_stays_failed(api: Api, clock: VirtualClock) -> None:
    forever = {"Type": "Choice", "Choices": [{"Condition": "{% true %}", "Next": "Again"}], "Default": "Never"}
    states = {"Ask": forever, "Again": {"Type": "Pass", "Next": "Ask"}, "Never": {"Type": "Succeed"}}
    rows = distributed()
    rows["ItemProcessor"] |= {"StartAt": "Ask", "States": states}
    await call(api, "CreateStateMachine", name="m", definition=json.dumps(chain(rows)), roleArn=ROLE)
    execution = (await call(api, "StartExecution", stateMachineArn=machine_arn("m"), input="[1]"))["executionArn"]
    await clock.advance(1)
    await call(api, "RedriveExecution", executionArn=execution)
    await clock.advance(1)
    (map_run,) = (await call(api, "ListMapRuns", executionArn=execution))["mapRuns"]
    (child,) = await every(api, map_run["mapRunArn"])
    described = await call(api, "DescribeExecution", executionArn=child["executionArn"])
    assert (described["redriveStatus"], described["redriveCount"]) == ("NOT_REDRIVABLE", 0)
    assert described["redriveStatusReason"] == "Execution history event limit exceeded"
    assert await counts(api, map_run["mapRunArn"]) == {"failed": 1, "total": 1}


@pytest.mark.parametrize("kind", ["STANDARD", "EXPRESS"])
async def test_a_redrive_waits_until_the_map_run_has_stopped_its_children(
    api: Api, clock: VirtualClock, kind: str
) -> None:
    execution, map_run = await begun(api, clock, list(range(60)), WAIT, kind=kind)
    await call(api, "StopExecution", executionArn=execution)
    await call(api, "RedriveExecution", executionArn=execution)
    await clock.advance(200)
    assert (await call(api, "DescribeExecution", executionArn=execution))["status"] == "SUCCEEDED"
    described = await call(api, "DescribeMapRun", mapRunArn=map_run)
    assert (described["status"], described["redriveCount"]) == ("SUCCEEDED", 1)
    assert await counts(api, map_run) == {"succeeded": 60, "total": 60}


async def test_a_map_run_that_is_aborted_before_its_turn_is_there(api: Api, clock: VirtualClock) -> None:
    failing = {"Type": "Pass", "Output": "{% $error() %}"}
    branches = [branch(distributed(WAIT), prefix="M"), branch(failing, prefix="E")]
    definition = json.dumps(chain({"Type": "Parallel", "Branches": branches}))
    await call(api, "CreateStateMachine", name="m", definition=definition, roleArn=ROLE)
    execution = (await call(api, "StartExecution", stateMachineArn=machine_arn("m"), input="[1]"))["executionArn"]
    await clock.advance(1)
    (map_run,) = (await call(api, "ListMapRuns", executionArn=execution))["mapRuns"]
    assert (await call(api, "DescribeMapRun", mapRunArn=map_run["mapRunArn"]))["status"] == "ABORTED"


async def every(api: Api, map_run: str) -> list[dict[str, Any]]:
    executions: list[dict[str, Any]] = (await call(api, "ListExecutions", mapRunArn=map_run))["executions"]
    return executions
