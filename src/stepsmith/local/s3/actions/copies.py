"""Objects and parts made of other objects of this endpoint, without their bytes crossing the wire."""

import asyncio
import re
from dataclasses import replace
from typing import BinaryIO
from urllib.parse import unquote

from aiohttp import web

from .. import checksums, conditions, headers
from ..body import BATCH_BYTES, Arrived
from ..checksums import ALGORITHMS, Checksum
from ..documents import Node
from ..faults import Fault, not_held
from ..folder import Buckets
from ..listing import iso
from ..ranges import Span
from ..records import About, Object
from ..request import Request
from .answer import xml
from .objects import told
from .parts import number_of, upload_of

MAX_COPY_BYTES = 5 * 1024**3


async def object(request: Request) -> web.StreamResponse:
    """CopyObject."""
    request.check_object("PutObject")
    found, file = _source(request)
    with file:
        about, wish = _about(request, found), conditions.of_write(request.headers)
        if found.size > MAX_COPY_BYTES:
            said = "The specified copy source is larger than the maximum allowable size for a copy source"
            raise Fault("InvalidRequest", f"{said}: {MAX_COPY_BYTES}")
        summed = found.about.checksum.algorithm if found.about.checksum else None
        algorithm = checksums.algorithm(request.headers) or summed
        written, arrived = await asyncio.to_thread(_copied, request.buckets, file, (0, found.size), algorithm)
    about = replace(about, etag=arrived.md5.hex(), checksum=arrived.checksum, parts=())
    made = await asyncio.to_thread(request.buckets.commit, written, request.bucket, request.key, about, wish)
    nodes: list[Node] = [("LastModified", iso(made.modified)), *_told(made.about.etag, made.about.checksum)]
    return xml("CopyObjectResult", nodes, {headers.ENCRYPTION: told(made)[headers.ENCRYPTION]})


async def part(request: Request) -> web.StreamResponse:
    """UploadPartCopy: a part made of an object, or of a span of it."""
    request.check_object("PutObject")
    upload = upload_of(request)
    found, file = _source(request)
    with file:
        span = _span(request.header("x-amz-copy-source-range"), found.size)
        written, arrived = await asyncio.to_thread(_copied, request.buckets, file, span, upload.algorithm)
    try:
        made = request.uploads.add(upload, number_of(request), written, arrived)
    except BaseException:
        request.buckets.discard(written)
        raise
    return xml("CopyPartResult", [("LastModified", iso(made.modified)), *_told(made.etag, made.checksum)])


def _source(request: Request) -> tuple[Object, BinaryIO]:
    """The object to copy and its file. Denied, or a Fault when it is not as the client wants it."""
    path, _, version = request.header("x-amz-copy-source").partition("?")
    bucket, _, key = unquote(path).removeprefix("/").partition("/")
    if not bucket or not key or version not in ("", "versionId=null"):
        raise Fault("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
    request.check("GetObject", bucket, key)
    found, file = request.opened(bucket, key)
    try:
        if conditions.is_known(request.headers, found, conditions.COPY_SOURCE):
            raise not_held("x-amz-copy-source-If-None-Match")
    except BaseException:
        file.close()
        raise
    return found, file


def _about(request: Request, source: Object) -> About:
    """The copy's record: the source's, or with `REPLACE` what the request says."""
    said, known = headers.about(request.headers), source.about
    replaced = request.header("x-amz-metadata-directive") == "REPLACE"
    of_copy = {name: value for name, value in said.headers.items() if name.startswith("x-amz-")}
    is_itself = unquote(request.header("x-amz-copy-source")).lstrip("/") == f"{request.bucket}/{request.key}"
    if is_itself and not replaced and not of_copy:
        raise Fault("InvalidRequest", _ITSELF)
    kept = {name: value for name, value in known.headers.items() if not name.startswith("x-amz-")}
    made = said if replaced else replace(known, headers=kept | of_copy)
    tagged = said.tags if request.header("x-amz-tagging-directive") == "REPLACE" else known.tags
    return replace(made, tags=tagged)


_ITSELF = (
    "This copy request is illegal because it is trying to copy an object to itself without changing the object's "
    "metadata, storage class, website redirect location or encryption attributes."
)


def _span(header: str, size: int) -> Span:
    if not header:
        return 0, size
    found = re.fullmatch("bytes=([0-9]{1,18})-([0-9]{1,18})", header)
    if found is None:
        said = "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the"
        raise Fault("InvalidArgument", f"{said} zero-based offsets of the first and last bytes to copy")
    start, end = int(found[1]), int(found[2]) + 1
    if not start < end <= size:
        raise Fault("InvalidArgument", f"Range specified is not valid for source object of size: {size}")
    return start, end


def _copied(buckets: Buckets, file: BinaryIO, span: Span, algorithm: str | None) -> tuple[BinaryIO, Arrived]:
    """A temporary file with these bytes, and what is known of them."""
    md5, summed = checksums.md5(), ALGORITHMS[algorithm]() if algorithm else None
    written, left = buckets.temporary(), span[1] - span[0]
    try:
        file.seek(span[0])
        while left and (piece := file.read(min(left, BATCH_BYTES))):
            left -= written.write(piece)
            md5.update(piece)
            if summed:
                summed.update(piece)
        written.flush()
    except BaseException:
        buckets.discard(written)
        raise
    checksum = Checksum(algorithm, checksums.encoded(summed.digest())) if algorithm and summed else None
    return written, Arrived(md5.digest(), checksum)


def _told(etag: str, checksum: Checksum | None) -> list[Node]:
    nodes: list[Node] = [("ETag", f'"{etag}"')]
    return [*nodes, (checksum.element, checksum.value)] if checksum else nodes
