"""HTTP connections that are kept between requests, by the standard library: what a cold start can afford.

Threads may share them: each request has a connection of its own. One that the server has closed meanwhile is noticed
when it is used, and the request is sent on another. No proxy is asked.
"""

from __future__ import annotations

import ssl
from collections import defaultdict, deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPSConnection

TIMEOUT_SECONDS = 10.0
"""For connecting, and for each wait for bytes."""
MOST_KEPT = 16
"""Idle connections to one server; nobody reads more objects at once."""


@dataclass(frozen=True)
class Server:
    """`scheme` is https or http; `host` has the port, unless it is the scheme's own."""

    scheme: str
    host: str


@dataclass(frozen=True)
class Request:
    """`target` is the path with its query, both encoded."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Answer:
    """`length` is the header's: of a HEAD request the object's size."""

    status: int
    length: int
    body: bytes


class Connections:
    """Connections to any servers; `timeout_seconds` for connecting, and for each wait for bytes."""

    def __init__(self, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self._timeout = timeout_seconds
        self._kept: defaultdict[Server, deque[HTTPConnection]] = defaultdict(lambda: deque(maxlen=MOST_KEPT))

    def exchange(self, server: Server, request: Request) -> Answer:
        """The answer, read whole. Raises `OSError` and `http.client.HTTPException`."""
        while kept := self._take(server):
            with suppress(ConnectionError, ssl.SSLError):  # It was closed meanwhile.
                return self._ask(server, kept, request)
        return self._ask(server, self._open(server), request)

    def _take(self, server: Server) -> HTTPConnection | None:
        try:
            return self._kept[server].pop()
        except IndexError:
            return None

    def _open(self, server: Server) -> HTTPConnection:
        if server.scheme == "http":
            return HTTPConnection(server.host, timeout=self._timeout)
        return HTTPSConnection(server.host, timeout=self._timeout, context=self._trust)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        """Made once: it reads all authorities, which takes 20 ms."""
        return ssl.create_default_context()

    def _ask(self, server: Server, connection: HTTPConnection, request: Request) -> Answer:
        try:
            with suppress(BrokenPipeError):  # A server that refuses may answer before it has read the body.
                connection.request(request.method, request.target, request.body or None, dict(request.headers))
            response = connection.getresponse()
            answer = Answer(response.status, int(response.headers.get("content-length") or 0), response.read())
        except BaseException:
            connection.close()
            raise
        if connection.sock is not None:  # Else the server wants no more of it.
            self._kept[server].append(connection)
        return answer
