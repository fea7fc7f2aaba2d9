"""Objects: put, get, remove, describe."""

import asyncio
from dataclasses import replace

from aiohttp import web

from stepsmith.local.roles import Denied

from .. import checksums, conditions, documents, headers, ranges
from ..documents import Doomed, Node
from ..faults import Fault
from ..listing import OWNER
from ..ranges import Span
from ..records import Object
from ..request import Request
from .answer import send, xml


async def get(request: Request) -> web.StreamResponse:
    """GetObject and HeadObject: whole, a range or a part, and only where the client's conditions hold."""
    request.check_object("GetObject")
    found, file = request.open()
    with file:
        if conditions.is_known(request.headers, found):
            return web.Response(status=304, headers={"ETag": f'"{found.about.etag}"'})
        span = _span(request, found)
        answered = headers.answered(found, request.parameters)
        if span is None and request.header("x-amz-checksum-mode").upper() == "ENABLED":
            answered |= headers.summed(found.about.checksum)
        if "partNumber" in request.parameters and found.about.parts:
            answered["x-amz-mp-parts-count"] = str(len(found.about.parts))
        response = web.StreamResponse(status=200 if span is None else 206, headers=answered)
        start, end = span or (0, found.size)
        response.content_length = end - start
        if span is not None:
            response.headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
        response.headers["x-amz-request-id"] = request.call.id
        is_head = request.asked.method == "HEAD"
        await send(request.http, response, file, (start, start) if is_head else (start, end))
        return response


async def put(request: Request) -> web.StreamResponse:
    """PutObject: streamed to a temporary file, then renamed into place."""
    request.check_object("PutObject")
    wish, about = conditions.of_write(request.headers), headers.about(request.headers)
    if about.tags:
        request.check("PutObjectTagging", request.bucket, request.key)
    written, arrived = await request.receive(checksums.algorithm(request.headers))
    about = replace(about, etag=arrived.md5.hex(), checksum=arrived.checksum)
    made = await asyncio.to_thread(request.buckets.commit, written, request.bucket, request.key, about, wish)
    return web.Response(headers=told(made))


def told(made: Object) -> dict[str, str]:
    """What a writer is told of the object."""
    encryption = made.about.headers.get(headers.ENCRYPTION, "AES256")
    return {
        "ETag": f'"{made.about.etag}"',
        headers.ENCRYPTION: encryption,
        **headers.summed(made.about.checksum),
    }


async def delete(request: Request) -> web.StreamResponse:
    """DeleteObject: what is not there is gone as well."""
    request.check_object("DeleteObject")
    request.check_version()
    request.buckets.delete(request.bucket, request.key, conditions.of_write(request.headers))
    return web.Response(status=204)


async def delete_many(request: Request) -> web.StreamResponse:
    """DeleteObjects: every key on its own, with its own error."""
    request.must_exist()
    doomed, quiet = documents.doomed_of(await request.document())
    nodes: list[Node] = []
    for each in doomed:
        error = _delete(request, each)
        if error is not None:
            nodes.append(("Error", [("Key", each.key), ("Code", error[0]), ("Message", error[1])]))
        elif not quiet:
            nodes.append(("Deleted", [("Key", each.key)]))
    return xml("DeleteResult", nodes)


def _delete(request: Request, doomed: Doomed) -> tuple[str, str] | None:
    """Removes one object; the error's code and sentence, if there is one."""
    try:
        request.check("DeleteObject", request.bucket, doomed.key)
        if doomed.version != "null":
            return "NoSuchVersion", "The specified version does not exist."
        wish = conditions.IfMatch(doomed.etag) if doomed.etag else None
        request.buckets.delete(request.bucket, doomed.key, wish)
        return None
    except Denied as denied:
        return "AccessDenied", str(denied)
    except Fault as fault:
        return fault.code, fault.message


async def attributes(request: Request) -> web.StreamResponse:
    """GetObjectAttributes: those that the header names."""
    request.check_object("GetObject")
    request.check("GetObjectAttributes", request.bucket, request.key)
    found = request.find()
    wanted = [name.strip() for name in request.header("x-amz-object-attributes").split(",")]
    if not wanted[0]:
        said = "Missing required header for this request: x-amz-object-attributes"
        raise Fault("InvalidRequest", said)
    nodes = [node for name, node in _attributes(found) if name in wanted]
    modified = headers.answered(found, {})["Last-Modified"]
    return xml("GetObjectAttributesResponse", nodes, {"Last-Modified": modified})


def _attributes(found: Object) -> list[tuple[str, Node]]:
    known = found.about
    nodes: list[Node] = [("ETag", known.etag)]
    if known.checksum:
        summed: list[Node] = [(known.checksum.element, known.checksum.value), ("ChecksumType", known.checksum.kind)]
        nodes.append(("Checksum", summed))
    if known.parts:
        nodes.append(("ObjectParts", [("PartsCount", len(known.parts)), ("TotalPartsCount", len(known.parts))]))
    nodes.append(("StorageClass", known.headers.get("x-amz-storage-class", "STANDARD")))
    nodes.append(("ObjectSize", found.size))
    return [(name, (name, value)) for name, value in nodes]


async def acl(request: Request) -> web.StreamResponse:
    """GetObjectAcl: the bucket's owner owns every object."""
    request.check_object("GetObjectAcl")
    request.find()
    grantee = [("ID", OWNER[1][0][1]), ("DisplayName", "owner")]  # type: ignore[index]  # OWNER's value is pairs
    grant: list[Node] = [("Grantee", [*grantee]), ("Permission", "FULL_CONTROL")]
    return xml("AccessControlPolicy", [OWNER, ("AccessControlList", [("Grant", grant)])])


def _span(request: Request, found: Object) -> Span | None:
    number, header = request.parameters.get("partNumber"), request.header("range")
    if number is None:
        return ranges.span(header, found.size)
    if header:
        raise Fault("InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
    span = ranges.of_part(number, found.about.parts, found.size)
    return span if found.size else None
