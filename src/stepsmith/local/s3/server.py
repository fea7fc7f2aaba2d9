"""The S3 API as a service of the endpoint.

The endpoint has checked who calls; the key's role says which objects it opens. Each action is a row in the table of
actions/table.py; what is not there is `NotImplemented`, by name.
"""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from stepsmith.local.endpoint.refusals import Refused
from stepsmith.local.endpoint.server import Endpoint, go_on
from stepsmith.local.endpoint.service import Call
from stepsmith.signing import S3

from . import documents
from .actions import act
from .body import Limits
from .configuration import Configuration
from .faults import Fault, fault
from .folder import Buckets
from .request import Request, path
from .uploads import Uploads

LIMITS = Limits()
NOTHING_KEPT = Configuration()
ABANDONED_SECONDS = 86_400  # then an unfinished upload is nobody's any more


class ObjectService:
    """S3 over a folder of buckets."""

    name = S3
    max_bytes = None  # objects are read, checked and bounded while they stream

    def __init__(
        self,
        buckets: Buckets,
        now_ms: Callable[[], int],
        limits: Limits = LIMITS,
        configuration: Configuration = NOTHING_KEPT,
    ) -> None:
        buckets.sweep(now_ms() / 1000 - ABANDONED_SECONDS)
        self._buckets = buckets
        self._uploads = Uploads(buckets)
        self._configuration = configuration
        self.limits = limits

    async def answer(self, call: Call) -> web.StreamResponse:
        await go_on(call.http)
        request = Request(self._buckets, self._uploads, self._configuration, call, self.limits)
        try:
            response = await act(request)
        except Fault as refused:
            response = _answer(call.http, refused, call.id)
        except OSError as error:
            full = Fault("ServiceUnavailable", f"The data folder does not take it: {error.strerror or error}.")
            response = _answer(call.http, full, call.id)
        if not response.prepared:
            response.headers["x-amz-request-id"] = call.id
        return response

    def refuse(self, http: web.BaseRequest, refused: Refused, id: str) -> web.Response:
        return _answer(http, fault(refused), id)

    def about(self, call: Call) -> tuple[str, str]:
        return call.asked.method, path(call.asked)


class ObjectServer:
    """S3 alone on a loopback port of its own; an async context manager that serves `url` while it is open."""

    def __init__(self, buckets: Buckets, now_ms: Callable[[], int], limits: Limits = LIMITS) -> None:
        self.service = ObjectService(buckets, now_ms, limits)
        self._endpoint = Endpoint(now_ms)
        self._endpoint.mount(self.service)
        self.url = self._endpoint.url
        self.session = self._endpoint.session

    async def __aenter__(self) -> Self:
        await self._endpoint.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._endpoint.__aexit__(kind, error, trace)


def _answer(http: web.BaseRequest, refused: Fault, id: str) -> web.Response:
    """The error as XML."""
    body = b"" if http.method == "HEAD" else documents.error(refused, http.path, id)
    return web.Response(status=refused.status, body=body, content_type="application/xml")
