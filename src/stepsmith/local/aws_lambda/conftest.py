"""What the tests of Lambda's API share: an endpoint over a runtime, boto3 as its client, zips made from texts."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest
import pytest_asyncio
from botocore.config import Config
from botocore.exceptions import ClientError

from stepsmith.local import Runtime
from stepsmith.local.aws_lambda import Api, Lambda
from stepsmith.local.endpoint.server import Endpoint, wall_ms
from stepsmith.local.roles import OWNER

ROLE = "arn:aws:iam::000000000000:role/nobody"
ECHO = "def handler(event, context): return event"


def zipped(**modules: str) -> bytes:
    """A zip of Python modules, by their names without the suffix."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in modules.items():
            archive.writestr(f"{name}.py", text)
    return made.getvalue()


@dataclass
class Cloud:
    """An endpoint with Lambda's API. Calls are made in a thread, as any client makes them."""

    endpoint: Endpoint
    runtime: Runtime
    clients: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str = "lambda") -> Any:
        """The owner's, made once."""
        if service not in self.clients:
            self.clients[service] = self._client(service)
        return self.clients[service]

    def _client(self, service: str) -> Any:
        key = self.endpoint.session(OWNER)
        return boto3.client(
            service,
            region_name="us-east-1",
            endpoint_url=key["AWS_ENDPOINT_URL"],
            aws_access_key_id=key["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=key["AWS_SECRET_ACCESS_KEY"],
            aws_session_token=key["AWS_SESSION_TOKEN"],
            config=Config(
                retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, parameter_validation=False
            ),
        )

    async def ask(self, action: str, /, service: str = "lambda", **given: Any) -> Any:
        """The answer; a payload is read."""

        def asked() -> Any:
            answer = getattr(self.client(service), action)(**given)
            return {**answer, "Payload": answer["Payload"].read()} if "Payload" in answer else answer

        return await asyncio.to_thread(asked)

    async def refused(self, action: str, /, **given: Any) -> tuple[str, str, int]:
        """The code, the message and the status of an error."""
        with pytest.raises(ClientError) as error:
            await self.ask(action, **given)
        told = error.value.response
        return told["Error"]["Code"], told["Error"]["Message"], told["ResponseMetadata"]["HTTPStatusCode"]

    async def create(self, name: str = "f", source: str = ECHO, **settings: Any) -> Any:
        """A function of one module in Python."""
        given = {"Runtime": "python3.12", "Handler": "main.handler", "Role": ROLE, "Timeout": 20, **settings}
        code = {"ZipFile": zipped(main=source)}
        return await self.ask("create_function", FunctionName=name, **{"Code": code, **given})


OpenCloud = Callable[..., Awaitable[Cloud]]


@pytest_asyncio.fixture
async def open_cloud(tmp_path: Path) -> AsyncIterator[OpenCloud]:
    """Opens an endpoint over the test's data folder; all are closed at the end."""
    async with AsyncExitStack() as opened:

        async def open_one(**settings: Any) -> Cloud:
            endpoint = Endpoint(wall_ms)
            runtime = await opened.enter_async_context(Runtime(tmp_path / "data", endpoint=endpoint, **settings))
            endpoint.mount(Lambda(Api(runtime.functions, runtime.events, runtime.objects, runtime.now_ms)))
            await opened.enter_async_context(endpoint)
            return Cloud(endpoint, runtime)

        yield open_one


@pytest_asyncio.fixture
async def cloud(open_cloud: OpenCloud) -> Cloud:
    return await open_cloud()
