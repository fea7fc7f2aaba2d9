"""What the tests of the endpoint share: one with a small JSON service, the owner's key, and raw requests as clients
sign them."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web

from stepsmith.local import roles
from stepsmith.local.endpoint.nobody import json_refusal
from stepsmith.local.endpoint.refusals import Refused
from stepsmith.local.endpoint.server import Endpoint
from stepsmith.local.endpoint.service import Call
from stepsmith.local.endpoint.signature import Session
from stepsmith.signing import Asked, authorization, iso

OWNER = Session("AKIAOWNER", "secret of the owner", "", roles.OWNER)
REGION = "us-east-1"


class Echo:
    """Answers its body; `vanish` waits for ever and remembers that it was given up."""

    name = "echo"
    max_bytes = 1000

    def __init__(self) -> None:
        self.waiting = asyncio.Event()
        self.given_up = asyncio.Event()

    async def answer(self, call: Call) -> web.StreamResponse:
        match call.asked.headers.get("x-amz-target"):
            case "wait":
                return await self._wait()
            case "break":
                raise RuntimeError("a defect")
        return web.Response(body=call.body, headers={"Content-Type": "application/json"})

    async def _wait(self) -> web.StreamResponse:
        self.waiting.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.given_up.set()
            raise
        raise AssertionError

    def refuse(self, http: web.BaseRequest, refused: Refused, id: str) -> web.Response:
        return json_refusal(refused, 400)

    def about(self, call: Call) -> tuple[str, str]:
        return call.asked.headers.get("x-amz-target", ""), call.body.decode()


@dataclass
class Time:
    """The endpoint's time, for the tests to move."""

    later_ms: int = 0

    def now_ms(self) -> int:
        return int(time.time() * 1000) + self.later_ms


@dataclass
class Signer:
    """Requests to an endpoint, signed as `session` says; each part can be bent."""

    endpoint: Endpoint
    session: Session = OWNER
    service: str = "echo"
    http: ClientSession = field(default_factory=ClientSession)

    async def post(
        self, body: bytes = b"{}", *, target: str = "echo", sent: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, Any], dict[str, str]]:
        """Status, JSON body and headers of the answer. `sent` goes in place of the body that is signed."""
        signed = self.headers(body, target) | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.http.post(f"{self.endpoint.url}/", data=body if sent is None else sent, headers=signed) as got:
            return got.status, await got.json(content_type=None), dict(got.headers)

    def headers(self, body: bytes = b"{}", target: str = "echo", at: float | None = None) -> dict[str, str]:
        host = self.endpoint.url.removeprefix("http://")
        signed = {"host": host, "x-amz-date": iso(at or time.time()), "x-amz-target": target}
        if self.session.token:
            signed["x-amz-security-token"] = self.session.token
        asked = Asked("POST", "/", "", signed)
        payload = hashlib.sha256(body).hexdigest()
        return {**signed, "authorization": authorization(self.session, REGION, self.service, asked, payload)}


@pytest.fixture
def moment() -> Time:
    return Time()


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest_asyncio.fixture
async def endpoint(moment: Time, echo: Echo) -> AsyncIterator[Endpoint]:
    made = Endpoint(moment.now_ms, counts=lambda: {"executions": 3})
    made.mount(echo)
    made.add(OWNER)
    async with made:
        yield made


@pytest_asyncio.fixture
async def signer(endpoint: Endpoint) -> AsyncIterator[Signer]:
    made = Signer(endpoint)
    async with made.http:
        yield made
