"""Multipart uploads: parts as files in a folder of the upload, until they become one object or none.

`<root>/.uploads/<id>/` holds `upload.json` (bucket, key, what is to be known of the object) and the parts, each named
by its number, its MD5 and its checksum. An upload survives the process; the ETag of the object is S3's: the MD5 of the
parts' MD5s, a dash, the number of parts.
"""

import hashlib
import json
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO

from . import checksums, records
from .body import Arrived
from .checksums import Checksum
from .conditions import Wish
from .faults import Fault
from .folder import Buckets
from .records import About, Object

MAX_PARTS = 10_000
MIN_PART_BYTES = 5 * 1024**2  # of all but the last


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload under way. `algorithm` and `kind` are of the checksum that the object is to have."""

    id: str
    bucket: str
    key: str
    begun: float
    about: About
    algorithm: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part as ListParts tells of it; `etag` is without quotes."""

    number: int
    size: int
    etag: str
    checksum: Checksum | None
    modified: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part as CompleteMultipartUpload names it."""

    number: int
    etag: str
    checksum: Checksum | None = None


class Uploads:
    """The uploads under way in a data folder."""

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    def begin(self, bucket: str, key: str, about: About, algorithm: str | None = None, kind: str | None = None) -> str:
        """Opens an upload; returns its id."""
        id = secrets.token_hex(16)
        folder = self._buckets.uploads / id
        folder.mkdir(parents=True)
        known = {"bucket": bucket, "key": key, "about": asdict(about), "algorithm": algorithm, "kind": kind}
        (folder / "upload.json").write_text(json.dumps(known))
        return id

    def find(self, bucket: str, key: str, id: str) -> Upload:
        """Fault NoSuchUpload."""
        found = _read(self._buckets.uploads / id) if re.fullmatch("[0-9a-f]{32}", id) else None
        if found is None or (found.bucket, found.key) != (bucket, key):
            said = (
                "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted"
            )
            raise Fault("NoSuchUpload", f"{said} or completed.", UploadId=id)
        return found

    def of(self, bucket: str) -> list[Upload]:
        """The bucket's uploads, by key and age."""
        folders = self._buckets.uploads.iterdir() if self._buckets.uploads.exists() else ()
        found = (upload for folder in folders if (upload := _read(folder)) and upload.bucket == bucket)
        return sorted(found, key=lambda upload: (upload.key.encode(), upload.begun, upload.id))

    def forget(self, bucket: str) -> None:
        """Ends all uploads of a bucket that goes away."""
        for upload in self.of(bucket):
            shutil.rmtree(self._folder(upload), ignore_errors=True)

    def add(self, upload: Upload, number: int, written: BinaryIO, arrived: Arrived) -> Part:
        """Makes a temporary file the part; one of the same number is replaced."""
        if not 1 <= number <= MAX_PARTS:
            raise Fault("InvalidArgument", f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive")
        written.close()
        folder = self._folder(upload)
        old = list(folder.glob(f"{number:05}-*"))
        path = Path(written.name).rename(folder / _name(number, arrived))
        for each in old:
            if each != path:
                each.unlink(missing_ok=True)
        return _part(path)

    def parts(self, upload: Upload) -> list[Part]:
        """The parts that have arrived, by number."""
        return [_part(path) for path in sorted(self._folder(upload).glob("?????-*"))]

    def complete(self, upload: Upload, wanted: Sequence[Wanted], expected: Checksum | None, wish: Wish) -> Object:
        """Joins the parts, which must be in order, to the object, whose checksum must be the `expected` one. Blocks
        while it copies."""
        chosen = _chosen({part.number: part for part in self.parts(upload)}, wanted)
        checksum = _whole(upload, chosen)
        if expected and checksum and expected.value not in (checksum.value, checksum.value.partition("-")[0]):
            raise Fault("BadDigest", f"The {checksum.algorithm} you specified did not match the calculated checksum.")
        about = replace(upload.about, etag=_etag(chosen), checksum=checksum, parts=tuple(part.size for part in chosen))
        joined = self._join(self._folder(upload), chosen)
        made = self._buckets.commit(joined, upload.bucket, upload.key, about, wish)
        shutil.rmtree(self._folder(upload), ignore_errors=True)
        return made

    def abort(self, upload: Upload) -> None:
        shutil.rmtree(self._folder(upload), ignore_errors=True)

    def _join(self, folder: Path, parts: Sequence[Part]) -> BinaryIO:
        joined = self._buckets.temporary()
        try:
            for part in parts:
                with next(folder.glob(f"{part.number:05}-{part.etag}-*")).open("rb") as file:
                    shutil.copyfileobj(file, joined, 1024 * 1024)
        except BaseException:
            self._buckets.discard(joined)
            raise
        return joined

    def _folder(self, upload: Upload) -> Path:
        return self._buckets.uploads / upload.id


def _read(folder: Path) -> Upload | None:
    path = folder / "upload.json"
    try:
        kept: dict[str, Any] = json.loads(path.read_text())
        begun = path.stat().st_mtime
    except (FileNotFoundError, NotADirectoryError, ValueError):  # of an ordinary object, or gone
        return None
    return Upload(**{**kept, "id": folder.name, "begun": begun, "about": records.parsed(kept["about"])})


def _chosen(there: dict[int, Part], wanted: Sequence[Wanted]) -> list[Part]:
    """The parts that the client names, checked against those that have arrived."""
    numbers = [each.number for each in wanted]
    if numbers != sorted(set(numbers)):
        said = "The list of parts was not in ascending order. The parts list must be specified in order by part number."
        raise Fault("InvalidPartOrder", said)
    chosen = [part for each in wanted if (part := there.get(each.number)) and _is_meant(part, each)]
    if not wanted or len(chosen) < len(wanted):
        said = "One or more of the specified parts could not be found. The part may not have been uploaded, or the"
        raise Fault("InvalidPart", f"{said} specified entity tag may not match the part's entity tag.")
    if any(part.size < MIN_PART_BYTES for part in chosen[:-1]):
        raise Fault("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
    return chosen


def _is_meant(part: Part, wanted: Wanted) -> bool:
    return part.etag == wanted.etag and wanted.checksum in (None, part.checksum)


def _whole(upload: Upload, parts: Sequence[Part]) -> Checksum | None:
    """The object's checksum, where the upload is to have one and every part has its own."""
    if upload.algorithm is None or upload.kind is None:
        return None
    values = [(part.checksum.value, part.size) for part in parts if part.checksum]
    return checksums.of_parts(upload.algorithm, upload.kind, values) if len(values) == len(parts) else None


def _name(number: int, arrived: Arrived) -> str:
    """`00001-MD5-CRC32-DIGEST`, the digest as a file may be named."""
    summed = arrived.checksum and f"{arrived.checksum.algorithm}-{arrived.checksum.value.translate(_TO_NAME)}"
    return f"{number:05}-{arrived.md5.hex()}-{summed or ''}"


def _part(path: Path) -> Part:
    number, md5, *summed = path.name.split("-")
    checksum = Checksum(summed[0], summed[1].translate(_FROM_NAME)) if len(summed) == 2 else None
    stat = path.stat()
    return Part(int(number), stat.st_size, md5, checksum, stat.st_mtime)


_TO_NAME = str.maketrans("/", "_")
_FROM_NAME = str.maketrans("_", "/")


def _etag(parts: Sequence[Part]) -> str:
    joined = b"".join(bytes.fromhex(part.etag) for part in parts)
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(parts)}"
