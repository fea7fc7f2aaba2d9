"""Buckets as folders: `<root>/<bucket>/<key>`, whole objects or nothing.

An object is written to a temporary file and renamed into place; what S3 knows of it besides its bytes lies beside the
buckets (records.py). Whoever changes something holds the folder's lock, so that conditions hold and nobody's folder is
taken away, whichever process it is. No path leaves its bucket: names are encoded (keys.py), and symbolic links are not
followed.
"""

import fcntl
import json
import mimetypes
import os
import re
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from . import conditions
from .conditions import Wish
from .faults import Fault, no_such_bucket, no_such_key
from .keys import HERE, from_parts, to_parts
from .records import OCTETS, About, Object, Records

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_NOT_BUCKET = re.compile(r"(xn--|sthree-|amzn-s3-demo-).*|.*(-s3alias|--ol-s3)|.*\.\..*|([0-9]+\.){3}[0-9]+")


@dataclass(frozen=True, slots=True)
class Bucket:
    """`created` in seconds since 1970; `location` is empty for us-east-1, as S3 has it."""

    name: str
    created: float
    location: str = ""


class Buckets:
    """All buckets of a data folder."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = Path(os.path.realpath(root))
        self.uploads = self._root / ".uploads"
        self._known = self._root / ".about"
        self._records = Records(self._known, self.uploads)
        self._one = threading.Lock()

    def create(self, bucket: str, location: str = "") -> None:
        """Makes the bucket, if it is not there. Fault: no name for a bucket."""
        if not _is_name(bucket):
            raise Fault("InvalidBucketName", "The specified bucket is not valid.", BucketName=bucket)
        with suppress(FileExistsError):
            (self._root / bucket).mkdir()
            self._known.mkdir(exist_ok=True)
            self._made(bucket).write_text(json.dumps({"location": location}))

    def exists(self, bucket: str) -> bool:
        return _is_name(bucket) and (self._root / bucket).is_dir()

    def bucket(self, name: str) -> Bucket:
        """Fault NoSuchBucket."""
        base, made = self._base(name), self._made(name)
        if not made.exists():  # a folder that a person made
            return Bucket(name, base.stat().st_mtime)
        return Bucket(name, made.stat().st_mtime, json.loads(made.read_text())["location"])

    def all(self) -> list[Bucket]:
        """Every bucket, by name."""
        return [self.bucket(each.name) for each in sorted(self._root.iterdir()) if self.exists(each.name)]

    def remove(self, bucket: str) -> None:
        """Removes an empty bucket. Fault BucketNotEmpty, NoSuchBucket."""
        with self._alone():
            if next(_files(self._base(bucket)), None):
                raise Fault("BucketNotEmpty", "The bucket you tried to delete is not empty", BucketName=bucket)
            shutil.rmtree(self._base(bucket))
            shutil.rmtree(self._known / bucket, ignore_errors=True)
            self._made(bucket).unlink(missing_ok=True)

    def path(self, bucket: str, key: str) -> Path:
        """Where the object's file lies, if there is one: for people who open it."""
        return self._place(bucket, key)

    def find(self, bucket: str, key: str) -> Object:
        """Fault NoSuchKey, NoSuchBucket."""
        while True:
            stat = _stat(self._place(bucket, key))
            if stat is None:
                raise no_such_key(key)
            found = self._object(bucket, key, stat)
            if self._is_still(bucket, key, stat):
                return found

    def open(self, bucket: str, key: str) -> tuple[Object, BinaryIO]:
        """The object and its open file, which stays whole whatever happens to the object."""
        while True:
            file = _opened(self._place(bucket, key), key)
            stat = os.fstat(file.fileno())
            found = self._object(bucket, key, stat)
            if self._is_still(bucket, key, stat):
                return found, file
            file.close()

    def temporary(self) -> BinaryIO:
        """A file to write a new object to; `commit` or `discard` it."""
        self.uploads.mkdir(exist_ok=True)
        return tempfile.NamedTemporaryFile(dir=self.uploads, delete=False)  # type: ignore[return-value]  # its wrapper is one

    def commit(self, written: BinaryIO, bucket: str, key: str, about: About, wish: Wish = None) -> Object:
        """Makes a temporary file the object. Fault PreconditionFailed, NoSuchKey when the object that is there is not
        as the writer wishes; the file is gone then."""
        try:
            written.close()
            with self._alone():
                self._make_room(bucket, key)
                path = self._place(bucket, key)
                old = _stat(path)
                conditions.hold(wish, key, old and self._object(bucket, key, old))
                stat = _dated(Path(written.name))
                self._records.write(bucket, key, about, stat, old)
                Path(written.name).replace(path)
        except BaseException:
            self.discard(written)
            raise
        return Object(key, stat.st_size, stat.st_mtime, about)

    def rewrite(self, bucket: str, key: str, about: About) -> None:
        """Another record for the object as it is. Fault NoSuchKey."""
        with self._alone():
            stat = _stat(self._place(bucket, key))
            if stat is None:
                raise no_such_key(key)
            self._records.write(bucket, key, about, stat, None)

    def discard(self, written: BinaryIO) -> None:
        written.close()
        Path(written.name).unlink(missing_ok=True)

    def delete(self, bucket: str, key: str, wish: Wish = None) -> None:
        """Removes the object, if there is one, and the folders that are empty then. Fault: it is not as wished."""
        with self._alone():
            path = self._place(bucket, key)
            old = _stat(path)
            conditions.hold(wish, key, old and self._object(bucket, key, old))
            if old is not None:
                path.unlink()
                self._records.remove(bucket, key)
                self._remove_empty(path, self._root / bucket)

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

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Nobody else changes anything meanwhile, neither a thread of this process nor another one."""
        with self._one, (self._root / ".lock").open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # ends with the file
            yield

    def _make_room(self, bucket: str, key: str) -> None:
        """Makes the folders on the way to an object; an object in the way moves into the folder of its name."""
        path = self._base(bucket)
        for part in to_parts(key)[:-1]:
            path /= part
            if path.is_symlink():
                raise _linked(key)
            if path.is_file():
                aside = Path(tempfile.mkdtemp(dir=path.parent)) / HERE
                path.rename(aside)
                aside.parent.rename(path)
            path.mkdir(exist_ok=True)

    def _remove_empty(self, path: Path, base: Path) -> None:
        for parent in path.parents:
            if parent == base:
                break
            try:
                parent.rmdir()
            except OSError:  # not empty
                break

    def _place(self, bucket: str, key: str) -> Path:
        path = self._base(bucket).joinpath(*to_parts(key))
        if not self._is_inside(path.parent) or path.is_symlink():
            raise _linked(key)
        return path / HERE if path.is_dir() else path

    def _base(self, bucket: str) -> Path:
        if not self.exists(bucket):
            raise no_such_bucket(bucket)
        return self._root / bucket

    def _made(self, bucket: str) -> Path:
        """Written once, so that its time is the bucket's."""
        return self._known / f"{bucket}.json"

    def _is_inside(self, folder: Path) -> bool:
        return os.path.realpath(folder) == str(folder)

    def _is_still(self, bucket: str, key: str, stat: os.stat_result) -> bool:
        """Whether the file is the object now: then its record, read before, is its own. Else others wrote meanwhile."""
        now = _stat(self._place(bucket, key))
        return now is not None and (now.st_ino, now.st_mtime_ns) == (stat.st_ino, stat.st_mtime_ns)

    def _object(self, bucket: str, key: str, stat: os.stat_result) -> Object:
        about = self._records.of(bucket, key, stat) or About(
            f"{stat.st_mtime_ns:x}-{stat.st_size:x}", mimetypes.guess_type(key)[0] or OCTETS
        )
        return Object(key, stat.st_size, stat.st_mtime, about)


def _is_name(bucket: str) -> bool:
    """Whether S3 takes the name ("Bucket naming rules")."""
    return _BUCKET.fullmatch(bucket) is not None and _NOT_BUCKET.fullmatch(bucket) is None


def _opened(path: Path, key: str) -> BinaryIO:
    try:
        return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        raise no_such_key(key) from None


def _dated(path: Path) -> os.stat_result:
    """Its state, with a time of its own: files of one size that the kernel wrote in one tick of its clock (4 ms) were
    one to their records."""
    now = time.time_ns()
    os.utime(path, ns=(now, now))
    return path.stat()


def _stat(path: Path) -> os.stat_result | None:
    try:
        return path.stat(follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None


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
