"""ListObjectsV2: pages of keys, with those that share a prefix up to a delimiter rolled into one."""

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from .documents import Node, document
from .faults import Fault
from .folder import Buckets, Object

MAX_KEYS = 1000


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
            return _page(found, list(found)[-1] if found else after)
        found[entry] = end < 0
    return _page(found, None)


def _page(found: Mapping[str, bool], next_after: str | None) -> Page:
    keys = tuple(entry for entry, whole in found.items() if whole)
    return Page(keys, tuple(entry for entry, whole in found.items() if not whole), next_after)


def answer(buckets: Buckets, bucket: str, asked: Mapping[str, str]) -> bytes:
    """The document for a request's parameters."""
    prefix, delimiter = asked.get("prefix", ""), asked.get("delimiter", "")
    limit = min(_number(asked.get("max-keys", "")), MAX_KEYS)
    after = _decoded(asked["continuation-token"]) if "continuation-token" in asked else asked.get("start-after", "")
    found = page(buckets.keys(bucket, prefix), prefix, delimiter, after, limit)
    encoded = quote if asked.get("encoding-type") == "url" else str
    nodes: list[Node] = [("Name", bucket), ("Prefix", encoded(prefix)), ("MaxKeys", limit)]
    nodes += [
        ("KeyCount", len(found.keys) + len(found.prefixes)),
        ("IsTruncated", str(found.next_after is not None).lower()),
    ]
    nodes += [(name, encoded(value)) for name, value in (("Delimiter", delimiter),) if value]
    nodes += [(name, asked[key]) for key, name in _ECHOED.items() if key in asked]
    if found.next_after is not None:
        nodes.append(("NextContinuationToken", _encoded(found.next_after)))
    nodes += [("Contents", _contents(each, encoded(each.key))) for each in _found(buckets, bucket, found.keys)]
    nodes += [("CommonPrefixes", [("Prefix", encoded(each))]) for each in found.prefixes]
    return document("ListBucketResult", nodes)


def _found(buckets: Buckets, bucket: str, keys: Iterable[str]) -> Iterator[Object]:
    """The objects of these keys that are still there."""
    for key in keys:
        try:
            yield buckets.find(bucket, key)
        except Fault as fault:
            if fault.code != "NoSuchKey":
                raise


_ECHOED = {"continuation-token": "ContinuationToken", "encoding-type": "EncodingType", "start-after": "StartAfter"}


def _contents(object: Object, key: str) -> list[Node]:
    return [
        ("Key", key),
        ("LastModified", iso(object.modified)),
        ("ETag", f'"{object.about.etag}"'),
        ("Size", object.size),
        ("StorageClass", "STANDARD"),
    ]


def iso(seconds: float) -> str:
    """A time as S3's XML has it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _number(text: str) -> int:
    if not re.fullmatch("[0-9]{0,9}", text):
        raise Fault("InvalidArgument", "Provided max-keys not an integer or within integer range")
    return int(text or MAX_KEYS)


def _encoded(after: str) -> str:
    return base64.urlsafe_b64encode(after.encode()).decode()


def _decoded(token: str) -> str:
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, ValueError):
        raise Fault("InvalidArgument", "The continuation token provided is incorrect") from None
