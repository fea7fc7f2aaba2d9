"""The table of actions: by method, by what the path names, and by the parameters that S3 tells its actions apart with.

A request that no row is for is one about a bucket's configuration (`?policy`, `?lifecycle` and so on), which is kept by
configuration.py, or `NotImplemented`, by name.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from ..faults import not_here
from ..request import Request
from . import buckets, configured, copies, lists, objects, parts, tagging

Action = Callable[[Request], Awaitable[web.StreamResponse]]

SERVICE, BUCKET, OBJECT = "/", "/bucket", "/bucket/key"


@dataclass(frozen=True, slots=True)
class Row:
    """An action: `needed` parameters tell it from others, `more` may be given; `header` must be sent."""

    method: str
    on: str
    needed: frozenset[str]
    action: Action
    more: frozenset[str] = frozenset()
    header: str = ""

    def is_for(self, request: Request, on: str, given: frozenset[str]) -> bool:
        named = (self.method, self.on) == (request.asked.method, on) and self.header in ("", *request.headers)
        return named and self.needed <= given <= self.needed | self.more


async def act(request: Request) -> web.StreamResponse:
    """Performs the action that the request asks for."""
    on = OBJECT if request.key else BUCKET if request.bucket else SERVICE
    given = frozenset(name for name in request.parameters if not name.lower().startswith(_OF_ANY_REQUEST))
    for row in ROWS:
        if row.is_for(request, on, given):
            return await row.action(request)
    if on == BUCKET and request.configuration.keeps(request.asked.method, given):
        return await configured.answer(request)
    raise not_here(" ".join((request.asked.method, on, *sorted(given))))


def _row(method: str, on: str, needed: str, action: Action, more: str = "", header: str = "") -> Row:
    return Row(method, on, frozenset(needed.split()), action, frozenset(more.split()), header)


_OF_ANY_REQUEST = ("x-amz-", "awsaccesskeyid", "expires", "signature", "content-", "x-id", "response-")
"""Signatures of either kind, the SDKs' mark, overrides of headers."""
_COPY = "x-amz-copy-source"
_PAGES = "delimiter encoding-type max-keys prefix"

ROWS = (
    _row("GET", SERVICE, "", buckets.list_buckets, "prefix max-buckets continuation-token bucket-region"),
    _row("PUT", BUCKET, "", buckets.create),
    _row("HEAD", BUCKET, "", buckets.head),
    _row("DELETE", BUCKET, "", buckets.delete),
    _row("GET", BUCKET, "location", buckets.location),
    _row("GET", BUCKET, "list-type", lists.objects, f"{_PAGES} continuation-token fetch-owner start-after"),
    _row("GET", BUCKET, "versions", lists.versions, f"{_PAGES} key-marker version-id-marker"),
    _row("GET", BUCKET, "uploads", parts.list_uploads, f"{_PAGES} key-marker max-uploads upload-id-marker"),
    _row("GET", BUCKET, "", lists.objects, f"{_PAGES} marker"),
    _row("POST", BUCKET, "delete", objects.delete_many),
    _row("GET", OBJECT, "uploadId", parts.list_parts, "max-parts part-number-marker"),
    _row("GET", OBJECT, "attributes", objects.attributes, "versionId"),
    _row("GET", OBJECT, "tagging", tagging.get, "versionId"),
    _row("PUT", OBJECT, "tagging", tagging.put, "versionId"),
    _row("DELETE", OBJECT, "tagging", tagging.delete, "versionId"),
    _row("GET", OBJECT, "acl", objects.acl, "versionId"),
    _row("GET", OBJECT, "", objects.get, "partNumber versionId"),
    _row("HEAD", OBJECT, "", objects.get, "partNumber versionId"),
    _row("PUT", OBJECT, "partNumber uploadId", copies.part, header=_COPY),
    _row("PUT", OBJECT, "partNumber uploadId", parts.add),
    _row("PUT", OBJECT, "", copies.object, header=_COPY),
    _row("PUT", OBJECT, "", objects.put),
    _row("DELETE", OBJECT, "uploadId", parts.abort),
    _row("DELETE", OBJECT, "", objects.delete, "versionId"),
    _row("POST", OBJECT, "uploads", parts.begin),
    _row("POST", OBJECT, "uploadId", parts.complete),
)
