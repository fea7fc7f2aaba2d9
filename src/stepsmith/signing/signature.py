"""The parts of a signature: the request in its canonical form, the key of a day, and the header made of both."""

from __future__ import annotations

import functools
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol
from urllib.parse import quote, unquote

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
S3 = "s3"


class Key(Protocol):
    """Who signs."""

    @property
    def access_key(self) -> str: ...

    @property
    def secret(self) -> str: ...


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


def authorization(key: Key, region: str, service: str, asked: Asked, payload: str) -> str:
    """The header that signs a request; `asked.headers` has host and x-amz-date, and all of it is signed. `payload` is
    the body's SHA-256 in hex, or what stands in its place."""
    date = asked.headers["x-amz-date"]
    names = sorted(asked.headers)
    scope = f"{date[:8]}/{region}/{service}/aws4_request"
    canonical = canonical_request(asked, service, names, payload)
    signature = sign(signing_key(key.secret, date[:8], region, service), date, scope, canonical)
    credential = f"{key.access_key}/{scope}"
    return f"{ALGORITHM} Credential={credential}, SignedHeaders={';'.join(names)}, Signature={signature}"


def canonical_request(asked: Asked, service: str, signed_headers: Sequence[str], payload: str) -> str:
    """The request as it is signed; a presigned URL's own signature is left out."""
    query = "&".join(f"{name}={value}" for name, value in sorted(_signed_pairs(asked.query))) if asked.query else ""
    headers = "".join(f"{name}:{' '.join(asked.headers.get(name, '').split())}\n" for name in signed_headers)
    path = _canonical_path(asked.path, service == S3)
    return "\n".join([asked.method, path, query, headers, ";".join(signed_headers), payload])


@functools.lru_cache(maxsize=64)
def _canonical_path(path: str, is_encoded_once: bool) -> str:
    return quote(unquote(path) if is_encoded_once else path, safe="/~")


def sign(key: bytes, date: str, scope: str, canonical: str) -> str:
    """The signature of a canonical request."""
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    return mac(key, f"{ALGORITHM}\n{date}\n{scope}\n{digest}").hex()


@functools.lru_cache(maxsize=256)
def signing_key(secret: str, day: str, region: str, service: str) -> bytes:
    """The key of a day; cached, because it takes four of the six hashes that a signature costs."""
    key = f"AWS4{secret}".encode()
    for part in (day, region, service, "aws4_request"):
        key = mac(key, part)
    return key


def mac(key: bytes, text: str) -> bytes:
    """HMAC-SHA256."""
    return hmac.digest(key, text.encode(), "sha256")


def iso(seconds: float) -> str:
    """A time as signatures write it: 20261122T233000Z."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y%m%dT%H%M%SZ")


def _pairs(query: str) -> list[tuple[str, str]]:
    split = (pair.partition("=") for pair in query.split("&") if pair)
    return [(unquote(name), unquote(value)) for name, _, value in split]


def _signed_pairs(query: str) -> list[tuple[str, str]]:
    pairs = ((name, value) for name, value in _pairs(query) if name != "X-Amz-Signature")
    return [(quote(name, safe="~"), quote(value, safe="~")) for name, value in pairs]
