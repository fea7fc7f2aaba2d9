"""Who calls: AWS Signature Version 4, in headers or in a presigned URL, by a key of this endpoint.

    claim = claimed(asked)                             what the request says about itself
    session = sessions.find(claim, now_ms)             whose key that is, and whether it is time
    signed = claim.verified(session, asked, payload)   the signature fits, so the request is theirs

In three steps, so that a stranger is turned away before a byte of the body is read. Every session has a key and a
secret, a function's also a token, and acts as one role. How a signature is computed: `stepsmith.signing`.
"""

import functools
import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol

from stepsmith.local.roles import Principal
from stepsmith.signing import ALGORITHM, Asked, canonical_request, iso, mac, sign, signing_key

from .refusals import Reason, Refused

_SKEW_SECONDS = 900
_LONGEST_SECONDS = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Session:
    """A key that acts as a role. The token is empty for a key that is no session's."""

    access_key: str
    secret: str
    token: str
    role: Principal


@dataclass(frozen=True, slots=True)
class Claim:
    """What a request says about its signature. `valid_seconds` is that of a presigned URL, else None."""

    access_key: str
    day: str
    region: str
    service: str
    date: str
    token: str
    signed_headers: tuple[str, ...]
    signature: str
    valid_seconds: int | None = None

    @property
    def scope(self) -> str:
        return f"{self.day}/{self.region}/{self.service}/aws4_request"

    def check_time(self, now: float) -> None:
        """Refused: it is too early or too late for this signature; `now` in seconds since 1970."""
        age = now - _seconds(self.date)
        if self.valid_seconds is not None and age > self.valid_seconds:
            raise Refused(Reason.EXPIRED, f"{self.date} was valid for {self.valid_seconds} seconds")
        if age < -_SKEW_SECONDS:
            raise Refused(Reason.EARLY, _apart(self.date, "still later", now, _SKEW_SECONDS))
        if self.valid_seconds is None and age > _SKEW_SECONDS:
            raise Refused(Reason.LATE, _apart(self.date, "now earlier", now, -_SKEW_SECONDS))

    def verified(self, session: Session, asked: Asked, payload: str) -> "Signed":
        """The request as signed; `payload` is the body's SHA-256 in hex, or what stands in its place. Refused: the
        signature does not fit."""
        signed = Signed(session, payload, self.date, self.scope, self.signature)
        canonical = canonical_request(asked, self.service, self.signed_headers, payload)
        expected = sign(signed.key(), self.date, self.scope, canonical)
        if not hmac.compare_digest(expected.encode(), self.signature.encode()):
            raise Refused(Reason.MISMATCH)
        return signed


class Claimed(Protocol):
    """What a request says about its signature, of whatever kind."""

    @property
    def access_key(self) -> str: ...

    @property
    def token(self) -> str: ...

    @property
    def service(self) -> str: ...

    @property
    def valid_seconds(self) -> int | None: ...

    def check_time(self, now: float) -> None: ...

    def verified(self, session: Session, asked: Asked, payload: str) -> "Signed": ...


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
        return signing_key(self.session.secret, day, region, service)


class Sessions:
    """The keys of this endpoint: those issued here live as long as it does."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def issue(self, role: Principal) -> Session:
        """A new key for a role."""
        access_key = f"ASIA{secrets.token_hex(8).upper()}"
        return self.add(Session(access_key, secrets.token_urlsafe(30), secrets.token_urlsafe(30), role))

    def add(self, session: Session) -> Session:
        self._sessions[session.access_key] = session
        return session

    def find(self, claim: "Claimed", now_ms: int) -> Session:
        """Whose key the claim names. Refused: none of ours, another's token, or another time than now."""
        session = self._sessions.get(claim.access_key)
        if session is None:
            raise Refused(Reason.UNKNOWN_KEY)
        if not hmac.compare_digest(session.token.encode(), claim.token.encode()):
            raise Refused(Reason.WRONG_TOKEN)
        claim.check_time(now_ms / 1000)
        return session


def claimed(asked: Asked) -> Claim:
    """What the request says about its signature. Refused: it is not signed, or not as a signature must be."""
    claim = _presigned(asked) if "X-Amz-Signature=" in asked.query else _in_headers(asked)
    if claim.day != claim.date[:8]:
        raise Refused(
            Reason.SCOPE, f"Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date: {claim.day}"
        )
    if "host" not in claim.signed_headers:
        raise Refused(Reason.INCOMPLETE, "'Host' must be a 'SignedHeader' in the AWS Authorization.")
    unsigned = {name for name in asked.headers if name.startswith("x-amz-")} - _SIGNED_ANYWAY - {*claim.signed_headers}
    if unsigned:
        raise Refused(Reason.UNSIGNED_HEADERS, ", ".join(sorted(unsigned)))
    return claim


_SIGNED_ANYWAY = {"x-amz-content-sha256"}
"""Every `x-amz-*` header must be signed ("Authenticating Requests: Using Query Parameters"): whoever holds a presigned
URL must not make a copy of another object of it. The payload's hash is signed in any case."""

_AUTHORIZATION = re.compile(
    rf"{ALGORITHM} +Credential=([^, ]+), *SignedHeaders=([a-z0-9;._-]+), *Signature=([0-9a-f]{{64}})"
)


def _in_headers(asked: Asked) -> Claim:
    authorization = asked.headers.get("authorization", "")
    if not authorization:
        raise Refused(Reason.UNSIGNED)
    found = _AUTHORIZATION.fullmatch(authorization)
    if found is None:
        raise Refused(Reason.INCOMPLETE, _what_lacks(authorization))
    date, token = asked.headers.get("x-amz-date", ""), asked.headers.get("x-amz-security-token", "")
    if not date:
        lacking = "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header."
        raise Refused(Reason.INCOMPLETE, lacking)
    credential, names, signature = found.groups()
    return _claim(credential, date, token, names, signature)


def _what_lacks(authorization: str) -> str:
    parts = ("Credential", "Signature", "SignedHeaders")
    lacking = [
        f"Authorization header requires '{part}' parameter." for part in parts if f"{part}=" not in authorization
    ]
    return " ".join(lacking) or f"The authorization must be {ALGORITHM} Credential=.., SignedHeaders=.., Signature=.."


def _presigned(asked: Asked) -> Claim:
    given = asked.parameters
    seconds, names = given.get("X-Amz-Expires", ""), given.get("X-Amz-SignedHeaders", "")
    if given.get("X-Amz-Algorithm") != ALGORITHM or not _is_span(seconds):
        raise Refused(Reason.INCOMPLETE, "A presigned URL names its algorithm and is valid for at most seven days.")
    credential, date, token = (given.get(f"X-Amz-{name}", "") for name in ("Credential", "Date", "Security-Token"))
    return _claim(credential, date, token, names, given.get("X-Amz-Signature", ""), int(seconds))


def _is_span(seconds: str) -> bool:
    return re.fullmatch("[0-9]{1,6}", seconds) is not None and int(seconds) <= _LONGEST_SECONDS


def _claim(credential: str, date: str, token: str, names: str, signature: str, valid: int | None = None) -> Claim:
    parts = credential.split("/")
    if len(parts) != 5 or parts[4] != "aws4_request":
        shape = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term"
        raise Refused(Reason.INCOMPLETE, f"{shape}, got '{credential[:200]}'")
    access_key, day, region, service, _ = parts
    return Claim(access_key, day, region, service, date, token, tuple(names.split(";")), signature, valid)


def _apart(date: str, how: str, now: float, bound: int) -> str:
    sign = "+" if bound > 0 else "-"
    return f"{date} is {how} than {iso(now + bound)} ({iso(now)} {sign} {_SKEW_SECONDS // 60} min.)"


def sign_chunk(signed: Signed, previous: str, data_sha256: str) -> str:
    """The signature of one chunk of a signed streaming body."""
    empty = hashlib.sha256(b"").hexdigest()
    text = "\n".join([f"{ALGORITHM}-PAYLOAD", signed.date, signed.scope, previous, empty, data_sha256])
    return mac(signed.key(), text).hex()


@functools.lru_cache(maxsize=64)
def _seconds(date: str) -> float:
    try:
        return datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).timestamp()
    except ValueError:
        lacking = (
            f"Date must be in ISO-8601 'basic format'. Got '{date[:40]}'. See http://en.wikipedia.org/wiki/ISO_8601"
        )
        raise Refused(Reason.INCOMPLETE, lacking) from None
