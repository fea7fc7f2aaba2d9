"""The client of these benchmarks, the same for every server: one socket that is kept open, requests signed by hand.

Nothing of an SDK is measured: a call is one write and as many reads as the answer needs. A server that closes the
connection after its answer is connected to again, at its own cost.
"""

from __future__ import annotations

import hashlib
import socket
import time
from typing import Any

import orjson

from stepsmith.local.endpoint.signature import Session
from stepsmith.signing import Asked, authorization, iso

REGION = "us-east-1"
_END = b"\r\n\r\n"


class Refused(Exception):
    """The server answered an error."""


class Wire:
    """Step Functions and Lambda at a port of this machine."""

    def __init__(self, port: int, session: Session) -> None:
        self._port, self._session = port, session
        self._socket: socket.socket | None = None

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def call(self, action: str, **given: Any) -> dict[str, Any]:
        """The answer of an action. Raises Refused, OSError."""
        status, body = self.send(self._request(action, orjson.dumps(given)))
        if status != 200:
            raise Refused(f"{action}: {status} {body[:300]!r}")
        answered: dict[str, Any] = orjson.loads(body)
        return answered

    def post(
        self, path: str, body: bytes = b"", service: str = "lambda", content_type: str = "application/json"
    ) -> tuple[int, bytes]:
        """Status and body of the answer of a REST or query API."""
        signed = {"host": f"127.0.0.1:{self._port}", "x-amz-date": iso(time.time())}
        return self.send(self._signed(service, Asked("POST", path, "", signed), body, content_type))

    def send(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the answer to one whole request."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=120)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        try:
            return self._answer(self._socket)
        except OSError:
            self.close()
            raise

    def _answer(self, connection: socket.socket) -> tuple[int, bytes]:
        """Acknowledges at once: a server that writes head and body apart would else wait 40 ms for that (Nagle)."""
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        received = b""
        while _END not in received:
            received += _some(connection)
        head, _, body = received.partition(_END)
        headers = head.lower()
        length = int(headers.split(b"content-length:")[1].split(b"\r\n")[0])
        while len(body) < length:
            body += _some(connection)
        if head.startswith(b"HTTP/1.0") or b"connection: close" in headers:
            self.close()
        return int(head[9:12]), body

    def _request(self, action: str, body: bytes) -> bytes:
        target = f"AWSStepFunctions.{action}"
        signed = {"host": f"127.0.0.1:{self._port}", "x-amz-date": iso(time.time()), "x-amz-target": target}
        return self._signed("states", Asked("POST", "/", "", signed), body, "application/x-amz-json-1.0")

    def _signed(self, service: str, asked: Asked, body: bytes, content_type: str) -> bytes:
        signature = authorization(self._session, REGION, service, asked, hashlib.sha256(body).hexdigest())
        headers = {
            **asked.headers,
            "authorization": signature,
            "content-length": len(body),
            "content-type": content_type,
        }
        lines = [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join([f"{asked.method} {asked.path} HTTP/1.1", *lines])
        return f"{head}\r\n\r\n".encode() + body


def _some(connection: socket.socket) -> bytes:
    received = connection.recv(1 << 18)
    if not received:
        raise ConnectionResetError("the server closed the connection")
    return received
