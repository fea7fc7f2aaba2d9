"""Buckets as folders: `<root>/<bucket>/<key>`, whole objects or nothing.

An object is written to a temporary file and renamed into place. What S3 knows besides the bytes (ETag, content type,
metadata) lies in `<root>/.about/<bucket>/`, one small JSON file an object, valid for the file's size and time; a file
that somebody else put or edited is an object all the same, with the type that its name suggests.
No path leaves its bucket: names are encoded (keys.py), and symbolic links are not followed.
"""

import hashlib
import json
import mimetypes
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import BinaryIO

from .faults import Fault
from .keys import HERE, from_parts, to_parts

OCTETS = "binary/octet-stream"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_TRIES = 100  # a folder may vanish (another process deletes its last object) between making and using it


@dataclass(frozen=True, slots=True)
class About:
    """What is kept of an object besides its bytes."""

    etag: str
    content_type: str = OCTETS
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Object:
    """An object as HEAD tells of it. `etag` is without quotes, `modified` in seconds since 1970."""

    key: str
    size: int
    modified: float
    about: About


class Buckets:
    """All buckets of a data folder."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = Path(os.path.realpath(root))
        self.uploads = self._root / ".uploads"

    def create(self, bucket: str) -> None:
        """Makes the bucket, if it is not there. Fault: no name for a bucket."""
        if not _BUCKET.fullmatch(bucket):
            raise Fault("InvalidArgument", f"{bucket!r} is no name for a bucket.")
        (self._root / bucket).mkdir(exist_ok=True)

    def exists(self, bucket: str) -> bool:
        return _BUCKET.fullmatch(bucket) is not None and (self._root / bucket).is_dir()

    def path(self, bucket: str, key: str) -> Path:
        """Where the object's file lies, if there is one: for people who open it."""
        return self._place(bucket, key)

    def find(self, bucket: str, key: str) -> Object:
        """Fault NoSuchKey, NoSuchBucket."""
        path = self._place(bucket, key)
        try:
            return self._object(bucket, key, path.stat(follow_symlinks=False))
        except (FileNotFoundError, NotADirectoryError):
            raise _no_such_key(key) from None

    def open(self, bucket: str, key: str) -> tuple[Object, BinaryIO]:
        """The object and its open file, which stays whole whatever happens to the object."""
        path = self._place(bucket, key)
        try:
            file = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
        except (FileNotFoundError, NotADirectoryError):
            raise _no_such_key(key) from None
        return self._object(bucket, key, os.fstat(file.fileno())), file

    def temporary(self) -> BinaryIO:
        """A file to write a new object to; `commit` or `discard` it."""
        self.uploads.mkdir(exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=self.uploads, delete=False)  # type: ignore[return-value]  # its wrapper is one

    def commit(self, written: BinaryIO, bucket: str, key: str, about: About, *, new: bool = False) -> Object:
        """Makes a temporary file the object. With `new`, Fault PreconditionFailed when there is one already."""
        try:
            written.flush()
            stat = os.fstat(written.fileno())  # not later by its path, where another object may lie by then
            written.close()
            self._move(Path(written.name), bucket, key, new)
        except BaseException:
            self.discard(written)
            raise
        self._write_about(bucket, key, about, stat)
        return Object(key, stat.st_size, stat.st_mtime, about)

    def discard(self, written: BinaryIO) -> None:
        written.close()
        Path(written.name).unlink(missing_ok=True)

    def delete(self, bucket: str, key: str) -> None:
        """Removes the object, if there is one, and the folders that are empty then."""
        path = self._place(bucket, key)
        try:
            path.unlink(missing_ok=True)
        except NotADirectoryError:
            return
        self._about(bucket, key).unlink(missing_ok=True)
        for parent in path.parents:
            if parent == self._root / bucket:
                break
            try:
                parent.rmdir()
            except OSError:  # not empty, or gone
                break

    def sweep(self, before: float) -> None:
        """Removes what killed processes left half-written before that time (seconds since 1970)."""
        for left in self.uploads.iterdir() if self.uploads.exists() else ():
            with suppress(FileNotFoundError):  # another process has finished with it
                if left.stat().st_mtime < before:
                    shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()

    def keys(self, bucket: str, prefix: str = "") -> list[str]:
        """All keys that begin with `prefix`, in the order of their UTF-8 bytes."""
        base = self._base(bucket)
        folder = base.joinpath(*to_parts(prefix)[:-1]) if prefix else base
        start = folder if folder.is_dir() and self._is_inside(folder) else None
        found = (from_parts(path.relative_to(base).parts) for path in _files(start)) if start else ()
        return sorted((key for key in found if key.startswith(prefix)), key=str.encode)

    def _move(self, written: Path, bucket: str, key: str, new: bool) -> None:
        for _ in range(_TRIES):
            with suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
                if self._make_room(bucket, key):
                    self._put(written, self._place(bucket, key), key, new)
                    return
        raise Fault("ServiceUnavailable", f"{key!r} was moved about while it was written; try again.")

    def _put(self, written: Path, path: Path, key: str, new: bool) -> None:
        if not new:
            written.replace(path)
            return
        try:
            os.link(written, path)
        except FileExistsError:
            raise Fault("PreconditionFailed", f"There is an object {key!r} already.") from None
        written.unlink()

    def _make_room(self, bucket: str, key: str) -> bool:
        """Makes the folders on the way to an object; an object in the way moves into the folder of its name. False
        when somebody else was at it at the same time."""
        path = self._base(bucket)
        for part in to_parts(key)[:-1]:
            path /= part
            if path.is_symlink():
                raise _linked(key)
            if path.is_file():
                aside = Path(tempfile.mkdtemp(dir=path.parent)) / HERE
                path.rename(aside)
                aside.parent.rename(path)
            try:
                path.mkdir(exist_ok=True)
            except FileExistsError:
                return False
        return True

    def _place(self, bucket: str, key: str) -> Path:
        path = self._base(bucket).joinpath(*to_parts(key))
        if not self._is_inside(path.parent) or path.is_symlink():
            raise _linked(key)
        return path / HERE if path.is_dir() else path

    def _base(self, bucket: str) -> Path:
        if not self.exists(bucket):
            raise Fault("NoSuchBucket", f"There is no bucket {bucket!r}.")
        return self._root / bucket

    def _is_inside(self, folder: Path) -> bool:
        return os.path.realpath(folder) == str(folder)

    def _object(self, bucket: str, key: str, stat: os.stat_result) -> Object:
        return Object(key, stat.st_size, stat.st_mtime, self._read_about(bucket, key, stat))

    def _about(self, bucket: str, key: str) -> Path:
        return self._root / ".about" / bucket / f"{hashlib.blake2b(key.encode(), digest_size=20).hexdigest()}.json"

    def _write_about(self, bucket: str, key: str, about: About, stat: os.stat_result) -> None:
        path = self._about(bucket, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        written = self.temporary()
        written.write(json.dumps({**asdict(about), "file": _stamp(stat)}).encode())
        written.close()
        Path(written.name).replace(path)

    def _read_about(self, bucket: str, key: str, stat: os.stat_result) -> About:
        try:
            kept = json.loads(self._about(bucket, key).read_bytes())
        except (FileNotFoundError, ValueError):
            kept = {}
        if kept.pop("file", None) == _stamp(stat):
            return About(**kept)
        guessed = mimetypes.guess_type(key)[0]
        return About(f"{stat.st_mtime_ns:x}-{stat.st_size:x}", guessed or OCTETS)


def _stamp(stat: os.stat_result) -> list[int]:
    return [stat.st_size, stat.st_mtime_ns]


def _files(folder: Path) -> Iterator[Path]:
    """Every regular file below, symbolic links left out; a folder that vanishes meanwhile has none."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path))
            elif entry.is_file(follow_symlinks=False):
                yield Path(entry.path)


def _linked(key: str) -> Fault:
    return Fault("AccessDenied", f"The place of {key!r} is reached by a symbolic link, which is not followed.")


def _no_such_key(key: str) -> Fault:
    return Fault("NoSuchKey", f"There is no object {key!r}.")
