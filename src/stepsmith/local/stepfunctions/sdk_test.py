"""`aws-sdk:sfn:*` reaches the API's own actions, with the SDK's names, times and exceptions."""

from typing import Any

import pytest

from stepsmith.local import Runtime
from stepsmith.local.conftest import OpenRuntime, chain, machine_arn
from stepsmith.local.stepfunctions.api import Api
from stepsmith.local.stepfunctions.sdk import service

pytestmark = pytest.mark.asyncio

M = machine_arn("m")


def task(action: str, **arguments: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:sfn:{action}", "Arguments": arguments}


async def opened(open_runtime: OpenRuntime) -> Runtime:
    runtime = await open_runtime()
    runtime.services["sfn"] = service(Api(runtime, runtime.catalog, runtime.now_ms))
    return runtime


async def test_an_execution_can_describe_itself(open_runtime: OpenRuntime) -> None:
    runtime = await opened(open_runtime)
    describe = task("describeExecution", ExecutionArn="{% $states.context.Execution.Id %}")
    run = runtime.start(M, chain(describe), {"a": 1}, "r1")
    result = (await run.wait()).result
    assert (result["ExecutionArn"], result["Name"], result["Status"]) == (run.arn, "r1", "RUNNING")
    assert (result["Input"], result["StartDate"]) == ('{"a":1}', "2023-11-14T22:13:20.000Z")


async def test_what_the_api_refuses_is_an_exception_of_the_sdk(open_runtime: OpenRuntime) -> None:
    runtime = await opened(open_runtime)
    none = machine_arn("none").replace("stateMachine", "execution") + ":x"
    ending = await runtime.start(M, chain(task("describeExecution", ExecutionArn=none)), {}).wait()
    assert ending.result["Error"] == "Sfn.ExecutionDoesNotExistException"
    assert ending.result["Cause"].startswith(f"Execution Does Not Exist: '{none}' (Service: Sfn, Status Code: 400, Req")


async def test_without_the_api_the_call_is_named_as_one_that_is_not_served(open_runtime: OpenRuntime) -> None:
    ending = await (await open_runtime()).start(M, chain(task("listActivities")), {}).wait()
    assert (ending.result["Error"], "'listActivities' of 'sfn'" in ending.result["Cause"]) == ("States.Runtime", True)
