"""Presigned URLs of S3's older kind, which boto3 still makes for us-east-1 unless it is told otherwise.

    /bucket/key?AWSAccessKeyId=..&Expires=1767225600&Signature=..

The signature is an HMAC-SHA1 over method, type, end, `x-amz-*` headers and the resource ("Signing and authenticating
REST requests" in the S3 user guide). Of the parameters it covers those alone that the guide lists: a URL with others is
refused, because its holder may have added them.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass

from stepsmith.signing import S3, Asked

from .front import bucket_of
from .refusals import Reason, Refused
from .signature import Session, Signed

SCOPE = "0/us-east-1/s3/aws2_request"
"""Chunks of a body cannot be signed by such a URL; this stands where they would be."""

_OF_URL = frozenset({"AWSAccessKeyId", "Expires", "Signature"})
_TOLD = frozenset({"content-type", "content-md5"})  # boto3 tells its holder which headers to send
_COVERED = frozenset(
    {
        *("acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "object-lock", "partNumber"),
        *("policy", "replication", "requestPayment", "restore", "tagging", "uploadId", "uploads", "versionId"),
        *("versioning", "versions", "website", "response-cache-control", "response-content-disposition"),
        *("response-content-encoding", "response-content-language", "response-content-type", "response-expires"),
    }
)


@dataclass(frozen=True, slots=True)
class Presigned:
    """What such a URL says about its signature; `expires` in seconds since 1970."""

    access_key: str
    token: str
    expires: int
    signature: str
    service: str = S3
    valid_seconds: int | None = 0
    """It is bound to `expires` instead."""

    def check_time(self, now: float) -> None:
        if now > self.expires:
            raise Refused(Reason.EXPIRED, f"it was valid until {self.expires}")

    def verified(self, session: Session, asked: Asked, payload: str) -> Signed:
        digest = hmac.digest(session.secret.encode(), _signed_text(asked, self.expires).encode(), hashlib.sha1)
        if not hmac.compare_digest(base64.b64encode(digest), self.signature.encode()):
            raise Refused(Reason.MISMATCH)
        return Signed(session, payload, "", SCOPE, self.signature)


def claimed(asked: Asked) -> Presigned | None:
    """What the URL says about its signature; None: it is not of this kind. Refused: it is not whole."""
    given = asked.parameters
    if not given.keys() >= _OF_URL:
        return None
    uncovered = sorted(name for name in given.keys() - _OF_URL - _TOLD - _COVERED if not name.startswith("x-amz-"))
    if uncovered or not re.fullmatch("[0-9]{1,11}", given["Expires"]):
        what = f"not {', '.join(uncovered)[:100]}" if uncovered else "Expires must be seconds since 1970"
        said = f"This kind of signature covers an object and what is asked of it ({what}); use Signature Version 4."
        raise Refused(Reason.INCOMPLETE, said)
    return Presigned(
        given["AWSAccessKeyId"], given.get("x-amz-security-token", ""), int(given["Expires"]), given["Signature"]
    )


def _signed_text(asked: Asked, expires: int) -> str:
    headers = asked.headers
    first = [asked.method, headers.get("content-md5", ""), headers.get("content-type", ""), str(expires)]
    return "\n".join([*first, *_amazons(asked), _resource(asked)])


def _amazons(asked: Asked) -> Iterator[str]:
    """Every `x-amz-*` of the request, wherever it stands."""
    told = {**asked.parameters, **asked.headers}
    yield from (f"{name}:{told[name].strip()}" for name in sorted(told) if name.startswith("x-amz-"))


def _resource(asked: Asked) -> str:
    """`/bucket/key` as it was sent, with the parameters that are covered."""
    bucket, given = bucket_of(asked.headers.get("host", "")), asked.parameters
    covered = sorted((name, given[name]) for name in given.keys() & _COVERED)
    query = "&".join(f"{name}={value}" if value else name for name, value in covered)
    return (f"/{bucket}" if bucket else "") + asked.path + (f"?{query}" if query else "")
