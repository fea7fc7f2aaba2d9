"""Multipart uploads: parts as files in a folder of the upload, until they become one object or none.

`<root>/.uploads/<id>/` holds `upload.json` (bucket, key, what is to be known of the object) and the parts
`00001` and so on, each with its MD5 beside it. An upload survives the process; the ETag of the object is S3's: the
MD5 of the parts' MD5s, a dash, the number of parts.
"""

import hashlib
import json
import re
import secrets
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from .faults import Fault
from .folder import About, Buckets, Object

MAX_PARTS = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """A part as ListParts tells of it; `etag` is without quotes."""

    number: int
    size: int
    etag: str


class Uploads:
    """The uploads under way in a data folder."""

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    def begin(self, bucket: str, key: str, about: About) -> str:
        """Opens an upload; returns its id."""
        id = secrets.token_hex(16)
        folder = self._buckets.uploads / id
        folder.mkdir(parents=True)
        (folder / "upload.json").write_text(json.dumps({"bucket": bucket, "key": key, "about": asdict(about)}))
        return id

    def add(self, bucket: str, key: str, id: str, number: int, written: BinaryIO, md5: bytes) -> Part:
        """Makes a temporary file the part; one of the same number is replaced."""
        folder = self._folder(bucket, key, id)
        if not 1 <= number <= MAX_PARTS:
            raise Fault("InvalidArgument", f"Part number must be an integer between 1 and {MAX_PARTS}, inclusive")
        written.close()
        for old in folder.glob(f"{number:05}-*"):
            old.unlink()
        path = Path(written.name).rename(folder / f"{number:05}-{md5.hex()}")
        return _part(path)

    def parts(self, bucket: str, key: str, id: str) -> list[Part]:
        """The parts that have arrived, by number."""
        return [_part(path) for path in sorted(self._folder(bucket, key, id).glob("?????-*"))]

    def complete(self, bucket: str, key: str, id: str, wanted: Sequence[tuple[int, str]], *, new: bool) -> Object:
        """Joins the parts (number, ETag), which must be in order, to the object. Blocks while it copies."""
        folder = self._folder(bucket, key, id)
        if [number for number, _ in wanted] != sorted({number for number, _ in wanted}):
            raise Fault("InvalidPartOrder", "The list of parts was not in ascending order.")
        paths = [folder / f"{number:05}-{etag}" for number, etag in wanted]
        if not paths or not all(path.is_file() for path in paths):
            raise Fault("InvalidPart", "One or more of the specified parts could not be found, or its ETag differs.")
        joined = self._join(paths)
        about = json.loads((folder / "upload.json").read_text())["about"]
        made = self._buckets.commit(joined, bucket, key, About(**{**about, "etag": _etag(wanted)}), new=new)
        shutil.rmtree(folder, ignore_errors=True)
        return made

    def abort(self, bucket: str, key: str, id: str) -> None:
        shutil.rmtree(self._folder(bucket, key, id), ignore_errors=True)

    def _join(self, paths: Sequence[Path]) -> BinaryIO:
        joined = self._buckets.temporary()
        try:
            for path in paths:
                with path.open("rb") as part:
                    shutil.copyfileobj(part, joined, 1024 * 1024)
        except OSError:
            self._buckets.discard(joined)
            raise
        return joined

    def _folder(self, bucket: str, key: str, id: str) -> Path:
        folder = self._buckets.uploads / id
        if re.fullmatch("[0-9a-f]{32}", id) and folder.is_dir():
            upload = json.loads((folder / "upload.json").read_text())
            if (upload["bucket"], upload["key"]) == (bucket, key):
                return folder
        raise Fault("NoSuchUpload", "The upload does not exist: its id is wrong, or it was completed or aborted.")


def _part(path: Path) -> Part:
    number, _, md5 = path.name.partition("-")
    return Part(int(number), path.stat().st_size, md5)


def _etag(wanted: Sequence[tuple[int, str]]) -> str:
    joined = b"".join(bytes.fromhex(etag) for _, etag in wanted)
    return f"{hashlib.md5(joined, usedforsecurity=False).hexdigest()}-{len(wanted)}"
