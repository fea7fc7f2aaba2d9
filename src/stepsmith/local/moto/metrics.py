"""CloudWatch's metrics: what each PutMetricData brought is a row of its own in `aws.db`, the newest `MOST` of them."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stepsmith.local.database import Database

from .pickling import packed, unpacked
from .request import Request

MOST = 5_000
"""Requests. Older ones are dropped; AWS keeps metrics of one minute for fifteen days."""


class Metrics:
    """The Plane of CloudWatch."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._kept = 0  # of the backend's list, which only grows

    def is_all(self, request: Request) -> bool:
        return request.operation == "PutMetricData"

    @contextmanager
    def detached(self, backend: Any) -> Iterator[None]:
        held, pages = backend.metric_data, backend.paged_metric_data
        backend.metric_data, backend.paged_metric_data = [], {}
        try:
            yield
        finally:
            backend.metric_data, backend.paged_metric_data = held, pages

    def save(self, backend: Any, request: Request) -> bool:
        new = backend.metric_data[self._kept :]
        if not new:
            return False
        body = zlib.compress(packed({"metric_data": new}))
        row = self._database.execute("INSERT INTO metric (body) VALUES (?)", (body,)).lastrowid
        self._database.execute("DELETE FROM metric WHERE id <= ?", ((row or 0) - MOST,))
        self._kept = len(backend.metric_data)
        return True

    def load(self, backend: Any) -> None:
        rows = self._database.execute("SELECT body FROM metric ORDER BY id").fetchall()
        backend.metric_data = [each for (body,) in rows for each in unpacked(zlib.decompress(body))["metric_data"]]
        self._kept = len(backend.metric_data)
