"""Uploads in parts."""

import asyncio
import re

from aiohttp import web

from .. import checksums, conditions, documents, headers, listing
from ..documents import Node
from ..listing import OWNER, iso
from ..request import Request
from ..uploads import Part, Upload
from .answer import xml
from .objects import told


async def begin(request: Request) -> web.StreamResponse:
    """CreateMultipartUpload."""
    request.check_object("PutObject")
    algorithm = checksums.algorithm(request.headers)
    kind = checksums.kind(request.headers, algorithm)
    about = headers.about(request.headers)
    id = request.uploads.begin(request.bucket, request.key, about, algorithm, kind)
    nodes: list[Node] = [("Bucket", request.bucket), ("Key", request.key), ("UploadId", id)]
    summed = {"x-amz-checksum-algorithm": algorithm, "x-amz-checksum-type": kind}
    return xml("InitiateMultipartUploadResult", nodes, {name: value for name, value in summed.items() if value})


async def add(request: Request) -> web.StreamResponse:
    """UploadPart."""
    request.check_object("PutObject")
    upload = upload_of(request)
    written, arrived = await request.receive(upload.algorithm or checksums.algorithm(request.headers))
    try:
        part = request.uploads.add(upload, number_of(request), written, arrived)
    except BaseException:
        request.buckets.discard(written)
        raise
    summed = {part.checksum.header: part.checksum.value} if part.checksum else {}
    return web.Response(headers={"ETag": f'"{part.etag}"', headers.ENCRYPTION: "AES256", **summed})


async def complete(request: Request) -> web.StreamResponse:
    """CompleteMultipartUpload: one object or none."""
    request.check_object("PutObject")
    upload, wish = upload_of(request), conditions.of_write(request.headers)
    wanted = documents.wanted_of(await request.document(is_summed=False))
    expected = next(iter(checksums.given(request.headers)), None)
    made = await asyncio.to_thread(request.uploads.complete, upload, wanted, expected, wish)
    nodes: list[Node] = [
        ("Location", f"http://{request.header('host')}{request.asked.path}"),
        ("Bucket", request.bucket),
        ("Key", request.key),
        ("ETag", f'"{made.about.etag}"'),
    ]
    if (checksum := made.about.checksum) is not None:
        nodes += [(checksum.element, checksum.value), ("ChecksumType", checksum.kind)]
    return xml("CompleteMultipartUploadResult", nodes, {headers.ENCRYPTION: told(made)[headers.ENCRYPTION]})


async def abort(request: Request) -> web.StreamResponse:
    """AbortMultipartUpload."""
    request.check_object("AbortMultipartUpload")
    request.uploads.abort(upload_of(request))
    return web.Response(status=204)


async def list_parts(request: Request) -> web.StreamResponse:
    """ListParts, in pages."""
    request.check_object("ListMultipartUploadParts")
    upload, asked = upload_of(request), request.parameters
    limit = min(listing.number("max-parts", asked.get("max-parts", "")), listing.MAX_KEYS)
    after = listing.number("part-number-marker", asked.get("part-number-marker", "0"))
    left = [part for part in request.uploads.parts(upload) if part.number > after]
    shown = left[:limit]
    nodes: list[Node] = [("Bucket", request.bucket), ("Key", request.key), ("UploadId", upload.id)]
    nodes += [("Initiator", OWNER[1]), OWNER, ("StorageClass", "STANDARD"), ("PartNumberMarker", after)]
    nodes += [("NextPartNumberMarker", shown[-1].number if shown else after), ("MaxParts", limit)]
    nodes += [("IsTruncated", str(len(shown) < len(left)).lower())]
    nodes += [("ChecksumAlgorithm", upload.algorithm)] if upload.algorithm else []
    return xml("ListPartsResult", [*nodes, *(("Part", _part(part)) for part in shown)])


async def list_uploads(request: Request) -> web.StreamResponse:
    """ListMultipartUploads, in pages: by key, then by age."""
    request.check_bucket("ListBucketMultipartUploads")
    asked = request.parameters
    limit = min(listing.number("max-uploads", asked.get("max-uploads", "")), listing.MAX_KEYS)
    prefix, marker = asked.get("prefix", ""), (asked.get("key-marker", ""), asked.get("upload-id-marker", ""))
    found = [upload for upload in request.uploads.of(request.bucket) if upload.key.startswith(prefix)]
    left = _behind(found, *marker)
    shown, encoded = left[:limit], listing.asked(request.bucket, asked).encoded
    nodes: list[Node] = [("Bucket", request.bucket), ("KeyMarker", encoded(marker[0])), ("UploadIdMarker", marker[1])]
    nodes += [("Prefix", encoded(prefix)), ("MaxUploads", limit)]
    nodes += [("IsTruncated", str(len(shown) < len(left)).lower())]
    if shown:
        nodes += [("NextKeyMarker", encoded(shown[-1].key)), ("NextUploadIdMarker", shown[-1].id)]
    nodes += [("Upload", _upload(each, encoded(each.key))) for each in shown]
    return xml("ListMultipartUploadsResult", nodes)


def upload_of(request: Request) -> Upload:
    return request.uploads.find(request.bucket, request.key, request.parameters["uploadId"])


def number_of(request: Request) -> int:
    """The part's number; 0, which is none, for what is no number."""
    number = request.parameters["partNumber"]
    return int(number) if re.fullmatch("[0-9]{1,5}", number) else 0


def _behind(uploads: list[Upload], key: str, id: str) -> list[Upload]:
    """Those that come after a key, or after one upload of that key."""
    ids = [upload.id for upload in uploads if upload.key == key]
    passed = ids[: ids.index(id) + 1] if id in ids else ids
    return [each for each in uploads if each.key.encode() >= key.encode() and each.id not in passed]


def _part(part: Part) -> list[Node]:
    summed: list[Node] = [(part.checksum.element, part.checksum.value)] if part.checksum else []
    return [
        ("PartNumber", part.number),
        ("LastModified", iso(part.modified)),
        ("ETag", f'"{part.etag}"'),
        *summed,
        ("Size", part.size),
    ]


def _upload(upload: Upload, key: str) -> list[Node]:
    return [
        ("Key", key),
        ("UploadId", upload.id),
        ("Initiator", OWNER[1]),
        OWNER,
        ("StorageClass", "STANDARD"),
        ("Initiated", iso(upload.begun)),
    ]
