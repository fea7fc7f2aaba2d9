"""A built zip, unpacked once into the cache and shared by every process of every engine on this machine.

The folder is named by the zip's content, so an artifact that was built again unchanged costs a hash. It is unpacked
beside its place and renamed into it: two at once are safe, and a full disk or a `kill -9` leaves nothing half-written
under the final name. Refused, as an artifact of ours never has them and a foreign one has them for no good reason:
names that lead out of the folder, links and other special files, a file and a folder of one name, more than Lambda's
250 MB unpacked.
"""

import hashlib
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Sequence, Set
from pathlib import Path, PurePosixPath

from stepsmith.lambdas.errors import BadCode, NoCode, TooMuchCode

MAX_UNPACKED_BYTES = 262_144_000  # "Lambda quotas": 250 MB unzipped.
_UNREADABLE = (OSError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError, zlib.error)


def unpack(artifact: Path, folder: Path) -> Path:
    """The folder under `folder` that holds the unpacked `artifact`. Raises `BadCode`."""
    try:
        place = folder / _digest(artifact)
        if not place.is_dir():
            _unpack_into([artifact], place)
    except _UNREADABLE as error:
        raise BadCode(f"Cannot unpack {str(artifact)!r} into {str(folder)!r}: {error}.") from error
    return place


def overlay(artifacts: Sequence[Path], folder: Path) -> Path:
    """The folder under `folder` that holds them unpacked over each other: of two files of one name the later one's
    stays. Raises `BadCode`."""
    digests = [_digest(artifact) for artifact in artifacts]
    place = folder / hashlib.sha256("".join(digests).encode()).hexdigest()[:32]
    if not place.is_dir():
        _unpack_into(artifacts, place)
    return place


def unpacked_bytes(artifact: Path) -> int:
    """What an examined artifact has, unpacked."""
    with zipfile.ZipFile(artifact) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def examine(artifact: Path) -> None:
    """Raises `BadCode` as `unpack` would, reading all and writing nothing."""
    try:
        with zipfile.ZipFile(artifact) as archive:
            _check(artifact, archive.infolist())
            damaged = archive.testzip()
    except _UNREADABLE as error:
        raise BadCode(f"Cannot read {str(artifact)!r}: {error}.") from error
    if damaged is not None:
        raise BadCode(f"{str(artifact)!r} is refused: entry {damaged!r} is not what its header says.")


def _digest(artifact: Path) -> str:
    with artifact.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:32]


def _unpack_into(artifacts: Sequence[Path], place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(dir=place.parent, prefix="unpacking-"))
    try:
        for artifact in artifacts:
            with zipfile.ZipFile(artifact) as archive:
                _check(artifact, archive.infolist())
                for entry in archive.infolist():
                    _write(archive, entry, beside)
        _settle(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)


def _check(artifact: Path, entries: list[zipfile.ZipInfo]) -> None:
    if not entries:
        raise NoCode(f"{str(artifact)!r} is refused: it is empty.")
    folders = {folder for entry in entries for folder in _folders(entry)}
    for entry in entries:
        if reason := _objection(entry) or _obstruction(entry, folders):
            raise BadCode(
                f"{str(artifact)!r} is refused: entry {entry.orig_filename!r} {reason}. Build it again without it."
            )
    size = sum(entry.file_size for entry in entries)
    if size > MAX_UNPACKED_BYTES:
        raise TooMuchCode(
            f"{str(artifact)!r} is refused: unzipped size must be smaller than {MAX_UNPACKED_BYTES} bytes, not {size}."
        )


def _objection(entry: zipfile.ZipInfo) -> str | None:
    name, kind = entry.orig_filename, stat.S_IFMT(entry.external_attr >> 16)
    if "\0" in name or "\\" in name or name.startswith("/") or ".." in PurePosixPath(name).parts:
        return "leads out of the folder"
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        return "is a link or a special file"
    return None


def _folders(entry: zipfile.ZipInfo) -> Sequence[PurePosixPath]:
    path = PurePosixPath(entry.filename)
    return (path, *path.parents) if entry.is_dir() else tuple(path.parents)


def _obstruction(entry: zipfile.ZipInfo, folders: Set[PurePosixPath]) -> str | None:
    stands = not entry.is_dir() and PurePosixPath(entry.filename) in folders
    return "is a file where others have a folder" if stands else None


def _write(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, folder: Path) -> None:
    """zipfile reads no more than the size in the entry's header, which `_check` has added up."""
    path = folder / entry.filename
    if entry.is_dir():
        path.mkdir(parents=True, exist_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # of two entries with one name the later one counts
    with archive.open(entry) as source, path.open("xb") as target:
        shutil.copyfileobj(source, target, 1 << 20)
    path.chmod(0o555 if (entry.external_attr >> 16) & 0o111 else 0o444)  # Read-only, as /var/task is.


def _settle(beside: Path, place: Path) -> None:
    beside.chmod(0o755)
    try:
        os.rename(beside, place)
    except OSError:
        if not place.is_dir():  # Else somebody else has just unpacked the same content.
            raise
