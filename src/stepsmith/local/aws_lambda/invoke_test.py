"""Lambda's Invoke by boto3, over functions that are Python callables: each way of calling, each refusal."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
import pytest_asyncio
from botocore.config import Config
from botocore.exceptions import ClientError

from stepsmith.local import Hosted, InProcess, Role, Runtime
from stepsmith.local.aws_lambda import Api, Lambda
from stepsmith.local.conftest import function_arn
from stepsmith.local.endpoint.conftest import OWNER
from stepsmith.local.endpoint.server import Endpoint, wall_ms

pytestmark = pytest.mark.asyncio


class Gate:
    """A function that says when it begins and waits until it may end."""

    def __init__(self) -> None:
        self.begun, self.may_end, self.ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def __call__(self, payload: Any) -> Any:
        self.begun.set()
        await self.may_end.wait()
        self.ended.set()
        return payload


def broken(payload: Any) -> Any:
    raise ValueError("no such thing")


@pytest.fixture
def gate() -> Gate:
    return Gate()


@pytest_asyncio.fixture
async def endpoint(tmp_path: Path, gate: Gate) -> AsyncIterator[Endpoint]:
    calls: dict[str, Callable[[Any], Any]] = {"echo": lambda payload: payload, "broken": broken, "gate": gate}
    hosted = {function_arn(name): Hosted(InProcess(call)) for name, call in calls.items()}
    made = Endpoint(wall_ms)
    made.add(OWNER)
    async with Runtime(tmp_path / "data", functions=hosted, endpoint=made) as runtime:
        made.mount(Lambda(Api(runtime.functions, runtime.events, runtime.objects, runtime.now_ms)))
        async with made:
            yield made


def client(endpoint: Endpoint, **key: str) -> Any:
    given = {"aws_access_key_id": OWNER.access_key, "aws_secret_access_key": OWNER.secret, **key}
    config = Config(retries={"total_max_attempts": 1})
    return boto3.client("lambda", region_name="us-east-1", endpoint_url=endpoint.url, config=config, **given)


async def invoke(endpoint: Endpoint, name: str, payload: bytes = b"{}", **more: Any) -> dict[str, Any]:
    def ask() -> dict[str, Any]:
        answered: dict[str, Any] = client(endpoint).invoke(FunctionName=name, Payload=payload, **more)
        return {**answered, "Payload": answered["Payload"].read()}

    return await asyncio.to_thread(ask)


@pytest.mark.parametrize(
    "name", ["echo", function_arn("echo"), "000000000000:function:echo", f"{function_arn('echo')}:$LATEST"]
)
async def test_a_function_is_found_by_every_way_of_naming_it(endpoint: Endpoint, name: str) -> None:
    answered = await invoke(endpoint, name, b'{"n": [1, null, "\xc3\xa9"]}')
    assert (answered["StatusCode"], answered["ExecutedVersion"]) == (200, "$LATEST")
    assert json.loads(answered["Payload"]) == {"n": [1, None, "é"]}
    assert "FunctionError" not in answered


async def test_an_error_of_the_function_is_an_answer_with_its_document(endpoint: Endpoint) -> None:
    answered = await invoke(endpoint, "broken", LogType="Tail")
    assert (answered["StatusCode"], answered["FunctionError"]) == (200, "Unhandled")
    document = json.loads(answered["Payload"])
    assert (document["errorType"], document["errorMessage"]) == ("ValueError", "no such thing")
    assert base64.b64decode(answered["LogResult"]) == b""


async def test_an_event_is_taken_at_once_and_runs_in_the_background(endpoint: Endpoint, gate: Gate) -> None:
    answered = await invoke(endpoint, "gate", InvocationType="Event")
    assert (answered["StatusCode"], answered["Payload"]) == (202, b"")
    await gate.begun.wait()
    gate.may_end.set()
    await gate.ended.wait()


async def test_a_dry_run_runs_nothing(endpoint: Endpoint, gate: Gate) -> None:
    assert (await invoke(endpoint, "gate", InvocationType="DryRun"))["StatusCode"] == 204
    assert not gate.begun.is_set()


async def test_a_client_that_hangs_up_does_not_end_the_function(endpoint: Endpoint, gate: Gate) -> None:
    host, port = endpoint.url.removeprefix("http://").split(":")
    head: list[str] = []

    def signed(request: Any, **_: Any) -> None:
        texts = (
            (name, value.decode() if isinstance(value, bytes) else value) for name, value in request.headers.items()
        )
        head.extend(f"{name}: {value}" for name, value in texts)
        raise ConnectionAbortedError

    asker = client(endpoint)
    asker.meta.events.register("before-send.lambda.Invoke", signed)
    with pytest.raises(ConnectionAbortedError):
        await asyncio.to_thread(lambda: asker.invoke(FunctionName="gate", Payload=b"{}"))
    _, writer = await asyncio.open_connection(host, int(port))
    lines = "\r\n".join([f"Host: {host}:{port}", *head])
    writer.write(f"POST /2015-03-31/functions/gate/invocations HTTP/1.1\r\n{lines}\r\n\r\n{{}}".encode())
    await gate.begun.wait()
    writer.close()
    await writer.wait_closed()
    gate.may_end.set()
    await gate.ended.wait()


@pytest.mark.parametrize(
    ("name", "payload", "more", "code", "status"),
    [
        ("none", b"{}", {}, "ResourceNotFoundException", 404),
        ("none", b"{}", {"Qualifier": "3"}, "ResourceNotFoundException", 404),
        ("echo", b"{}", {"Qualifier": "3"}, "ResourceNotFoundException", 404),
        ("echo", b"{", {}, "InvalidRequestContentException", 400),
        ("echo", b"{}", {"InvocationType": "Later"}, "ValidationException", 400),
        ("echo", b"{}", {"ClientContext": "!"}, "InvalidRequestContentException", 400),
        ("echo", b'"' + b"x" * 1024**2 + b'"', {"InvocationType": "Event"}, "RequestTooLargeException", 413),
        ("echo", b'"' + b"x" * 6 * 1024**2 + b'"', {}, "RequestEntityTooLargeException", 413),
    ],
)
async def test_what_is_refused_has_lambdas_code_and_status(
    endpoint: Endpoint, name: str, payload: bytes, more: dict[str, Any], code: str, status: int
) -> None:
    with pytest.raises(ClientError) as refused:
        await invoke(endpoint, name, payload, **more)
    told = refused.value.response
    assert (told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)


async def test_a_functions_key_invokes_only_where_its_role_says_so(endpoint: Endpoint) -> None:
    def asked(role: Role) -> int:
        made = endpoint.session(role)
        key = {name.lower(): made[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")}
        return int(client(endpoint, **key).invoke(FunctionName="echo")["StatusCode"])

    assert await asyncio.to_thread(asked, Role(actions=("lambda:InvokeFunction",))) == 200
    with pytest.raises(ClientError) as refused:
        await asyncio.to_thread(asked, Role())
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
