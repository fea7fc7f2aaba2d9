"""A model vendor's HTTP endpoint on loopback: it gives the answers it was told to give, and keeps what it was asked.

It knows no vendor: a test or a benchmark hands it whole HTTP answers in the vendor's documented shape
(tests/contracts/model_calls has them, each with its source). It can also be as bad as networks are: cut the
connection in the middle of an answer, or never answer.

    with VendorServer() as vendor:
        vendor.will_give(Answer(200, {...}))
        ...                                # a client posts to vendor.url
        vendor.asked[-1].body              # the bytes it sent
"""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Literal, Self

Manner = Literal["whole", "cut", "never"]


@dataclass(frozen=True)
class Answer:
    """An HTTP answer: `body` is JSON, or text as it stands. `manner` says how it comes."""

    status: int = 200
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    manner: Manner = "whole"

    @property
    def data(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()

    @property
    def media_type(self) -> str:
        return "text/html" if isinstance(self.body, str) else "application/json"


@dataclass(frozen=True)
class Asked:
    """What a client sent; header names are lower-case."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class VendorServer:
    """Serves `url` while it is open; the last answer is given again and again."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._answers: deque[Answer] = deque()
        self._closed = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def will_give(self, *answers: Answer) -> None:
        self._answers = deque(answers)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed.set()
        self._server.shutdown()
        self._server.server_close()

    def next_answer(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        return self._answers.popleft() if len(self._answers) > 1 else self._answers[0]

    def wait_for_the_end(self) -> None:
        self._closed.wait()


def _handler(server: VendorServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = server.next_answer(Asked(self.path, headers, body))
            if answer.manner == "never":
                server.wait_for_the_end()
                return
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            self.send_response(answer.status)
            for name, value in {"content-type": answer.media_type, **answer.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(answer.data)))
            self.end_headers()
            self.wfile.write(answer.data[: len(answer.data) // 2] if answer.manner == "cut" else answer.data)
            self.close_connection = answer.manner == "cut"

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed."""

    return Handler
