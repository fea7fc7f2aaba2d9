"""The S3 API on a loopback port, for functions and for the process itself.

Anybody on this machine can reach the port, so it asks first: loopback Host only, no request with an `Origin` (a web
page), and a signature by one of its session keys, whose role says which objects it opens. Each action is a row in the
table of `actions.py`; what is not there is `NotImplemented`, by name.
"""

import logging
import re
import uuid
from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from . import documents
from .actions import act
from .faults import Fault
from .folder import Buckets
from .request import Request
from .signature import Asked, Permissions, Sessions
from .uploads import Uploads

MAX_OBJECT_BYTES = 5 * 1024**3  # of one PUT or part, as S3 has it
ABANDONED_SECONDS = 86_400  # then an unfinished upload is nobody's any more
_LOOPBACK = re.compile(r"(localhost|([a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\])(:[0-9]+)?", re.IGNORECASE)

_LOG = logging.getLogger("stepsmith.local.s3")
_LOG.addHandler(logging.NullHandler())  # what a stranger sends is no traceback on somebody's terminal


class ObjectServer:
    """The endpoint; an async context manager that serves `url` while it is open."""

    def __init__(self, buckets: Buckets, now_ms: Callable[[], int], max_object_bytes: int = MAX_OBJECT_BYTES) -> None:
        self._buckets = buckets
        self._uploads = Uploads(buckets)
        self._sessions = Sessions()
        self._now_ms = now_ms
        self._max_object_bytes = max_object_bytes
        self._runner = web.ServerRunner(web.Server(self._answer, access_log=None, logger=_LOG))

    async def __aenter__(self) -> Self:
        self._buckets.sweep(self._now_ms() / 1000 - ABANDONED_SECONDS)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()

    def session(self, role: Permissions) -> dict[str, str]:
        """The environment variables of a new session key that acts as the role; SDKs read them by these names."""
        session = self._sessions.issue(role)
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": session.access_key,
            "AWS_SECRET_ACCESS_KEY": session.secret,
            "AWS_SESSION_TOKEN": session.token,
        }

    async def _answer(self, request: web.BaseRequest) -> web.StreamResponse:
        id = uuid.uuid4().hex[:16].upper()
        try:
            response = await self._act(request)
        except Fault as fault:
            response = _refusal(request, fault, id)
        except OSError as error:
            full = Fault("ServiceUnavailable", f"The data folder does not take it: {error.strerror or error}.")
            response = _refusal(request, full, id)
        if not response.prepared:
            response.headers["x-amz-request-id"] = id
        return response

    async def _act(self, request: web.BaseRequest) -> web.StreamResponse:
        _check_origin(request)
        asked = _asked(request)
        signed = self._sessions.verify(asked, self._now_ms())
        if asked.headers.get("expect", "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            request.writer.output_size = 0
        return await act(Request(self._buckets, self._uploads, request, asked, signed, self._max_object_bytes))


def _check_origin(request: web.BaseRequest) -> None:
    if not _LOOPBACK.fullmatch(request.headers.get("Host", "")):
        raise Fault("AccessDenied", "This endpoint answers to loopback names only.")
    if "Origin" in request.headers:
        raise Fault("AccessDenied", "This endpoint does not answer web pages.")


def _asked(request: web.BaseRequest) -> Asked:
    path, _, query = request.raw_path.partition("?")
    return Asked(request.method, path, query, {name.lower(): value for name, value in request.headers.items()})


def _refusal(request: web.BaseRequest, fault: Fault, id: str) -> web.Response:
    """The error as XML. What is left of the body is not read: the connection ends with the answer."""
    body = b"" if request.method == "HEAD" else documents.error(fault, request.path, id)
    response = web.Response(status=fault.status, body=body, content_type="application/xml")
    if request.can_read_body:
        response.force_close()
    return response
