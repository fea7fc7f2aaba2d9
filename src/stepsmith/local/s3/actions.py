"""What clients ask of S3, action by action: objects, copies, listing, uploads in parts.

Each action checks the caller's role for the very keys it touches. The table at the foot finds an action by method,
by whether the path names an object, and by the parameter that S3 tells its actions apart with.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from email.utils import formatdate, parsedate_to_datetime
from typing import BinaryIO
from urllib.parse import unquote

from aiohttp import web

from stepsmith.local.roles import Denied

from . import documents, listing
from .body import PIECE_BYTES
from .documents import Node
from .faults import Fault
from .folder import Buckets, Object
from .request import Request, about, only_new, receive

_MAX_DOCUMENT_BYTES = 2 * 1024**2  # of the XML bodies; a list of 10,000 parts has 1 MB


Action = Callable[[Request], Awaitable[web.StreamResponse]]


async def act(request: Request) -> web.StreamResponse:
    """Performs the action that the request asks for."""
    method, has_key = request.asked.method, bool(request.key)
    given = {name for name in request.parameters if not name.lower().startswith(_OF_ANY_REQUEST)}
    for name, with_key, needed, action in _ACTIONS:
        if (name, with_key) == (method, has_key) and needed <= given <= needed | _MORE.get(action, set()):
            return await action(request)
    what = " ".join((method, "/bucket/key" if has_key else "/bucket", *sorted(given)))
    raise Fault("NotImplemented", f"{what}: this action is not part of this endpoint.")


async def get_object(request: Request) -> web.StreamResponse:
    """GetObject and HeadObject, with Range and conditions."""
    request.check("GetObject", request.bucket, request.key)
    found, file = request.buckets.open(request.bucket, request.key)
    with file:
        not_needed = _condition(request, found)
        if not_needed is not None:
            return not_needed
        span = _range(request.header("range"), found.size)
        response = web.StreamResponse(status=200 if span is None else 206, headers=_headers(request, found))
        start, end = span or (0, found.size)
        response.content_length = end - start
        if span is not None:
            response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
        await response.prepare(request.http)
        if request.asked.method == "GET":
            await _send(response, file, start, end)
        return response


async def put_object(request: Request) -> web.StreamResponse:
    """PutObject: streamed to a temporary file, then renamed into place. `If-None-Match: *` writes only a new object."""
    if request.header("x-amz-copy-source"):
        return await copy_object(request)
    request.check("PutObject", request.bucket, request.key)
    if not request.buckets.exists(request.bucket):
        raise Fault("NoSuchBucket", f"There is no bucket {request.bucket!r}.")
    new = only_new(request)
    written, md5 = await receive(request)
    made = request.buckets.commit(written, request.bucket, request.key, about(request, md5.hex()), new=new)
    return web.Response(headers={"ETag": f'"{made.about.etag}"'})


async def copy_object(request: Request) -> web.StreamResponse:
    """CopyObject within this endpoint."""
    source = unquote(request.header("x-amz-copy-source")).lstrip("/").partition("?")[0]
    bucket, _, key = source.partition("/")
    request.check("GetObject", bucket, key)
    request.check("PutObject", request.bucket, request.key)
    found, file = request.buckets.open(bucket, key)
    with file:
        written = await asyncio.to_thread(_copied, request.buckets, file)
    is_replaced = request.header("x-amz-metadata-directive") == "REPLACE"
    known = about(request, found.about.etag) if is_replaced else found.about
    made = request.buckets.commit(written, request.bucket, request.key, known, new=only_new(request))
    nodes: list[Node] = [("LastModified", listing.iso(made.modified)), ("ETag", f'"{made.about.etag}"')]
    return _xml("CopyObjectResult", nodes)


async def delete_object(request: Request) -> web.StreamResponse:
    request.check("DeleteObject", request.bucket, request.key)
    request.buckets.delete(request.bucket, request.key)
    return web.Response(status=204)


async def delete_objects(request: Request) -> web.StreamResponse:
    """DeleteObjects: every key on its own, with its own error."""
    keys, quiet = documents.keys_of(await request.body(_MAX_DOCUMENT_BYTES).read())
    nodes: list[Node] = []
    for key in keys:
        try:
            request.check("DeleteObject", request.bucket, key)
            request.buckets.delete(request.bucket, key)
        except Denied as denied:
            nodes.append(("Error", [("Key", key), ("Code", "AccessDenied"), ("Message", str(denied))]))
        except Fault as fault:
            nodes.append(("Error", [("Key", key), ("Code", fault.code), ("Message", fault.message)]))
        else:
            nodes += [] if quiet else [("Deleted", [("Key", key)])]
    return _xml("DeleteResult", nodes)


async def list_objects(request: Request) -> web.StreamResponse:
    """ListObjectsV2; the role must open the whole prefix."""
    asked = request.parameters
    if asked.get("list-type") != "2":
        raise Fault("NotImplemented", "Only version 2 of ListObjects is part of this endpoint (list-type=2).")
    request.check("ListBucket", request.bucket, prefix=asked.get("prefix", ""))
    body = await asyncio.to_thread(listing.answer, request.buckets, request.bucket, asked)
    return web.Response(body=body, content_type="application/xml")


async def head_bucket(request: Request) -> web.StreamResponse:
    request.check("ListBucket", request.bucket)
    if not request.buckets.exists(request.bucket):
        raise Fault("NoSuchBucket", f"There is no bucket {request.bucket!r}.")
    return web.Response()


async def create_upload(request: Request) -> web.StreamResponse:
    request.check("PutObject", request.bucket, request.key)
    if not request.buckets.exists(request.bucket):
        raise Fault("NoSuchBucket", f"There is no bucket {request.bucket!r}.")
    id = request.uploads.begin(request.bucket, request.key, about(request, ""))
    nodes: list[Node] = [("Bucket", request.bucket), ("Key", request.key), ("UploadId", id)]
    return _xml("InitiateMultipartUploadResult", nodes)


async def upload_part(request: Request) -> web.StreamResponse:
    request.check("PutObject", request.bucket, request.key)
    id, number = request.parameters["uploadId"], request.parameters["partNumber"]
    request.uploads.parts(request.bucket, request.key, id)
    written, md5 = await receive(request)
    try:
        part = request.uploads.add(
            request.bucket, request.key, id, int(number) if re.fullmatch("[0-9]{1,5}", number) else 0, written, md5
        )
    except Fault:
        request.buckets.discard(written)
        raise
    return web.Response(headers={"ETag": f'"{part.etag}"'})


async def list_parts(request: Request) -> web.StreamResponse:
    request.check("ListMultipartUploadParts", request.bucket, request.key)
    id = request.parameters["uploadId"]
    nodes: list[Node] = [("Bucket", request.bucket), ("Key", request.key), ("UploadId", id), ("IsTruncated", "false")]
    for part in request.uploads.parts(request.bucket, request.key, id):
        nodes.append(("Part", [("PartNumber", part.number), ("ETag", f'"{part.etag}"'), ("Size", part.size)]))
    return _xml("ListPartsResult", nodes)


async def complete_upload(request: Request) -> web.StreamResponse:
    request.check("PutObject", request.bucket, request.key)
    wanted = documents.parts_of(await request.body(_MAX_DOCUMENT_BYTES).read())
    made = await asyncio.to_thread(
        request.uploads.complete,
        request.bucket,
        request.key,
        request.parameters["uploadId"],
        wanted,
        new=only_new(request),
    )
    nodes: list[Node] = [("Bucket", request.bucket), ("Key", request.key), ("ETag", f'"{made.about.etag}"')]
    return _xml("CompleteMultipartUploadResult", nodes)


async def abort_upload(request: Request) -> web.StreamResponse:
    request.check("AbortMultipartUpload", request.bucket, request.key)
    request.uploads.abort(request.bucket, request.key, request.parameters["uploadId"])
    return web.Response(status=204)


_ACTIONS: tuple[tuple[str, bool, set[str], Action], ...] = (
    ("GET", True, {"uploadId"}, list_parts),
    ("GET", True, set(), get_object),
    ("HEAD", True, set(), get_object),
    ("PUT", True, {"partNumber", "uploadId"}, upload_part),
    ("PUT", True, set(), put_object),
    ("DELETE", True, {"uploadId"}, abort_upload),
    ("DELETE", True, set(), delete_object),
    ("POST", True, {"uploads"}, create_upload),
    ("POST", True, {"uploadId"}, complete_upload),
    ("POST", False, {"delete"}, delete_objects),
    ("GET", False, {"list-type"}, list_objects),
    ("HEAD", False, set(), head_bucket),
)
_OF_ANY_REQUEST = ("x-amz-", "x-id", "response-")  # signatures, the SDKs' mark, overrides of headers
_MORE: dict[Action, set[str]] = {
    list_objects: {
        "continuation-token",
        "delimiter",
        "encoding-type",
        "fetch-owner",
        "max-keys",
        "prefix",
        "start-after",
    },
    list_parts: {"max-parts", "part-number-marker"},
}


def _copied(buckets: Buckets, file: BinaryIO) -> BinaryIO:
    written = buckets.temporary()
    try:
        while piece := file.read(PIECE_BYTES):
            written.write(piece)
    except OSError:
        buckets.discard(written)
        raise
    return written


async def _send(response: web.StreamResponse, file: BinaryIO, start: int, end: int) -> None:
    file.seek(start)
    while start < end:
        piece = file.read(min(end - start, PIECE_BYTES))
        if not piece:
            break
        start += len(piece)
        await response.write(piece)
    await response.write_eof()


_OVERRIDES = ("Content-Type", "Content-Disposition", "Content-Encoding", "Content-Language", "Cache-Control", "Expires")


def _headers(request: Request, found: Object) -> dict[str, str]:
    """The object's headers; a request may override some (`response-content-type` and so on)."""
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Type": found.about.content_type,
        "ETag": f'"{found.about.etag}"',
        "Last-Modified": formatdate(found.modified, usegmt=True),
        **{f"x-amz-meta-{name}": value for name, value in found.about.metadata.items()},
    }
    asked = request.parameters
    overrides = {name: asked[key] for name in _OVERRIDES if (key := f"response-{name.lower()}") in asked}
    if not "".join(overrides.values()).isprintable():
        raise Fault("InvalidArgument", "A header of the answer has no control characters.")
    return {**headers, **overrides}


def _condition(request: Request, found: Object) -> web.Response | None:
    """304 for a client that has it already; Fault PreconditionFailed for one that wanted another."""
    match, none_match = request.header("if-match"), request.header("if-none-match")
    if match and not _names(match, found.about.etag):
        raise Fault("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
    unchanged = _names(none_match, found.about.etag) if none_match else _is_since(request, found)
    return web.Response(status=304, headers={"ETag": f'"{found.about.etag}"'}) if unchanged else None


def _is_since(request: Request, found: Object) -> bool:
    since = request.header("if-modified-since")
    try:
        return bool(since) and int(found.modified) <= parsedate_to_datetime(since).timestamp()
    except ValueError:
        return False


def _names(condition: str, etag: str) -> bool:
    return any(each.strip().removeprefix("W/").strip('"') in ("*", etag) for each in condition.split(","))


def _range(header: str, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last; None for the whole (no range, or one that S3 ignores)."""
    found = re.fullmatch(r"bytes=([0-9]{0,18})-([0-9]{0,18})", header)
    if found is None or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last) + 1, size) if first and last else size
    if start >= end:
        raise Fault("InvalidRange", "The requested range is not satisfiable")
    return start, end


def _xml(name: str, nodes: list[Node]) -> web.Response:
    return web.Response(body=documents.document(name, nodes), content_type="application/xml")
