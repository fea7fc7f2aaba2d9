"""Calls of created functions: how many at once, asynchronous ones and their end, logs, roles, machines as callers."""

import asyncio
import base64
import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.local import VirtualClock
from stepsmith.local.aws_lambda.conftest import Cloud, OpenCloud
from stepsmith.local.conftest import chain, machine_arn

pytestmark = pytest.mark.asyncio

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
TRUST = json.dumps({"Version": "2012-10-17", "Statement": []})
COUNTS = """
import pathlib
def handler(event, context):
    file = pathlib.Path(event["file"])
    with file.open("a") as opened:
        opened.write(context.aws_request_id + "\\n")
    if event.get("fail"):
        raise ValueError("as asked")
    return "done"
"""


async def until(happened: Any) -> None:
    """Other processes have no event that we could await."""
    async with asyncio.timeout(20):
        while not happened():
            await asyncio.sleep(0.005)


def left(cloud: Cloud) -> int:
    """Asynchronous calls that have not ended."""
    return int(cloud.runtime.functions.tables.database.execute("SELECT count(*) FROM event").fetchone()[0])


async def send(cloud: Cloud, event: Any, name: str = "f") -> str:
    answer = await cloud.ask("invoke", FunctionName=name, InvocationType="Event", Payload=json.dumps(event).encode())
    assert (answer["StatusCode"], answer["Payload"]) == (202, b"")
    return str(answer["ResponseMetadata"]["RequestId"])


async def test_over_its_reserved_concurrency_a_call_is_throttled(cloud: Cloud) -> None:
    await cloud.create()
    await cloud.ask("put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=0)
    told = await cloud.refused("invoke", FunctionName="f")
    assert told == ("TooManyRequestsException", "Rate Exceeded.", 429)
    await cloud.ask("delete_function_concurrency", FunctionName="f")
    assert (await cloud.ask("invoke", FunctionName="f", Payload=b"1"))["Payload"] == b"1"


async def test_an_asynchronous_call_runs_once_and_is_forgotten(cloud: Cloud, tmp_path: Path) -> None:
    await cloud.create(source=COUNTS)
    id = await send(cloud, {"file": str(tmp_path / "calls")})
    await until(lambda: not left(cloud))
    assert (tmp_path / "calls").read_text() == f"{id}\n"


async def test_an_asynchronous_call_that_fails_is_tried_twice_more_and_its_end_told(
    open_cloud: OpenCloud, clock: VirtualClock, tmp_path: Path
) -> None:
    cloud, calls, heard = await open_cloud(clock=clock), tmp_path / "calls", tmp_path / "heard"
    await cloud.create(source=COUNTS)
    listener = f"import json\ndef handler(e, c): open({str(heard)!r}, 'w').write(json.dumps(e))"
    await cloud.create("listener", listener)
    destination = {"OnFailure": {"Destination": "arn:aws:lambda:us-east-1:000000000000:function:listener"}}
    await cloud.ask("put_function_event_invoke_config", FunctionName="f", DestinationConfig=destination)
    await cloud.ask("create_role", service="iam", RoleName="nobody", AssumeRolePolicyDocument=TRUST)
    await allow(cloud, "nobody", "lambda:InvokeFunction")
    id = await send(cloud, {"file": str(calls), "fail": True})
    for attempt, pause in ((1, 60), (2, 120)):
        await until(lambda attempt=attempt: calls.exists() and calls.read_text().count(id) == attempt)
        await until(lambda attempt=attempt: attempts(cloud) == attempt)
        await clock.advance(pause)
    await until(heard.exists)
    await until(lambda: not left(cloud))
    record = json.loads(heard.read_text())
    assert calls.read_text().count(id) == 3
    assert record["requestContext"] == {
        "requestId": id,
        "functionArn": f"{ARN}:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    }
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorMessage"] == "as asked"


def attempts(cloud: Cloud) -> int:
    row = cloud.runtime.functions.tables.database.execute("SELECT attempts FROM event").fetchone()
    return int(row[0]) if row else -1


async def test_without_retries_one_attempt_is_the_last(cloud: Cloud, tmp_path: Path) -> None:
    await cloud.create(source=COUNTS)
    await cloud.ask("put_function_event_invoke_config", FunctionName="f", MaximumRetryAttempts=0)
    id = await send(cloud, {"file": str(tmp_path / "calls"), "fail": True})
    await until(lambda: not left(cloud))
    assert (tmp_path / "calls").read_text() == f"{id}\n"


async def test_an_asynchronous_call_that_finds_no_room_waits_for_it(
    open_cloud: OpenCloud, clock: VirtualClock, tmp_path: Path
) -> None:
    cloud = await open_cloud(clock=clock)
    await cloud.create(source=COUNTS)
    await cloud.ask("put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=0)
    id = await send(cloud, {"file": str(tmp_path / "calls")})
    await asyncio.sleep(0)
    await cloud.ask("delete_function_concurrency", FunctionName="f")
    await clock.advance(1)
    await until(lambda: not left(cloud))
    assert (tmp_path / "calls").read_text() == f"{id}\n"


async def test_an_asynchronous_call_whose_end_the_disk_does_not_take_waits_for_room_and_runs_no_second_time(
    open_cloud: OpenCloud, clock: VirtualClock, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cloud, gate = await open_cloud(clock=clock), tmp_path / "gate"
    gated = f"import os, time\nwhile not os.path.exists({str(gate)!r}): time.sleep(0.005)\n"
    await cloud.create(source=gated + COUNTS)
    id = await send(cloud, {"file": str(tmp_path / "calls")})
    database = cloud.runtime.functions.tables.database
    database.execute("PRAGMA query_only = 1")
    gate.touch()
    await until(lambda: "An asynchronous call waits: " in caplog.text)
    database.execute("PRAGMA query_only = 0")
    await clock.advance(5)
    await until(lambda: not left(cloud))
    assert (tmp_path / "calls").read_text() == f"{id}\n"


async def test_what_was_accepted_is_run_by_the_next_process(open_cloud: OpenCloud, tmp_path: Path) -> None:
    cloud = await open_cloud()
    await cloud.create(source=COUNTS)
    row = ("r-1", "f", "", json.dumps({"file": str(tmp_path / "calls")}).encode(), cloud.runtime.now_ms())
    into = "event (id, function, qualifier, payload, accepted_ms)"
    cloud.runtime.functions.tables.database.execute(f"INSERT INTO {into} VALUES (?, ?, ?, ?, ?)", row)
    other = await open_cloud(is_resident=True)
    await until(lambda: not left(other))
    assert (tmp_path / "calls").read_text() == "r-1\n"


async def test_logs_go_to_cloudwatch_when_somebody_asks(cloud: Cloud) -> None:
    await cloud.create(source="def handler(event, context): print('hello', event)")
    answer = await cloud.ask("invoke", FunctionName="f", Payload=b"7", LogType="Tail")
    tail = base64.b64decode(answer["LogResult"]).decode().splitlines()
    assert not (cloud.runtime.data / "aws.db").exists()  # nothing of this has loaded moto
    group = "/aws/lambda/f"
    streams = (await cloud.ask("describe_log_streams", service="logs", logGroupName=group))["logStreams"]
    assert len(streams) == 1 and "[$LATEST]" in streams[0]["logStreamName"]
    events = (await cloud.ask("filter_log_events", service="logs", logGroupName=group))["events"]
    assert [event["message"] for event in events] == tail
    assert (tail[1], tail[0].split(":")[0]) == ("hello 7", "START RequestId")
    await cloud.ask("invoke", FunctionName="f", Payload=b"8")
    events = (await cloud.ask("filter_log_events", service="logs", logGroupName=group))["events"]
    assert [event["message"] for event in events if event["message"].startswith("hello")] == ["hello 7", "hello 8"]


async def allow(cloud: Cloud, role: str, *actions: str) -> None:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    await cloud.ask("put_role_policy", service="iam", RoleName=role, PolicyName="p", PolicyDocument=document)


PUTS = """
import boto3
from botocore.exceptions import ClientError
def handler(event, context):
    try:
        s3 = boto3.client("s3")
        s3.put_object(Bucket="box", Key="k", Body=b"v")
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "put"
"""


async def test_what_its_role_does_not_allow_a_function_is_denied(cloud: Cloud) -> None:
    await cloud.ask("create_bucket", service="s3", Bucket="box")
    await cloud.create(source=PUTS, MemorySize=512)
    assert (await cloud.ask("invoke", FunctionName="f"))["Payload"] == b'"AccessDenied"'
    await cloud.ask("create_role", service="iam", RoleName="nobody", AssumeRolePolicyDocument=TRUST)
    assert (await cloud.ask("invoke", FunctionName="f"))["Payload"] == b'"AccessDenied"'
    await allow(cloud, "nobody", "s3:PutObject")
    assert (await cloud.ask("invoke", FunctionName="f"))["Payload"] == b'"put"'


def task(resource: str, arguments: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Arguments": arguments}


async def test_a_machine_calls_a_version_and_an_alias(cloud: Cloud) -> None:
    source = "import os\ndef handler(event, context): return os.environ['AWS_LAMBDA_FUNCTION_VERSION']"
    await cloud.create(source=source, Publish=True)
    await cloud.ask("create_alias", FunctionName="f", Name="live", FunctionVersion="1")
    arguments = {"FunctionName": f"{ARN}:live", "Payload": {}}
    machine = chain(task("arn:aws:states:::lambda:invoke", arguments))
    ending = await cloud.runtime.start(machine_arn("a"), machine, {}).wait()
    assert (ending.result["Payload"], ending.result["ExecutedVersion"]) == ("1", "1")
    ending = await cloud.runtime.start(machine_arn("b"), chain(task(f"{ARN}:$LATEST", {})), {}).wait()
    assert ending.result == "$LATEST"


async def test_a_machine_is_told_of_an_alias_that_is_not_there(cloud: Cloud) -> None:
    await cloud.create()
    machine = chain(task("arn:aws:states:::lambda:invoke", {"FunctionName": ARN, "Qualifier": "live"}))
    ending = await cloud.runtime.start(machine_arn("a"), machine, {}).wait()
    assert ending.result["Error"] == "Lambda.ResourceNotFoundException"
    assert ending.result["Cause"].startswith(f"Function not found: {ARN}:live (Service: Lambda, Status Code: 404")


async def test_a_machine_is_throttled_as_everybody(cloud: Cloud) -> None:
    await cloud.create()
    await cloud.ask("put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=0)
    machine = chain(task("arn:aws:states:::lambda:invoke", {"FunctionName": ARN}))
    ending = await cloud.runtime.start(machine_arn("a"), machine, {}).wait()
    assert ending.result["Error"] == "Lambda.TooManyRequestsException"
