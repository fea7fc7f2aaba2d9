"""An object in HTTP's headers: what a PUT says of it, and what GET and HEAD answer."""

from collections.abc import Mapping
from email.utils import formatdate
from urllib.parse import parse_qsl

from . import checksums, tags
from .checksums import Checksum
from .faults import Fault, not_here
from .records import OCTETS, About, Object

METADATA = "x-amz-meta-"
MAX_METADATA_BYTES = 2048
ENCRYPTION = "x-amz-server-side-encryption"

_KEPT = (
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
    ENCRYPTION,
    f"{ENCRYPTION}-aws-kms-key-id",
    f"{ENCRYPTION}-bucket-key-enabled",
)
_OVERRIDES = ("Content-Type", "Content-Disposition", "Content-Encoding", "Content-Language", "Cache-Control", "Expires")
_NOT_HERE = ("x-amz-object-lock-", f"{ENCRYPTION}-customer-")
_ACLS = ("private", "bucket-owner-full-control")
"""What a bucket whose owner owns all objects takes, which is how buckets are made today."""


def about(headers: Mapping[str, str]) -> About:
    """What is to be kept of an object besides its bytes; ETag and checksum come with these."""
    _check(headers)
    metadata = {name.removeprefix(METADATA): value for name, value in headers.items() if name.startswith(METADATA)}
    if sum(len(name.encode()) + len(value.encode()) for name, value in metadata.items()) > MAX_METADATA_BYTES:
        raise Fault("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size")
    kept = {name: headers[name] for name in _KEPT if headers.get(name)}
    encoding = ",".join(each for each in kept.pop("content-encoding", "").split(",") if each.strip() != "aws-chunked")
    if encoding:
        kept["content-encoding"] = encoding
    tagged = tags.checked(parse_qsl(headers.get("x-amz-tagging", ""), keep_blank_values=True))
    return About("", headers.get("content-type") or OCTETS, metadata, kept, tagged)


def answered(found: Object, asked: Mapping[str, str]) -> dict[str, str]:
    """The headers of an object; a request may override some (`response-content-type` and so on)."""
    known = found.about
    headers = {
        "Accept-Ranges": "bytes",
        "Content-Type": known.content_type,
        "ETag": f'"{known.etag}"',
        "Last-Modified": formatdate(found.modified, usegmt=True),
        ENCRYPTION: "AES256",
        **{name: value for name, value in known.headers.items() if value != "STANDARD"},
        **{f"{METADATA}{name}": value for name, value in known.metadata.items()},
        **({"x-amz-tagging-count": str(len(known.tags))} if known.tags else {}),
    }
    overrides = {name: asked[key] for name in _OVERRIDES if (key := f"response-{name.lower()}") in asked}
    if not "".join(overrides.values()).isprintable():
        raise Fault("InvalidArgument", "A header of the answer has no control characters.")
    return headers | overrides


def summed(checksum: Checksum | None) -> dict[str, str]:
    """The headers that tell of a checksum."""
    return {checksum.header: checksum.value, f"{checksums.PREFIX}type": checksum.kind} if checksum else {}


def _check(headers: Mapping[str, str]) -> None:
    for name in headers:
        if name.startswith(_NOT_HERE):
            raise not_here(name)
    grants = [name for name in headers if name.startswith("x-amz-grant-")]
    if grants or headers.get("x-amz-acl", "private") not in _ACLS:
        raise Fault("AccessControlListNotSupported", "The bucket does not allow ACLs")
