"""The one URL: who may knock, who calls, which service is meant.

    async with Endpoint(bind("127.0.0.1", 0), time_ms) as endpoint:
        endpoint.mount(states)                       # by the name that signatures have for a service
        endpoint.fall_back_to(moto)                  # for the names that nothing is mounted for
        environment = endpoint.session(role)         # what a process needs to call as this role

Each request passes the same checks in the same order: its Host and Origin (front.py), the bound of its body, whose key
it names and when, its signature, and only then the service that the signature was made for. What is refused on the way
is told in the words of the service that was meant. `GET /_stepsmith/health` alone needs no signature.
"""

import asyncio
import hashlib
import logging
import os
import socket
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import orjson
from aiohttp import web

from stepsmith.local.roles import Denied, Principal
from stepsmith.signing import S3, UNSIGNED, Asked

from . import front, old_signature
from .connections import bind, capacity, listen
from .nobody import Nobody, is_form
from .refusals import Reason, Refused
from .seen import Seen
from .service import Call, Fallback, Service
from .signature import Claimed, Session, Sessions, claimed

HEALTH = "/_stepsmith/health"
VERSION = "0.4"

_STRANGERS = logging.getLogger("stepsmith.local.endpoint.strangers")
_STRANGERS.addHandler(logging.NullHandler())  # what a stranger sends is no traceback on somebody's terminal
_LOG = logging.getLogger("stepsmith.local.endpoint")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What nobody gets more of. `connections` at once, None: as many as there are file descriptors for."""

    connections: int | None = None
    idle_seconds: float = 75.0  # for a connection without the whole head of a request
    body_seconds: float = 60.0
    lingering_seconds: float = 2.0  # for what a refused client still sends, so that it reads why
    grace_seconds: float = 3.0  # for requests in flight at the end


BOUNDS = Bounds()


class Endpoint:
    """The listener; an async context manager that serves `url` while it is open. `at` is a bound socket."""

    def __init__(
        self,
        now_ms: Callable[[], int],
        at: socket.socket | None = None,
        *,
        allowed_hosts: Iterable[str] = (),
        counts: Callable[[], Mapping[str, int]] = dict,
        seen: Callable[[Seen], None] | None = None,
        bounds: Bounds = BOUNDS,
    ) -> None:
        self._at = at or bind("127.0.0.1", 0)
        self.url = _url(self._at)
        self._now_ms, self._counts, self._seen = now_ms, counts, seen
        self._allowed = frozenset(name.lower() for name in allowed_hosts)
        self._services: dict[str, Service] = {}
        self._fallback: Fallback | None = None
        self._sessions = Sessions()
        self._bounds = bounds
        self._began = time.monotonic()
        self._is_open = asyncio.Event()
        self._is_open.set()

    def mount(self, service: Service) -> None:
        self._services[service.name] = service

    def fall_back_to(self, fallback: Fallback) -> None:
        """For the services that nothing is mounted for."""
        self._fallback = fallback

    @contextmanager
    def held(self) -> Iterator[None]:
        """Every request but those for the health path waits until this ends: something is made that they may name.
        Where that breaks they are never answered."""
        self._is_open.clear()
        yield
        self._is_open.set()

    def add(self, session: Session) -> None:
        """A key that was made elsewhere."""
        self._sessions.add(session)

    def issue(self, role: Principal) -> Session:
        """A new session key that acts as the role."""
        return self._sessions.issue(role)

    def session(self, role: Principal) -> dict[str, str]:
        """The environment variables of a new session key that acts as the role; SDKs read them by these names."""
        session = self.issue(role)
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": session.access_key,
            "AWS_SECRET_ACCESS_KEY": session.secret,
            "AWS_SESSION_TOKEN": session.token,
        }

    async def __aenter__(self) -> Self:
        self._server = web.Server(
            self._answer,
            handler_cancellation=True,  # a client that vanishes in a long poll waits for nothing any more
            access_log=None,
            logger=_STRANGERS,
            keepalive_timeout=self._bounds.idle_seconds,
            lingering_time=self._bounds.lingering_seconds,
            auto_decompress=False,
        )
        self._listener = await listen(self._at, self._server, self._bounds.connections or capacity())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.close()
        self._server.pre_shutdown()
        await self._server.shutdown(self._bounds.grace_seconds)

    async def _answer(self, http: web.BaseRequest) -> web.StreamResponse:
        began, id = time.perf_counter(), str(uuid.uuid4())
        attempt = _Attempt(self._meant(http))
        try:
            response = await self._pass(http, attempt, id)
        except Refused as refused:
            response = attempt.service.refuse(http, refused, id)
        except Exception:  # noqa: BLE001 - whatever a defect is, the client gets an answer
            _LOG.exception("%s %s broke", http.method, http.path)
            response = attempt.service.refuse(http, Refused(Reason.DEFECT), id)
        if not response.prepared:
            response.headers["x-amzn-RequestId"] = id
            if not http.content.is_eof():
                response.force_close()  # what is left of the body is not worth reading
        if self._seen is not None and http.path != HEALTH:
            self._seen(attempt.seen(http, response.status, time.perf_counter() - began))
        return response

    async def _pass(self, http: web.BaseRequest, attempt: "_Attempt", id: str) -> web.StreamResponse:
        """The checks, in their order."""
        front.check(http, self._allowed)
        if http.path == HEALTH:
            return self._health()
        if not self._is_open.is_set():
            await self._is_open.wait()
        asked = _asked(http)
        claim = old_signature.claimed(asked) or claimed(asked)
        attempt.service, attempt.named = _NOBODY, claim.service
        attempt.service = self._service(claim)
        session = self._sessions.find(claim, self._now_ms())
        body, payload = await self._body(http, asked, claim, attempt.service.max_bytes)
        signed = claim.verified(session, asked, payload)
        attempt.call = Call(http, asked, signed, body, id, await session.role.permissions())
        try:
            return await attempt.service.answer(attempt.call)
        except Denied as denied:
            raise Refused(Reason.FORBIDDEN, str(denied)) from None

    async def _body(self, http: web.BaseRequest, asked: Asked, claim: Claimed, most: int | None) -> tuple[bytes, str]:
        """The body as far as the endpoint reads it, and the hash that was signed."""
        if most is None:
            return b"", _promised(asked, claim)
        if (http.content_length or 0) > most:
            raise Refused(Reason.TOO_LARGE, f"{most:,}")
        await go_on(http)
        try:
            async with asyncio.timeout(self._bounds.body_seconds):
                body = await _read(http, most)
        except TimeoutError:
            raise Refused(Reason.SLOW, f"{self._bounds.body_seconds:g}") from None
        return body, hashlib.sha256(body).hexdigest()

    def _service(self, claim: Claimed) -> Service:
        """The service that the signature was made for. Presigned URLs are S3's alone."""
        others = self._fallback.names if self._fallback else ()
        service = self._services.get(claim.service) or (self._fallback if claim.service in others else None)
        if service is None:
            there = ", ".join(sorted({*self._services, *others}))
            said = f"The service {claim.service[:40]!r} is not part of this endpoint yet; there are: {there}."
            raise Refused(Reason.NO_SERVICE, said)
        if claim.valid_seconds is not None and service.max_bytes is not None:
            raise Refused(Reason.INCOMPLETE, "This service takes signatures in the Authorization header only.")
        return service

    def _meant(self, http: web.BaseRequest) -> Service:
        """Whose words a request is refused in as long as its signature has not said whom it means."""
        is_s3s = "X-Amz-Target" not in http.headers and not is_form(http) and not http.path.startswith(_NOT_BUCKETS)
        return self._services.get(S3, _NOBODY) if is_s3s else _NOBODY

    def _health(self) -> web.Response:
        uptime = round(time.monotonic() - self._began, 3)
        about = {"version": VERSION, "pid": os.getpid(), "uptime_seconds": uptime, **self._counts()}
        return web.Response(body=orjson.dumps(about), content_type="application/json")


class _Attempt:
    """How far a request has come: which service is meant, by which name, and the call once its signature fits."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.named = service.name
        self.call: Call | None = None

    def seen(self, http: web.BaseRequest, status: int, seconds: float) -> Seen:
        action, resource = self.service.about(self.call) if self.call else (http.method, "")
        return Seen(self.named, action, resource, status, seconds * 1000)


_NOBODY = Nobody()
_NOT_BUCKETS = ("/2015-03-31/", HEALTH)


def wall_ms() -> int:
    """The machine's clock in milliseconds: signatures are made by it, whatever clock the runs have."""
    return time.time_ns() // 1_000_000


def _url(at: socket.socket) -> str:
    host, port = at.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _asked(http: web.BaseRequest) -> Asked:
    path, _, query = http.raw_path.partition("?")
    return Asked(http.method, path, query, {name.lower(): value for name, value in http.headers.items()})


async def _read(http: web.BaseRequest, most: int) -> bytes:
    pieces = bytearray()
    while piece := await http.content.readany():
        pieces += piece
        if len(pieces) > most:
            raise Refused(Reason.TOO_LARGE, f"{most:,}")
    return bytes(pieces)


def _promised(asked: Asked, claim: Claimed) -> str:
    if claim.valid_seconds is not None:
        return UNSIGNED
    if "x-amz-content-sha256" not in asked.headers:
        raise Refused(Reason.INCOMPLETE, "Missing required header for this request: x-amz-content-sha256")
    return asked.headers["x-amz-content-sha256"]


async def go_on(http: web.BaseRequest) -> None:
    """Tells a client that asks first to send its body."""
    if http.headers.get("Expect", "").lower() == "100-continue":
        await http.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        http.writer.output_size = 0
