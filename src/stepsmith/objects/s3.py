"""S3 as the function's role sees it, or the endpoint that ``AWS_ENDPOINT_URL_S3`` or ``AWS_ENDPOINT_URL`` names.

Region and credentials come from the environment, where Lambda puts its role's; other sources of credentials (profiles,
containers) are not asked. Requests are those of the S3 API Reference: GetObject, PutObject (``If-None-Match: *`` to
create), HeadObject, ListObjectsV2.

What may pass is tried again: no connection, no whole answer, 5xx, ``SlowDown`` ("Best practices design patterns" of the
S3 User Guide), with a wait drawn at random below a bound that doubles. Nothing is tried after `PATIENCE_SECONDS`. A
create whose answer got lost can so meet its own object, as `FileExistsError`.
"""

from __future__ import annotations

import hashlib
import os
import random
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from stepsmith.signing import S3, Asked, authorization, iso

from .connections import Answer, Connections, Request, Server
from .store import Mode, Objects, ObjectsUnavailable, no_object, object_exists
from .uri import Location

WAITS_SECONDS: Final = (0.2, 0.4, 0.8)
"""Bounds of the waits between attempts."""
PATIENCE_SECONDS: Final = 10.0
PASSING: Final = frozenset({429, 500, 502, 503, 504})
PASSING_CODES: Final = frozenset({"ConditionalRequestConflict", "OperationAborted", "RequestTimeout"})
"""Of answers 400 and 409."""


class NoCredentials(RuntimeError):
    """There is nothing to sign with."""


@dataclass(frozen=True)
class Credentials:
    access_key: str
    secret: str
    token: str | None


@dataclass(frozen=True)
class _Wish:
    """What is asked of S3 about an object, or (with a query) about a bucket."""

    method: str
    at: Location
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Lost:
    """No answer came."""

    error: Exception


class S3Objects(Objects):
    """Objects of S3. The environment is read at each request; `sleep` takes seconds."""

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        connections: Connections | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._environment = environment
        self._connections = connections or Connections()
        self._sleep = sleep

    def get(self, uri: str | Location) -> bytes:
        return self._served(_Wish("GET", Location.of(uri))).body

    def put(self, uri: str | Location, data: bytes, media_type: str, *, mode: Mode = "overwrite") -> None:
        condition = {"if-none-match": "*"} if mode == "create" else {}
        self._served(_Wish("PUT", Location.of(uri), {"content-type": media_type, **condition}, data))

    def size(self, uri: str | Location) -> int:
        return self._served(_Wish("HEAD", Location.of(uri))).length

    def list(self, prefix: str | Location) -> list[tuple[Location, int]]:
        under = Location.of(prefix)
        found = (pair for page in self._pages(under) for pair in _contents(page, under.bucket))
        return sorted(found, key=lambda pair: pair[0].key)

    def _pages(self, under: Location) -> Iterator[bytes]:
        token: str | None = ""
        while token is not None:
            query = {"list-type": "2", "prefix": under.key, **({"continuation-token": token} if token else {})}
            page = self._served(_Wish("GET", Location(under.bucket, ""), query=query)).body
            yield page
            token = _next_page(page)

    def _served(self, wish: _Wish) -> Answer:
        """The answer to a wish that was served, if need be the fourth time it was asked."""
        until = time.monotonic() + PATIENCE_SECONDS
        answer = self._asked(wish)
        for bound in WAITS_SECONDS:
            if not _may_pass(answer) or time.monotonic() > until:
                break
            self._sleep(random.uniform(0, bound))
            answer = self._asked(wish)
        return _checked(answer, wish.at)

    def _asked(self, wish: _Wish) -> Answer | _Lost:
        server, folder = self._place(wish.at.bucket)
        request = self._signed(wish, server.host, f"{folder}/{quote(wish.at.key, safe='/~')}")
        try:
            return self._connections.exchange(server, request)
        except (OSError, HTTPException) as error:
            return _Lost(error)

    def _place(self, bucket: str) -> tuple[Server, str]:
        """The server of a bucket, and the path below which its keys are."""
        if endpoint := self._environment.get("AWS_ENDPOINT_URL_S3") or self._environment.get("AWS_ENDPOINT_URL"):
            parts = urlsplit(endpoint)
            return Server(parts.scheme, parts.netloc), f"{parts.path.rstrip('/')}/{bucket}"
        host = f"s3.{self._region()}.amazonaws.com"
        if "." in bucket:  # S3's certificate holds for one label before its own name.
            return Server("https", host), f"/{bucket}"
        return Server("https", f"{bucket}.{host}"), ""

    def _region(self) -> str:
        return self._environment.get("AWS_REGION") or self._environment.get("AWS_DEFAULT_REGION") or "us-east-1"

    def _signed(self, wish: _Wish, host: str, path: str) -> Request:
        key, payload = self._credentials(), hashlib.sha256(wish.body).hexdigest()
        token = {"x-amz-security-token": key.token} if key.token else {}
        always = {"host": host, "x-amz-content-sha256": payload, "x-amz-date": iso(time.time())}
        asked = Asked(wish.method, path, urlencode(wish.query, quote_via=quote), {**wish.headers, **always, **token})
        signature = authorization(key, self._region(), S3, asked, payload)
        target = f"{path}?{asked.query}" if asked.query else path
        return Request(wish.method, target, {**asked.headers, "authorization": signature}, wish.body)

    def _credentials(self) -> Credentials:
        found = self._environment
        try:
            key, secret = found["AWS_ACCESS_KEY_ID"], found["AWS_SECRET_ACCESS_KEY"]
        except KeyError as missing:
            raise NoCredentials(f"{missing.args[0]} is not in the environment, where Lambda puts it.") from None
        return Credentials(key, secret, found.get("AWS_SESSION_TOKEN"))


def _may_pass(answer: Answer | _Lost) -> bool:
    match answer:
        case _Lost():
            return True
        case Answer():
            return answer.status in PASSING or (answer.status in (400, 409) and _code(answer) in PASSING_CODES)


def _checked(answer: Answer | _Lost, at: Location) -> Answer:
    """The answer, or what it refuses as one of Python's errors, without the store's own words: they can hold a
    signature."""
    match answer:
        case _Lost(error):
            raise _unserved(at, type(error).__name__) from error
        case Answer(200):
            return answer
        case Answer(404):
            raise no_object(at)
        case Answer(412):
            raise object_exists(at)
        case Answer(401 | 403):
            raise PermissionError(f"This function's role may not reach {str(at)!r}{_because(answer)}.")
        case Answer(status):
            raise _unserved(at, f"HTTP {status}{_because(answer)}")


def _unserved(at: Location, why: str) -> ObjectsUnavailable:
    return ObjectsUnavailable(f"The artifact store did not serve {str(at)!r} ({why}).")


def _because(answer: Answer) -> str:
    return f" ({code})" if (code := _code(answer)) else ""


def _code(answer: Answer) -> str:
    """The error's code, `AccessDenied` for one; the answer to a HEAD request has none."""
    found = re.search(rb"<Code>([A-Za-z]{1,60})</Code>", answer.body)
    return found[1].decode() if found else ""


def _contents(page: bytes, bucket: str) -> Iterator[tuple[Location, int]]:
    from xml.etree import ElementTree  # Few functions list.

    for each in ElementTree.fromstring(page).iterfind("{*}Contents"):
        yield Location(bucket, each.findtext("{*}Key", "")), int(each.findtext("{*}Size", "0"))


def _next_page(page: bytes) -> str | None:
    from xml.etree import ElementTree

    return ElementTree.fromstring(page).findtext("{*}NextContinuationToken")
