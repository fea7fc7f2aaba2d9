"""What the tests of S3 share: an endpoint with one bucket, and clients of it: one that may do everything, one that acts
as a function."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
import pytest_asyncio
from botocore.config import Config
from botocore.exceptions import ClientError

from stepsmith.local.roles import OWNER, Permissions
from stepsmith.local.roles.conditions import Condition
from stepsmith.local.roles.policy import Patterns, Statement
from stepsmith.local.s3 import Buckets, ObjectServer
from stepsmith.local.s3.body import Limits

BUCKET = "stepsmith-local-000000000000-us-east-1"
ROLE = Permissions(
    "arn:aws:sts::000000000000:assumed-role/function/function",
    (
        Statement("Allow", Patterns(("s3:*",)), Patterns((f"arn:aws:s3:::{BUCKET}/artifacts/*",))),
        Statement(
            "Allow",
            Patterns(("s3:ListBucket",)),
            Patterns((f"arn:aws:s3:::{BUCKET}",)),
            (Condition("StringLike", "s3:prefix", ("artifacts/*",)),),
        ),
    ),
)
"""Everything with objects under a prefix, and listing what is there."""
MB = 1024 * 1024


_CLIENTS = ThreadPoolExecutor(16, thread_name_prefix="client")


class Time:
    """The endpoint's time in milliseconds, for the tests to move."""

    def __init__(self) -> None:
        self.later_ms = 0

    def now_ms(self) -> int:
        return int(time.time() * 1000) + self.later_ms


@pytest.fixture
def moment() -> Time:
    return Time()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "s3"


@pytest_asyncio.fixture
async def server(folder: Path, moment: Time) -> AsyncIterator[ObjectServer]:
    buckets = Buckets(folder)
    buckets.create(BUCKET)
    async with ObjectServer(buckets, moment.now_ms, Limits(object_bytes=200 * MB)) as server:
        yield server


@pytest.fixture
def session(server: ObjectServer) -> dict[str, str]:
    return server.session(ROLE)


def client(session: dict[str, str], **config: Any) -> Any:
    return boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=session["AWS_ENDPOINT_URL"],
        aws_access_key_id=session["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=session["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=session["AWS_SESSION_TOKEN"],
        config=Config(**{"signature_version": "s3v4", "retries": {"total_max_attempts": 1}, **config}),
    )


@pytest.fixture
def owner(server: ObjectServer) -> Any:
    """A client with a key that may do everything."""
    return client(server.session(OWNER))


@pytest.fixture
def s3(session: dict[str, str]) -> Any:
    return client(session)


async def ask[T](action: Callable[..., T], **arguments: Any) -> T:
    """A blocking client's call, beside the server's event loop and apart from the server's threads."""
    return await asyncio.get_running_loop().run_in_executor(_CLIENTS, lambda: action(**arguments))


async def refusal(action: Callable[..., Any], **arguments: Any) -> str:
    """The error code that a call gets."""
    with pytest.raises(ClientError) as refused:
        await ask(action, **arguments)
    return str(refused.value.response["Error"]["Code"])


async def put(s3: Any, key: str, data: Any = b"data", **more: Any) -> Any:
    return await ask(s3.put_object, Bucket=BUCKET, Key=key, Body=data, **more)


async def get(s3: Any, key: str, **more: Any) -> bytes:
    answer = await ask(s3.get_object, Bucket=BUCKET, Key=key, **more)
    return bytes(await ask(answer["Body"].read))
