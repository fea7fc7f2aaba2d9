"""The Runtime API over HTTP, as a runtime (or somebody who is none) speaks to it."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
import pytest_asyncio

from stepsmith.lambdas.function import Invocation
from stepsmith.lambdas.outcome import Answered, Outcome, Oversized, Raised
from stepsmith.lambdas.runtime_api import Exchange, RuntimeApi

pytestmark = pytest.mark.asyncio

ARN = "arn:aws:lambda:us-east-1:000000000000:function:fn"


@dataclass
class Runtime:
    """A client of the API, and the API itself."""

    api: RuntimeApi
    http: aiohttp.ClientSession
    root: str
    headers: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        async with self.http.get(self.root + path, headers=headers) as answer:
            self.headers = dict(answer.headers)
            return answer.status, await answer.read()

    async def post(self, path: str, body: bytes = b"{}") -> tuple[int, bytes]:
        async with self.http.post(self.root + path, data=body) as answer:
            return answer.status, await answer.read()

    async def take(self, request_id: str = "r-1") -> Exchange:
        exchange = Exchange(Invocation(request_id, b'{"n": 1}', ARN, 3.0, trace_header="Root=1"))
        self.api.offer(exchange)
        assert (await self.get("/invocation/next"))[1] == b'{"n": 1}'
        return exchange


@pytest_asyncio.fixture
async def runtime() -> AsyncIterator[Runtime]:
    api = RuntimeApi(on_end=lambda: None)
    address = await api.open()
    async with aiohttp.ClientSession() as http:
        yield Runtime(api, http, f"http://{address}/2018-06-01/runtime")
    await api.close()


async def test_next_carries_the_documented_headers(runtime: Runtime) -> None:
    exchange = await runtime.take()
    assert exchange.taken is not None
    assert runtime.headers["Lambda-Runtime-Aws-Request-Id"] == "r-1"
    assert runtime.headers["Lambda-Runtime-Invoked-Function-Arn"] == ARN
    assert runtime.headers["Lambda-Runtime-Trace-Id"] == "Root=1"
    assert runtime.headers["Lambda-Runtime-Deadline-Ms"].isdigit()


ENDS: list[tuple[str, bytes, int, Outcome]] = [
    ("response", b'"yes"', 202, Answered(b'"yes"')),
    ("response", b"\x00 not json", 202, Answered(b"\x00 not json")),
    ("error", b'{"errorType": "X"}', 202, Raised(b'{"errorType": "X"}')),
    ("response", b"x" * 6_291_556, 202, Answered(b"x" * 6_291_556)),
    ("response", b"x" * 6_291_557, 413, Oversized()),
    ("error", b"x" * 50_000_000, 413, Oversized()),
]


@pytest.mark.parametrize(("path", "body", "status", "outcome"), ENDS)
async def test_an_answer_ends_the_call(runtime: Runtime, path: str, body: bytes, status: int, outcome: Outcome) -> None:
    exchange = await runtime.take()
    assert (await runtime.post(f"/invocation/r-1/{path}", body))[0] == status
    assert await exchange.ended == outcome
    await runtime.take("r-2")


@pytest.mark.parametrize("path", ["/invocation/r-1/response", "/invocation/r-1/error"])
async def test_only_the_invocation_in_hand_may_be_answered(runtime: Runtime, path: str) -> None:
    assert (await runtime.post(path))[0] == 400
    exchange = await runtime.take("r-2")
    status, body = await runtime.post(path)
    assert (status, json.loads(body)["errorType"]) == (400, "InvalidRequestID")
    assert not exchange.ended.done()


async def test_a_second_answer_is_refused(runtime: Runtime) -> None:
    exchange = await runtime.take()
    await runtime.post("/invocation/r-1/response", b"1")
    assert (await runtime.post("/invocation/r-1/response", b"2"))[0] == 400
    assert await exchange.ended == Answered(b"1")


async def test_next_before_the_answer_is_refused(runtime: Runtime) -> None:
    await runtime.take()
    status, body = await runtime.get("/invocation/next")
    assert (status, json.loads(body)["errorType"]) == (403, "InvalidStateTransition")


async def test_a_start_is_reported_before_the_first_next_only(runtime: Runtime) -> None:
    assert (await runtime.post("/init/error", b'{"errorType": "Y"}'))[0] == 202
    assert runtime.api.init_error == Raised(b'{"errorType": "Y"}')
    await runtime.take()
    assert (await runtime.post("/init/error"))[0] == 403


@pytest.mark.parametrize("path", ["/", "/invocation", "/invocation/next/more", "/invocation/r-1/nothing"])
async def test_what_the_api_has_not_is_not_found(runtime: Runtime, path: str) -> None:
    assert (await runtime.get(path))[0] == 404
    assert (await runtime.post(path))[0] == 404


@pytest.mark.parametrize("header", ["Origin", "Sec-Fetch-Mode"])
async def test_a_page_in_a_browser_gets_no_invocation(runtime: Runtime, header: str) -> None:
    assert (await runtime.get("/invocation/next", **{header: "http://evil.example"}))[0] == 403


async def test_a_client_that_gave_up_waiting_does_not_keep_the_place(runtime: Runtime) -> None:
    impatient = aiohttp.ClientTimeout(total=0.05)
    with pytest.raises(TimeoutError):
        await runtime.http.get(f"{runtime.root}/invocation/next", timeout=impatient)
    async with asyncio.timeout(5):
        while runtime.api.asked:
            await asyncio.sleep(0.005)
    await runtime.take()
