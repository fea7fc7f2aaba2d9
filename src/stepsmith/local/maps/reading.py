"""Data sets in S3 as items: an object's, or the objects of a bucket.

An item of a listing is the object as ListObjectsV2 tells of it, with the time in seconds (Developer Guide,
"ItemReader"). An S3 inventory is a manifest that names CSV files without headers, gzipped (S3 User Guide, "Amazon S3
Inventory list"). Whatever goes wrong is States.ItemReaderFailed.
"""

import gzip
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

import orjson

from stepsmith import asl
from stepsmith.asl import Json
from stepsmith.asl.errors import ITEM_READER_FAILED
from stepsmith.asl.parameters import wrong_parameters
from stepsmith.local.maps.access import Access
from stepsmith.local.maps.formats import Unreadable, entries, rows
from stepsmith.local.s3.faults import Fault
from stepsmith.local.s3.records import Object


def read(access: Access, dataset: asl.Dataset) -> Iterator[asl.Item]:
    """The items, one by one. Raises StateError, on the way too."""
    for _, message in wrong_parameters(f"arn:aws:states:::s3:{dataset.action}", dataset.arguments):
        raise _failed(message)
    bucket, key = dataset.arguments["Bucket"], dataset.arguments.get("Key", "")
    if dataset.arguments.get("VersionId", "null") != "null":
        raise _failed("NoSuchVersion: a bucket on this machine keeps one version of an object, 'null'")
    with _told(bucket):
        if dataset.action == "listObjectsV2":
            listed = _listed(access, bucket, dataset.arguments.get("Prefix", ""))
            yield from _loaded(access, bucket, dataset, listed) if dataset.config.loads else _items(dataset, listed)
        elif dataset.config.input_type == "MANIFEST":
            yield from _items(dataset, _inventory(access, bucket, key))
        else:
            yield from _object(access, bucket, key, dataset)


@contextmanager
def _told(bucket: str) -> Iterator[None]:
    """What S3 and the formats refuse as the error of the state."""
    try:
        yield
    except Fault as fault:
        raise _failed(f"{fault.code}: {fault.message} (bucket {bucket!r})") from fault
    except Unreadable as error:
        raise _failed(f"The items in bucket {bucket!r} cannot be read: {error}") from error
    except (OSError, EOFError) as error:
        raise _failed(f"The items in bucket {bucket!r} cannot be read: {error}") from error


def _failed(cause: str) -> asl.StateError:
    return asl.StateError(ITEM_READER_FAILED, cause)


def _items(dataset: asl.Dataset, values: Iterable[Json]) -> Iterator[asl.Item]:
    return (asl.Item(value, source=dataset.place) for value in values)


def _object(access: Access, bucket: str, key: str, dataset: asl.Dataset) -> Iterator[asl.Item]:
    with access.open(bucket, key) as file:
        for name, value in entries(file, dataset.config):
            yield asl.Item(value, name, f"S3://{bucket}/{key}")


def _loaded(access: Access, bucket: str, dataset: asl.Dataset, listed: Iterable[dict[str, Any]]) -> Iterator[asl.Item]:
    """What the objects hold, one object after the other; an empty one is a folder that a console made."""
    for each in listed:
        if each["Size"]:
            yield from _object(access, bucket, each["Key"], dataset)


def _listed(access: Access, bucket: str, prefix: str) -> Iterator[dict[str, Any]]:
    for key in access.keys(bucket, prefix):
        try:
            yield _told_of(access.find(bucket, key))
        except Fault as fault:
            if fault.code != "NoSuchKey":  # it has gone meanwhile
                raise


def _told_of(found: Object) -> dict[str, Any]:
    return {
        "Etag": f'"{found.about.etag}"',
        "Key": found.key,
        "LastModified": int(found.modified),
        "Size": found.size,
        "StorageClass": "STANDARD",
    }


def _inventory(access: Access, bucket: str, key: str) -> Iterator[dict[str, Any]]:
    with access.open(bucket, key) as file:
        manifest = _manifest(file.read())
    place = manifest["destinationBucket"].rpartition(":")[2]
    header = [name.strip() for name in manifest["fileSchema"].split(",")]
    for part in manifest["files"]:
        packed = access.open(place, part["key"])
        with packed, cast(BinaryIO, gzip.open(packed)) as file:
            lines = io.TextIOWrapper(file, "utf-8", newline="")
            yield from rows(lines, header)


def _manifest(text: bytes) -> dict[str, Any]:
    try:
        manifest = orjson.loads(text)
    except ValueError as error:
        raise Unreadable(f"the manifest is no JSON: {error}") from error
    match manifest:
        case {"destinationBucket": str(), "fileFormat": "CSV", "fileSchema": str(), "files": list() as files}:
            if all(isinstance(each, dict) and isinstance(each.get("key"), str) for each in files):
                return cast(dict[str, Any], manifest)
    raise Unreadable("the manifest is not that of an S3 inventory in CSV")
