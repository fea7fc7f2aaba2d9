"""An object of 100 MB, put and read again by boto3: how long that takes, and how much memory it takes of the server."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO

import boto3
from botocore.config import Config

from benchmarks.endpoint.servers import Server

MB = 1024 * 1024
BUCKET, KEY = "benchmark", "large"


@dataclass(frozen=True)
class Moved:
    """Seconds, p50, of the whole call; megabytes that the server's peak grew by."""

    put: float
    get: float
    grown: float


def put_and_get(server: Server, megabytes: int = 100, repeats: int = 7) -> Moved:
    """Whole objects, each over the last one."""
    s3, before = _client(server), server.peak_megabytes
    s3.create_bucket(Bucket=BUCKET)
    with tempfile.TemporaryFile() as file:
        file.write(os.urandom(MB) * megabytes)
        puts = [_timed(lambda: _put(s3, file)) for _ in range(repeats)]
    gets = [_timed(lambda: _get(s3, megabytes)) for _ in range(repeats)]
    return Moved(statistics.median(puts), statistics.median(gets), server.peak_megabytes - before)


def _put(s3: Any, file: BinaryIO) -> None:
    file.seek(0)
    s3.put_object(Bucket=BUCKET, Key=KEY, Body=file)


def _get(s3: Any, megabytes: int) -> None:
    body = s3.get_object(Bucket=BUCKET, Key=KEY)["Body"]
    assert sum(len(piece) for piece in body.iter_chunks(MB)) == megabytes * MB


def _client(server: Server) -> Any:
    return boto3.client(
        "s3",
        region_name="us-east-1",
        endpoint_url=f"http://127.0.0.1:{server.port}",
        aws_access_key_id=server.session.access_key,
        aws_secret_access_key=server.session.secret,
        config=Config(s3={"addressing_style": "path"}),
    )


def _timed(act: Callable[[], None]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began
