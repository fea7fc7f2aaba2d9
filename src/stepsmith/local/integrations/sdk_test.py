"""AWS's APIs from a state machine: through the endpoint, by the service model, with Step Functions' names."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.local import Runtime
from stepsmith.local.conftest import OpenRuntime, call, chain, function_arn, machine_arn
from stepsmith.local.endpoint.states import States
from stepsmith.local.stepfunctions.api import Api

pytestmark = pytest.mark.asyncio

M = machine_arn("m")


def sdk(call: str, **arguments: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::aws-sdk:{call}", "Arguments": arguments}


def start_execution(machine: str) -> dict[str, Any]:
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::states:startExecution",
        "Arguments": {"StateMachineArn": machine},
    }


PUT = sdk("s3:putObject", Bucket="box", Key="a b", Body={"x": 1}, Metadata={"who": "ada"})
GET = sdk("s3:getObject", Bucket="box", Key="a b")


async def test_an_object_is_put_and_its_body_is_text_again(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    runtime.objects.create("box")
    result = (await runtime.start(M, chain(PUT, GET), {}).wait()).result
    assert (result["Body"], result["ContentLength"], result["Metadata"]) == ('{"x":1}', 7, {"who": "ada"})
    assert "ResponseMetadata" not in result
    assert result["LastModified"].endswith("Z")


@pytest.mark.parametrize("given", [3.0, "{% $states.input.n %}"])
async def test_a_whole_number_is_one_however_it_is_written(open_runtime: OpenRuntime, given: Any) -> None:
    runtime = await open_runtime()
    runtime.objects.create("box")
    task = sdk("s3:listObjectsV2", Bucket="box", MaxKeys=given)
    assert (await runtime.start(M, chain(task), {"n": 3.0}).wait()).result["MaxKeys"] == 3


@pytest.mark.parametrize(
    ("task", "error", "words"),
    [
        (GET, "S3.NoSuchKeyException", "(Service: S3, Status Code: 404, Request ID"),
        (sdk("s3:headObject", Bucket="box", Key="k"), "S3.NoSuchKeyException", "(Service: S3, Status Code: 404"),
        (sdk("s3:getObject", Bucket="none", Key="k"), "S3.NoSuchBucketException", "(Service: S3, Status Code: 404"),
        (sdk("sqs:getQueueUrl", QueueName="none"), "Sqs.QueueDoesNotExistException", "(Service: Sqs, Status Code: 400"),
    ],
)
async def test_what_a_service_refuses_has_the_name_of_the_sdks_exception(
    open_runtime: OpenRuntime, task: Any, error: str, words: str
) -> None:
    runtime = await open_runtime()
    runtime.objects.create("box")
    ending = await runtime.start(M, chain(task), {}).wait()
    assert ending.result["Error"] == error
    assert words in ending.result["Cause"]


async def test_a_machine_can_ask_step_functions_about_itself(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    runtime.endpoint.mount(States(Api(runtime, runtime.catalog, runtime.now_ms)))
    describe = sdk("sfn:describeExecution", ExecutionArn="{% $states.context.Execution.Id %}")
    run = runtime.start(M, chain(describe), {"a": 1}, "r1")
    result = (await run.wait()).result
    assert (result["ExecutionArn"], result["Name"], result["Status"]) == (run.arn, "r1", "RUNNING")
    assert (result["Input"], result["StartDate"]) == ('{"a":1}', "2023-11-14T22:13:20Z")


@pytest.mark.parametrize(
    ("call", "error"),
    [("ec2:describeInstances", "Ec2.Ec2Exception"), ("glue:getJobs", "Glue.GlueException")],
)
async def test_a_service_that_is_not_here_is_named(open_runtime: OpenRuntime, call: str, error: str) -> None:
    ending = await (await open_runtime()).start(M, chain(sdk(call)), {}).wait()
    assert ending.result["Error"] == error
    assert f"The service '{call.partition(':')[0]}' is not part of this endpoint" in ending.result["Cause"]


async def test_a_request_that_cannot_be_made_is_told_member_by_member(open_runtime: OpenRuntime) -> None:
    task = sdk("sqs:sendMessage", MessageBody=5, Colour="red")
    ending = await (await open_runtime()).start(M, chain(task), {}).wait()
    assert ending.result["Error"] == "States.Runtime"
    for words in (
        "The field 'Colour' is not supported by Step Functions",
        "The field 'QueueUrl' is required but was missing",
        "The value for the field 'MessageBody' must be a STRING",
    ):
        assert words in ending.result["Cause"]


async def test_what_step_functions_refuses_is_an_exception_of_the_sdk(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    runtime.endpoint.mount(States(Api(runtime, runtime.catalog, runtime.now_ms)))
    none = machine_arn("none").replace("stateMachine", "execution") + ":x"
    ending = await runtime.start(M, chain(sdk("sfn:describeExecution", ExecutionArn=none)), {}).wait()
    assert ending.result["Error"] == "Sfn.ExecutionDoesNotExistException"
    assert ending.result["Cause"].startswith(f"Execution Does Not Exist: '{none}' (Service: Sfn, Status Code: 400, Req")


TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "states.amazonaws.com"}},
    ],
}


async def made_role(runtime: Runtime, *statements: dict[str, Any]) -> str:
    """The ARN of a role in IAM that may do just this."""
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]}
    create = sdk("iam:createRole", RoleName="limited", AssumeRolePolicyDocument=json.dumps(TRUST))
    put = sdk("iam:putRolePolicy", RoleName="limited", PolicyName="p", PolicyDocument=json.dumps(policy))
    ended = await runtime.start(
        M, chain({**create, "Assign": {"role": "{% $states.result.Role.Arn %}"}}, {**put, "Output": "{% $role %}"}), {}
    ).wait()
    return str(ended.result)


async def limited(runtime: Runtime, role: str, *states: dict[str, Any]) -> Any:
    """The result of a machine with this role."""
    machine = runtime.catalog.put("limited", json.dumps(chain(*states)), role)
    return (await runtime.start(machine.arn, None, {}).wait()).result


async def test_a_machine_does_what_its_role_allows_and_nothing_else(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime({"echo": lambda value: value})
    runtime.objects.create("box")
    allowed = {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::box/*"}
    role = await made_role(runtime, allowed, {"Action": "ssm:PutParameter", "Resource": "*"})
    assert "ETag" in await limited(runtime, role, PUT)
    parameter = sdk("ssm:putParameter", Name="p", Value="v", Type="String")
    assert (await limited(runtime, role, parameter))["Version"] == 1
    me = "User: arn:aws:sts::000000000000:assumed-role/limited/stepsmith is not authorized to perform:"
    for refused, error, action in (
        (GET, "S3.AccessDeniedException", "s3:GetObject"),
        (sdk("dynamodb:listTables"), "DynamoDb.DynamoDbException", "dynamodb:ListTables"),
        (call("echo"), "Lambda.AWSLambdaException", "lambda:InvokeFunction"),
        (start_execution(M), "StepFunctions.AWSStepFunctionsException", "states:StartExecution"),
    ):
        result = await limited(runtime, role, refused)
        assert result["Error"] == error
        assert f"{me} {action}" in result["Cause"]


async def test_a_role_that_may_call_a_function_calls_it(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime({"echo": lambda value: value})
    role = await made_role(runtime, {"Action": "lambda:InvokeFunction", "Resource": function_arn("echo")})
    assert await limited(runtime, role, call("echo")) == {}


@pytest.mark.parametrize(("action", "status"), [("getObject", "SUCCEEDED"), ("putObject", "FAILED")])
async def test_after_a_crash_what_only_reads_is_asked_again_and_any_other_outcome_is_unknown(
    tmp_path: Path, action: str, status: str
) -> None:
    async with Runtime(tmp_path) as runtime:
        runtime.objects.create("box")
        await runtime.start(M, chain(PUT), {}).wait()
        runtime.start(M, chain(sdk(f"s3:{action}", Bucket="box", Key="a b")), {}, "r1")  # and dies at this moment
    async with Runtime(tmp_path) as runtime:
        ending = await runtime.resume("r1").wait()
        assert ending.status == status
        if status == "FAILED":
            assert ending.result["Error"] == "S3.SdkClientException"
            assert "the outcome is unknown" in ending.result["Cause"]
