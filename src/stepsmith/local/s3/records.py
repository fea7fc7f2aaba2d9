"""What S3 knows of an object besides its bytes, in a small JSON file an object: `<root>/.about/<bucket>/<hash>.json`.

A record holds for one file, told by its size and time of change: a file that somebody else put or edited has none, and
is an object all the same. When an object is replaced, its record holds both the old entry and the new one before the
file changes, so that whoever looks, and whenever the process dies, sees the bytes of an object with their own record.
"""

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from .checksums import Checksum

OCTETS = "binary/octet-stream"


@dataclass(frozen=True, slots=True)
class About:
    """What is kept of an object besides its bytes. `etag` is without quotes; `headers` are those that GET answers
    besides the content type, names in lower case; `parts` the sizes of an upload's parts."""

    etag: str
    content_type: str = OCTETS
    metadata: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    checksum: Checksum | None = None
    parts: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Object:
    """An object as HEAD tells of it; `modified` in seconds since 1970."""

    key: str
    size: int
    modified: float
    about: About


class Records:
    """The records of all objects under a folder; temporary files lie in `uploads`, on the same file system."""

    def __init__(self, root: Path, uploads: Path) -> None:
        self._root, self._uploads = root, uploads

    def of(self, bucket: str, key: str, stat: os.stat_result) -> About | None:
        """The record of the object's file; None when there is none for this very file."""
        entry = self._entries(bucket, key).get(_stamp(stat))
        return None if entry is None else parsed(entry)

    def write(self, bucket: str, key: str, about: About, stat: os.stat_result, old: os.stat_result | None) -> None:
        """Keeps the record of a file that is about to become the object in place of the `old` one."""
        entries = {_stamp(stat): written(about)}
        if old is not None and (known := self._entries(bucket, key).get(_stamp(old))):
            entries.setdefault(_stamp(old), known)
        path = self._path(bucket, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self._uploads, delete=False) as file:
            json.dump(entries, file)
        Path(file.name).replace(path)

    def remove(self, bucket: str, key: str) -> None:
        self._path(bucket, key).unlink(missing_ok=True)

    def _entries(self, bucket: str, key: str) -> dict[str, Any]:
        try:
            entries = json.loads(self._path(bucket, key).read_bytes())
        except (FileNotFoundError, ValueError):
            return {}
        if "file" in entries:  # as they were written before replacing was one step
            size, modified = entries.pop("file")
            return {f"{size}-{modified}": entries}
        return dict(entries)

    def _path(self, bucket: str, key: str) -> Path:
        return self._root / bucket / f"{hashlib.blake2b(key.encode(), digest_size=20).hexdigest()}.json"


def written(about: About) -> dict[str, Any]:
    """A record as JSON, without what is empty."""
    return {name: value for name, value in asdict(about).items() if value}


def parsed(entry: dict[str, Any]) -> About:
    checksum = entry.get("checksum")
    made = {"checksum": checksum and Checksum(**checksum), "parts": tuple(entry.get("parts", ()))}
    return About(**{**entry, **made})


def _stamp(stat: os.stat_result) -> str:
    return f"{stat.st_size}-{stat.st_mtime_ns}"
