"""A real endpoint on loopback with a data folder of its own, and boto3 as its client."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from stepsmith.local import Runtime
from stepsmith.local.endpoint import credentials
from stepsmith.local.endpoint.server import Endpoint
from stepsmith.local.endpoint.states import States
from stepsmith.local.stepfunctions import Api


@pytest.fixture
def states(tmp_path: Path) -> Iterator[Any]:
    """A boto3 client that checks nothing itself: what is wrong with a request is for the server to say."""
    unchecked = Config(parameter_validation=False, inject_host_prefix=False, retries={"total_max_attempts": 1})
    with serving(tmp_path) as url:
        key = credentials.read_or_make(tmp_path)
        yield boto3.client(
            "stepfunctions",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id=key.access_key,
            aws_secret_access_key=key.secret,
            config=unchecked,
        )


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """The URL of an endpoint that serves in a loop and a thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    opened = AsyncExitStack()
    try:
        yield asyncio.run_coroutine_threadsafe(_serve(data, opened), loop).result(30)
    finally:
        asyncio.run_coroutine_threadsafe(opened.aclose(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(30)
        loop.close()


async def _serve(data: Path, opened: AsyncExitStack) -> str:
    endpoint = await opened.enter_async_context(Endpoint(_now_ms))
    runtime = await opened.enter_async_context(Runtime(data, endpoint=endpoint))
    endpoint.add(credentials.read_or_make(data))
    endpoint.mount(States(Api(runtime, runtime.catalog, runtime.now_ms)))
    return endpoint.url


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
