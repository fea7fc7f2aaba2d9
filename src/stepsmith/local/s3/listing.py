"""Lists of keys: pages, with the keys that share a prefix up to a delimiter rolled into one.

ListObjectsV2, ListObjects and ListObjectVersions are three documents over the same pages; they differ in how a client
says where the last page ended.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from stepsmith.local.roles.permissions import ACCOUNT

from .documents import Node, document
from .faults import Fault
from .folder import Buckets
from .records import Object

MAX_KEYS = 1000
OWNER: Node = ("Owner", [("ID", f"{int(ACCOUNT):064x}"), ("DisplayName", "owner")])


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: keys and common prefixes in order, and where the next page begins (None: there is none)."""

    keys: tuple[str, ...]
    prefixes: tuple[str, ...]
    next_after: str | None


def page(keys: Iterable[str], prefix: str, delimiter: str, after: str, limit: int) -> Page:
    """The next `limit` entries behind `after`, a key or a common prefix. `keys` are sorted and begin with `prefix`."""
    found: dict[str, bool] = {}
    for key in keys:
        end = key.find(delimiter, len(prefix)) if delimiter else -1
        entry = key if end < 0 else key[: end + len(delimiter)]
        if entry.encode() <= after.encode() or (entry.endswith(delimiter or "\0") and entry in found):
            continue
        if len(found) == limit:
            return _page(found, (list(found)[-1] if found else after) if limit else None)
        found[entry] = end < 0
    return _page(found, None)


def _page(found: Mapping[str, bool], next_after: str | None) -> Page:
    keys = tuple(entry for entry, whole in found.items() if whole)
    return Page(keys, tuple(entry for entry, whole in found.items() if not whole), next_after)


@dataclass(frozen=True, slots=True)
class Asked:
    """What all lists are asked for; texts of the answer go through `encoded`."""

    bucket: str
    prefix: str
    delimiter: str
    limit: int
    encoded: Callable[[str], str]

    def page(self, buckets: Buckets, after: str) -> Page:
        return page(buckets.keys(self.bucket, self.prefix), self.prefix, self.delimiter, after, self.limit)

    def nodes(self, found: Page) -> list[Node]:
        """What every answer begins with."""
        nodes: list[Node] = [("Name", self.bucket), ("Prefix", self.encoded(self.prefix)), ("MaxKeys", self.limit)]
        nodes += [("Delimiter", self.encoded(self.delimiter))] if self.delimiter else []
        nodes += [("EncodingType", "url")] if self.encoded is quote else []
        return [*nodes, ("IsTruncated", str(found.next_after is not None).lower())]

    def prefixes(self, found: Page) -> list[Node]:
        return [("CommonPrefixes", [("Prefix", self.encoded(each))]) for each in found.prefixes]


def asked(bucket: str, given: Mapping[str, str]) -> Asked:
    """A request's parameters."""
    limit = min(number("max-keys", given.get("max-keys", "")), MAX_KEYS)
    encoded = quote if given.get("encoding-type") == "url" else str
    return Asked(bucket, given.get("prefix", ""), given.get("delimiter", ""), limit, encoded)


def objects_2(buckets: Buckets, bucket: str, given: Mapping[str, str]) -> bytes:
    """ListObjectsV2."""
    wanted = asked(bucket, given)
    after = _decoded(given["continuation-token"]) if "continuation-token" in given else given.get("start-after", "")
    found = wanted.page(buckets, after)
    nodes = [*wanted.nodes(found), ("KeyCount", len(found.keys) + len(found.prefixes))]
    nodes += [("ContinuationToken", given["continuation-token"])] if "continuation-token" in given else []
    nodes += [("StartAfter", wanted.encoded(given["start-after"]))] if "start-after" in given else []
    nodes += [("NextContinuationToken", _encoded(found.next_after))] if found.next_after is not None else []
    owner = [OWNER] if given.get("fetch-owner") == "true" else []
    contents = [("Contents", _object(each, wanted, owner)) for each in _found(buckets, bucket, found.keys)]
    return document("ListBucketResult", [*nodes, *contents, *wanted.prefixes(found)])


def objects_1(buckets: Buckets, bucket: str, given: Mapping[str, str]) -> bytes:
    """ListObjects. S3 names the next marker only where there is a delimiter; else it is the last key."""
    wanted = asked(bucket, given)
    marker = given.get("marker", "")
    found = wanted.page(buckets, marker)
    nodes = [*wanted.nodes(found), ("Marker", wanted.encoded(marker))]
    if found.next_after is not None and wanted.delimiter:
        nodes.append(("NextMarker", wanted.encoded(found.next_after)))
    contents = [("Contents", _object(each, wanted, [OWNER])) for each in _found(buckets, bucket, found.keys)]
    return document("ListBucketResult", [*nodes, *contents, *wanted.prefixes(found)])


def versions(buckets: Buckets, bucket: str, given: Mapping[str, str]) -> bytes:
    """ListObjectVersions: each object has one version, null."""
    wanted = asked(bucket, given)
    marker = given.get("key-marker", "")
    found = wanted.page(buckets, marker)
    nodes = [*wanted.nodes(found), ("KeyMarker", wanted.encoded(marker)), ("VersionIdMarker", "")]
    if found.next_after is not None:
        nodes += [("NextKeyMarker", wanted.encoded(found.next_after)), ("NextVersionIdMarker", "null")]
    version: list[Node] = [("VersionId", "null"), ("IsLatest", "true"), OWNER]
    contents = [("Version", _object(each, wanted, version)) for each in _found(buckets, bucket, found.keys)]
    return document("ListVersionsResult", [*nodes, *contents, *wanted.prefixes(found)])


def _found(buckets: Buckets, bucket: str, keys: Iterable[str]) -> Iterator[Object]:
    """The objects of these keys that are still there."""
    for key in keys:
        try:
            yield buckets.find(bucket, key)
        except Fault as fault:
            if fault.code != "NoSuchKey":
                raise


def _object(object: Object, wanted: Asked, more: list[Node]) -> list[Node]:
    known, checksum = object.about, object.about.checksum
    summed: list[Node] = (
        [("ChecksumAlgorithm", checksum.algorithm), ("ChecksumType", checksum.kind)] if checksum else []
    )
    return [
        ("Key", wanted.encoded(object.key)),
        ("LastModified", iso(object.modified)),
        ("ETag", f'"{known.etag}"'),
        *summed,
        ("Size", object.size),
        ("StorageClass", known.headers.get("x-amz-storage-class", "STANDARD")),
        *more,
    ]


def iso(seconds: float) -> str:
    """A time as S3's XML has it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def number(name: str, text: str) -> int:
    """How many entries a client wants at most."""
    if not re.fullmatch("[0-9]{0,9}", text):
        raise Fault(
            "InvalidArgument",
            f"Provided {name} not an integer or within integer range",
            ArgumentName=name,
            ArgumentValue=text[:100],
        )
    return int(text or MAX_KEYS)


def _encoded(after: str) -> str:
    return base64.urlsafe_b64encode(after.encode()).decode()


def _decoded(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, ValueError):
        raise Fault("InvalidArgument", "The continuation token provided is incorrect") from None
