"""X-Ray's traces: the newest `MOST` in memory, none on disk. They are many, and looked at while they are fresh."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .request import Request

MOST = 1_000


class Traces:
    """The Plane of X-Ray."""

    def is_all(self, request: Request) -> bool:
        return request.operation in ("PutTraceSegments", "PutTelemetryRecords")

    @contextmanager
    def detached(self, backend: Any) -> Iterator[None]:
        held = {name: vars(backend).pop(name) for name in ("_segment_collection", "_telemetry_records")}
        try:
            yield
        finally:
            vars(backend).update(held)

    def save(self, backend: Any, request: Request) -> bool:
        traces = backend._segment_collection._traces
        for id in list(traces)[:-MOST]:
            del traces[id]
        del backend._telemetry_records[:-MOST]
        return False

    def load(self, backend: Any) -> None:
        pass
