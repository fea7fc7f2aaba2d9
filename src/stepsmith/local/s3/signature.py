"""Who calls: AWS Signature Version 4, in headers or in a presigned URL, by a session key of this endpoint.

Every session has a key, a secret and a token of its own and acts as one role. Steps and names follow "Signature
Version 4 signing process" and "Authenticating Requests (AWS Signature Version 4)" of the S3 API reference.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import quote, unquote

from .faults import Fault

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
_SKEW_SECONDS = 900
_LONGEST_SECONDS = 7 * 86_400


class Permissions(Protocol):
    """What a session may touch."""

    @property
    def buckets(self) -> tuple[str, ...]: ...

    def allows(self, bucket: str, key: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Session:
    """A key that acts as a role."""

    access_key: str
    secret: str
    token: str
    role: Permissions


@dataclass(frozen=True, slots=True)
class Asked:
    """The parts of a request that are signed. `path` and `query` are as sent; header names are lower-case."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]

    @property
    def parameters(self) -> dict[str, str]:
        """The query's parameters, decoded; of a repeated one the last."""
        return dict(_pairs(self.query))


@dataclass(frozen=True, slots=True)
class Signed:
    """A verified request: whose it is, and what is needed to check signed chunks of its body."""

    session: Session
    payload: str
    date: str
    scope: str
    signature: str

    def key(self) -> bytes:
        day, region, service, _ = self.scope.split("/")
        return _signing_key(self.session.secret, day, region, service)


class Sessions:
    """The keys of this endpoint; they live as long as it does."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def issue(self, role: Permissions) -> Session:
        """A new key for a role."""
        session = Session(
            f"ASIA{secrets.token_hex(8).upper()}", secrets.token_urlsafe(30), secrets.token_urlsafe(30), role
        )
        self._sessions[session.access_key] = session
        return session

    def verify(self, asked: Asked, now_ms: int) -> Signed:
        """The caller of a request. Fault: not signed, not by a key of this endpoint, too late, or not as signed."""
        claim = _presigned(asked) if "X-Amz-Signature" in asked.parameters else _in_headers(asked)
        session = self._session(claim)
        claim.check_time(now_ms)
        claim.check_headers(asked.headers)
        scope = claim.credential.partition("/")[2]
        signed = Signed(session, claim.payload, claim.date, scope, claim.signature)
        expected = sign(signed.key(), claim.date, scope, _canonical_request(asked, claim))
        if not hmac.compare_digest(expected.encode(), claim.signature.encode()):
            raise Fault("SignatureDoesNotMatch", "The signature does not fit the request; check key, secret and clock.")
        return signed

    def _session(self, claim: "_Claim") -> Session:
        session = self._sessions.get(claim.credential.partition("/")[0])
        if session is None:
            raise Fault("InvalidAccessKeyId", "The access key is none of this endpoint's; keys end with the process.")
        if not hmac.compare_digest(session.token.encode(), claim.token.encode()):
            raise Fault("InvalidToken", "The session token does not belong to the access key.")
        return session


@dataclass(frozen=True, slots=True)
class _Claim:
    """What a request says about its signature."""

    credential: str
    date: str
    token: str
    signed_headers: tuple[str, ...]
    signature: str
    payload: str
    valid_seconds: int | None  # of a presigned URL

    def check_time(self, now_ms: int) -> None:
        age = now_ms / 1000 - _seconds(self.date)
        if self.valid_seconds is not None and age > self.valid_seconds:
            raise Fault("AccessDenied", "Request has expired")
        if age < -_SKEW_SECONDS or (self.valid_seconds is None and age > _SKEW_SECONDS):
            raise Fault("RequestTimeTooSkewed", "The request's time and this machine's differ by over 15 minutes.")

    def check_headers(self, given: Mapping[str, str]) -> None:
        """Every `x-amz-*` header is signed ("Authenticating Requests: Using Query Parameters"): whoever holds a
        presigned URL must not make a copy of another object of it. The payload's hash is signed in any case."""
        amazons = {name for name in given if name.startswith("x-amz-")} - {"x-amz-content-sha256"}
        unsigned = ", ".join(sorted(amazons - set(self.signed_headers)))
        if unsigned:
            raise Fault("AccessDenied", f"There were headers present in the request which were not signed: {unsigned}")


_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} +Credential=([^, ]+), *SignedHeaders=([a-z0-9;._-]+), *Signature=([0-9a-f]{{64}})"
)


def _in_headers(asked: Asked) -> _Claim:
    found = _AUTHORIZATION.fullmatch(asked.headers.get("authorization", ""))
    if found is None:
        raise Fault("AccessDenied", "The request is not signed with AWS Signature Version 4.")
    credential, names, signature = found.groups()
    date, token = asked.headers.get("x-amz-date", ""), asked.headers.get("x-amz-security-token", "")
    payload = asked.headers.get("x-amz-content-sha256")
    if payload is None:
        raise Fault("InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    return _checked(_Claim(credential, date, token, tuple(names.split(";")), signature, payload, None))


def _presigned(asked: Asked) -> _Claim:
    given = asked.parameters
    seconds = given.get("X-Amz-Expires", "")
    if given.get("X-Amz-Algorithm") != ALGORITHM or not _is_span(seconds):
        raise Fault("InvalidArgument", "A presigned URL names its algorithm and is valid for at most seven days.")
    return _checked(
        _Claim(
            credential=given.get("X-Amz-Credential", ""),
            date=given.get("X-Amz-Date", ""),
            token=given.get("X-Amz-Security-Token", ""),
            signed_headers=tuple(given.get("X-Amz-SignedHeaders", "").split(";")),
            signature=given["X-Amz-Signature"],
            payload=UNSIGNED,
            valid_seconds=int(seconds),
        )
    )


def _is_span(seconds: str) -> bool:
    return re.fullmatch("[0-9]{1,6}", seconds) is not None and int(seconds) <= _LONGEST_SECONDS


def _checked(claim: _Claim) -> _Claim:
    """Scope and signed headers have the shape that a signature must have."""
    parts = claim.credential.split("/")
    if len(parts) != 5 or parts[3:] != ["s3", "aws4_request"] or parts[1] != claim.date[:8]:
        raise Fault("InvalidArgument", "The credential's scope must be DATE/REGION/s3/aws4_request.")
    if "host" not in claim.signed_headers:
        raise Fault("AccessDenied", "The host header must be signed.")
    return claim


def _canonical_request(asked: Asked, claim: _Claim) -> str:
    path = quote(unquote(asked.path), safe="/~")
    pairs = sorted((_quoted(name), _quoted(value)) for name, value in _pairs(asked.query) if name != "X-Amz-Signature")
    query = "&".join(f"{name}={value}" for name, value in pairs)
    headers = "".join(f"{name}:{' '.join(asked.headers.get(name, '').split())}\n" for name in claim.signed_headers)
    return "\n".join([asked.method, path, query, headers, ";".join(claim.signed_headers), claim.payload])


def sign(key: bytes, date: str, scope: str, text: str) -> str:
    """The signature of a canonical request."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    return _mac(key, f"{ALGORITHM}\n{date}\n{scope}\n{digest}").hex()


def sign_chunk(signed: Signed, previous: str, data_sha256: str) -> str:
    """The signature of one chunk of a signed streaming body."""
    empty = hashlib.sha256(b"").hexdigest()
    text = "\n".join([f"{ALGORITHM}-PAYLOAD", signed.date, signed.scope, previous, empty, data_sha256])
    return _mac(signed.key(), text).hex()


def _signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = _mac(key, part)
    return key


def _mac(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")


def _pairs(query: str) -> list[tuple[str, str]]:
    split = (pair.partition("=") for pair in query.split("&") if pair)
    return [(unquote(name), unquote(value)) for name, _, value in split]


def _quoted(text: str) -> str:
    return quote(text, safe="~")


def _seconds(date: str) -> float:
    try:
        return datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise Fault("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header") from None
