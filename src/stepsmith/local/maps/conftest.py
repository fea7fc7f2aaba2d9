"""What the tests of Map Runs share: distributed Maps, their children, objects in a bucket to read and write."""

import hashlib
from typing import Any

import orjson

from stepsmith.local import Runtime
from stepsmith.local.conftest import branch, machine_arn
from stepsmith.local.s3 import Buckets
from stepsmith.local.s3.records import About
from stepsmith.local.store import Row

M = machine_arn("m")
WAIT = {"Type": "Wait", "Seconds": 60}
BUCKET = "items"


def distributed(*states: dict[str, Any], kind: str = "STANDARD", **more: Any) -> dict[str, Any]:
    """A Map whose children are executions of these states."""
    config = {"Mode": "DISTRIBUTED", "ExecutionType": kind}
    processor = {"ProcessorConfig": config, **branch(*(states or ({"Type": "Pass"},)))}
    return {"Type": "Map", "Label": "rows", "ItemProcessor": processor, **more}


def children(runtime: Runtime) -> list[Row]:
    """The children of all Map Runs."""
    return [row for row in runtime.list(1000) if row.source.map_run]


def put(buckets: Buckets, key: str, text: bytes) -> None:
    """An object in the tests' bucket."""
    buckets.create(BUCKET)
    written = buckets.temporary()
    written.write(text)
    buckets.commit(written, BUCKET, key, About(hashlib.md5(text).hexdigest()))


def reader(key: str, type: str, **config: Any) -> dict[str, Any]:
    """An ItemReader of one object."""
    return {
        "Resource": "arn:aws:states:::s3:getObject",
        "Arguments": {"Bucket": BUCKET, "Key": key},
        "ReaderConfig": {"InputType": type, **config},
    }


def writer(prefix: str = "out", **config: Any) -> dict[str, Any]:
    """A ResultWriter into the same bucket."""
    wanted = {"WriterConfig": config} if config else {}
    arguments = {"Bucket": BUCKET, "Prefix": prefix}
    return {"Resource": "arn:aws:states:::s3:putObject", "Arguments": arguments, **wanted}


def written(runtime: Runtime, key: str) -> Any:
    """A JSON object of the bucket."""
    _, file = runtime.objects.open(BUCKET, key)
    with file:
        return orjson.loads(file.read())
