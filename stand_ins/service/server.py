"""What stand-ins of outside services are made of: a server on loopback that answers from a function of the request.

    class Weather(Service):
        VARIABLE = "WEATHER_BASE_URL"                     # the setting of a tool.json that leads here
        SECRETS = ("WEATHER_API_KEY",)                    # keys that the service asks for: any value is taken offline

        def answer(self, asked: Asked) -> Reply:
            return Reply(200, {"place": asked.parameters["q"], "sky": "clear"})

    with Weather() as weather:
        weather.environment        # {"WEATHER_BASE_URL": "http://127.0.0.1:...", "WEATHER_API_KEY": "offline"}
        weather.asked              # what tools asked for

A stand-in has the service's documented shapes, errors and quotas; each says where they are documented.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

OFFLINE_KEY = "offline"
POLL_SECONDS = 0.02
"""How long closing takes at most."""


@dataclass(frozen=True)
class Asked:
    """A request; header names are lower-case, of a repeated parameter the last counts."""

    method: str
    path: str
    parameters: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON, an empty object where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return {}


@dataclass(frozen=True)
class Reply:
    """An answer: `body` is JSON, or text as it stands."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()

    @property
    def media_type(self) -> str:
        return "text/plain; charset=utf-8" if isinstance(self.body, str) else "application/json"


class Service:
    """Serves `url` while it is open. `next_replies` are given first, in their order: faults and quotas of a test."""

    VARIABLE: ClassVar[str]
    SECRETS: ClassVar[tuple[str, ...]] = ()
    PATH: ClassVar[str] = ""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.next_replies: list[Reply] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}{self.PATH}"

    def answer(self, asked: Asked) -> Reply:
        """What the service says to a request."""
        raise NotImplementedError

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point a tool here."""
        return {self.VARIABLE: self.url, **dict.fromkeys(self.SECRETS, OFFLINE_KEY)}

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        return self.next_replies.pop(0) if self.next_replies else self.answer(asked)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(service: Service) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # Else each answer waits 40 ms for the client's acknowledgement.

        def do_GET(self) -> None:
            reply = service.reply(self._asked())
            self.send_response(reply.status)
            for name, value in {"content-type": reply.media_type, **reply.headers}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(reply.data)))
            self.end_headers()
            self.wfile.write(reply.data)

        do_POST = do_GET

        def _asked(self) -> Asked:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            return Asked(self.command, parts.path, dict(parse_qsl(parts.query)), headers, body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing is printed."""

    return Handler
