"""The Lambda Runtime API of one process: a loopback port that hands out invocations and takes answers.

A process asks for work (`GET next`, which waits), then answers the one invocation it holds (`POST response` or
`error`), then asks again; before the first `next` it may report that it cannot start (`POST init/error`).
Anything out of that order, or about an invocation that the process does not hold, is refused with 4xx.

    GET  /2018-06-01/runtime/invocation/next             200, headers Lambda-Runtime-*, body: the payload
    POST /2018-06-01/runtime/invocation/{id}/response    202 | 413 over 6 MB | 400 not its invocation
    POST /2018-06-01/runtime/invocation/{id}/error       202 | 413           | 400
    POST /2018-06-01/runtime/init/error                  202 | 403 after the start

Source: "Using the Lambda runtime API for custom runtimes" in Lambda's developer guide, and its OpenAPI document.
"""

import asyncio
import json
import re
import time
from collections.abc import Callable

from aiohttp import web

from stepsmith.lambdas.function import Invocation
from stepsmith.lambdas.outcome import MAX_ANSWER_BYTES, Answered, Outcome, Oversized, Raised

_ROOT = "/2018-06-01/runtime"
_ANSWER = re.compile(_ROOT + r"/invocation/([^/]+)/(response|error)")
_DAY_SECONDS = 86400.0  # A connection is idle while the handler works: it must outlive the longest.


class Refused(Exception):
    """A call of the process that is answered with 4xx, in the API's own error shape."""

    def __init__(self, status: int, error_type: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.error_type = error_type


class Exchange:
    """One invocation on its way through a process: taken at a time (`time.perf_counter`), then ended.

    `left` is done when it waits no more: it was taken, or it ended without.
    """

    def __init__(self, invocation: Invocation) -> None:
        loop = asyncio.get_running_loop()
        self.invocation = invocation
        self.taken: float | None = None
        self.left: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[Outcome] = loop.create_future()

    def take(self) -> None:
        self.taken = time.perf_counter()
        if not self.left.done():
            self.left.set_result(None)

    def end(self, outcome: Outcome) -> None:
        """The first end counts."""
        if not self.left.done():
            self.left.set_result(None)
        if not self.ended.done():
            self.ended.set_result(outcome)


class RuntimeApi:
    """Serves one process. `on_take` is called before an invocation is handed out, `on_end` as soon as an answer is
    complete, before anybody who waits is woken."""

    def __init__(self, on_end: Callable[[], None], on_take: Callable[[], None] = lambda: None) -> None:
        self._on_end, self._on_take = on_end, on_take
        self._offered: asyncio.Queue[Exchange] = asyncio.Queue(maxsize=1)
        self._held: Exchange | None = None
        self.asked = False  # Whether a `next` waits.
        self._http = web.Server(
            self._handle,
            handler_cancellation=True,
            keepalive_timeout=_DAY_SECONDS,
            access_log=None,
            auto_decompress=False,
        )
        self.started: asyncio.Future[float] = asyncio.get_running_loop().create_future()  # When it first asked.
        self.init_error: Raised | None = None
        self._listener: asyncio.Server | None = None

    async def open(self) -> str:
        """Listens; the value of AWS_LAMBDA_RUNTIME_API."""
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._http, "127.0.0.1", 0, start_serving=False)
        await (
            self._listener.start_serving()
        )  # A step of its own: cancelled in the first, asyncio would lose the socket.
        host, port = self._listener.sockets[0].getsockname()
        return f"{host}:{port}"

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.close()
        await self._http.shutdown(timeout=0)

    def offer(self, exchange: Exchange) -> None:
        """Gives the process its next invocation; one at a time."""
        self._offered.put_nowait(exchange)

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        try:
            return await self._route(request)
        except Refused as refused:
            return _json({"errorMessage": str(refused), "errorType": refused.error_type}, refused.status)

    async def _route(self, request: web.BaseRequest) -> web.StreamResponse:
        _refuse_browsers(request)
        match request.method, request.path:
            case "GET", path if path == f"{_ROOT}/invocation/next":
                return await self._next()
            case "POST", path if path == f"{_ROOT}/init/error":
                return await self._init_error(request)
            case "POST", path if found := _ANSWER.fullmatch(path):
                return await self._end(request, found[1], Answered if found[2] == "response" else Raised)
            case method, path:
                raise Refused(404, "NotFound", f"The Runtime API has no {method} {path}.")

    async def _next(self) -> web.Response:
        if self._held or self.asked:
            raise Refused(
                403, "InvalidStateTransition", "State transition is not allowed: answer the invocation first."
            )
        if not self.started.done():
            self.started.set_result(time.perf_counter())
        self.asked = True
        try:
            self._held = await self._offered.get()
        finally:
            self.asked = False
        self._on_take()
        self._held.take()
        return _invocation(self._held.invocation)

    async def _end(
        self, request: web.BaseRequest, request_id: str, outcome: Callable[[bytes], Answered | Raised]
    ) -> web.Response:
        exchange = self._held
        if exchange is None or exchange.invocation.request_id != request_id:
            raise Refused(400, "InvalidRequestID", f"This process does not hold invocation {request_id!r}.")
        body = await _body(request)
        if self._held is not exchange:
            raise Refused(400, "InvalidRequestID", f"Invocation {request_id!r} was answered already.")
        self._held = None
        self._on_end()
        exchange.end(Oversized() if body is None else outcome(body))
        return _accepted(body)

    async def _init_error(self, request: web.BaseRequest) -> web.Response:
        if self.started.done():
            raise Refused(403, "InvalidStateTransition", "State transition is not allowed: the process has started.")
        body = await _body(request)
        self.init_error = Raised(body or b"{}")
        return _accepted(body)


def _refuse_browsers(request: web.BaseRequest) -> None:
    """A page in a browser can reach loopback too; no runtime sends these headers, every browser sends one."""
    if "Origin" in request.headers or "Sec-Fetch-Mode" in request.headers:
        raise Refused(403, "Forbidden", "The Runtime API serves the function's process only.")


async def _body(request: web.BaseRequest) -> bytes | None:
    """The body up to `MAX_ANSWER_BYTES`; of a longer one nothing is kept, but all is read, so that 413 is heard."""
    parts: list[bytes] = []
    size = 0
    async for part in request.content.iter_any():
        size += len(part)
        if size > MAX_ANSWER_BYTES:
            parts.clear()
        else:
            parts.append(part)
    return None if size > MAX_ANSWER_BYTES else b"".join(parts)


def _invocation(invocation: Invocation) -> web.Response:
    deadline_ms = int((time.time() + invocation.timeout_seconds) * 1000)
    headers = {
        "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
        "Lambda-Runtime-Deadline-Ms": str(deadline_ms),
        "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
        "Content-Type": "application/json",
    }
    if invocation.trace_header:
        headers["Lambda-Runtime-Trace-Id"] = invocation.trace_header
    if invocation.client_context:
        headers["Lambda-Runtime-Client-Context"] = invocation.client_context
    return web.Response(body=invocation.payload, headers=headers)


def _accepted(body: bytes | None) -> web.Response:
    if body is None:
        return _json(
            {"errorMessage": "Exceeded maximum allowed payload size.", "errorType": "RequestEntityTooLarge"}, 413
        )
    return _json({"status": "OK"}, 202)


def _json(value: dict[str, str], status: int) -> web.Response:
    return web.Response(body=json.dumps(value).encode(), status=status, content_type="application/json")
