"""The events of CloudWatch Logs: what each PutLogEvents brought is a row of its own in `aws.db`.

The newest `MOST_BYTES` of them are kept, in the file and in memory: a laptop is no archive, whatever retention a group
has. What a process has logged in a day of work is a few megabytes.
"""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stepsmith.local.database import Database

from .pickling import packed, unpacked
from .request import Request

MOST_BYTES = 64 * 1024**2
"""Of messages, as they came."""


class LogEvents:
    """The Plane of Logs. A row holds events of one stream, in the order in which the stream has them."""

    def __init__(self, database: Database, most_bytes: int = MOST_BYTES) -> None:
        self._database = database
        self._most_bytes = most_bytes

    def is_all(self, request: Request) -> bool:
        return False  # a stream notes when it was written last

    @contextmanager
    def detached(self, backend: Any) -> Iterator[None]:
        held = [(stream, stream.events) for _, stream in _streams(backend)]
        for stream, _ in held:
            stream.events = []
        try:
            yield
        finally:
            for stream, events in held:
                stream.events = events

    def save(self, backend: Any, request: Request) -> bool:
        match request.operation:
            case "PutLogEvents" | "PutEvents":
                return self._append(backend, request)
            case "DeleteLogGroup" | "DeleteLogStream":
                return self._clear(backend)
            case _:
                return False

    def load(self, backend: Any) -> None:
        from moto.logs.models import LogEvent

        streams = dict(_streams(backend))
        for place, body in self._database.execute("SELECT stream, body FROM log ORDER BY id").fetchall():
            if place in streams:
                streams[place].events += unpacked(zlib.decompress(body))["events"]
        ids = (event.event_id for stream in streams.values() for event in stream.events)
        LogEvent._event_id = max(ids, default=LogEvent._event_id - 1) + 1  # moto counts them anew in each process

    def _append(self, backend: Any, request: Request) -> bool:
        for place, stream in _written(backend, request):
            (kept,) = self._database.execute("SELECT sum(events) FROM log WHERE stream = ?", (place,)).fetchone()
            new = stream.events[kept or 0 :]
            if new:
                size = sum(len(event.message.encode()) for event in new)
                row = (place, len(new), size, zlib.compress(packed({"events": new})))
                self._database.execute("INSERT INTO log (stream, events, bytes, body) VALUES (?, ?, ?, ?)", row)
        self._drop(backend)
        return True

    def _drop(self, backend: Any) -> None:
        """The oldest rows, until what is left fits."""
        streams: dict[str, Any] = {}
        while (self._database.execute("SELECT sum(bytes) FROM log").fetchone()[0] or 0) > self._most_bytes:
            oldest = "SELECT id, stream, events FROM log ORDER BY id LIMIT 1"
            id, place, events = self._database.execute(oldest).fetchone()
            self._database.execute("DELETE FROM log WHERE id = ?", (id,))
            streams = streams or dict(_streams(backend))
            del streams[place].events[:events]

    def _clear(self, backend: Any) -> bool:
        there = dict(_streams(backend))
        for (place,) in self._database.execute("SELECT DISTINCT stream FROM log").fetchall():
            if place not in there:
                self._database.execute("DELETE FROM log WHERE stream = ?", (place,))
        return True


def _written(backend: Any, request: Request) -> Iterator[tuple[str, Any]]:
    """The stream that the request names, as a folder may have thousands; all, where another service writes."""
    named = request.parameters
    group = backend.groups.get(named.get("logGroupName"))
    stream = group.streams.get(named.get("logStreamName")) if group else None
    if stream is not None:
        yield f"{group.name}\n{stream.log_stream_name}", stream
    elif request.operation == "PutEvents":
        yield from _streams(backend)


def _streams(backend: Any) -> Iterator[tuple[str, Any]]:
    """Every stream under its group's and its own name."""
    for group in backend.groups.values():
        for stream in group.streams.values():
            yield f"{group.name}\n{stream.log_stream_name}", stream
