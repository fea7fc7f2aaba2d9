"""The working folder: files laid down before a cell, and what the cell made of them.

Only regular files count. A link is never followed, in no direction: what it points to is outside, or is collected
under its own name. Files that the cell did not touch are answered by name only.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from .terms import MAX_NAME

MAX_ENTRIES = 20_000  # Looked at in all: a folder of a million files must not cost the cell's time.
MAX_NAMED = 20

Mark = tuple[int, int, int]


@dataclass(frozen=True)
class Collected:
    """`changed` files with their bytes, `unchanged` ones by name, and why others were left."""

    changed: Mapping[str, bytes]
    unchanged: tuple[str, ...]
    dropped: Mapping[str, str] = field(default_factory=dict)


def lay(folder: Path, files: Mapping[str, bytes]) -> dict[str, Mark]:
    """Writes the files; returns the mark of each, by which a change is seen."""
    marks = {}
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        marks[name] = _mark(path.lstat())
    return marks


def _mark(status: os.stat_result) -> Mark:
    return status.st_ino, status.st_size, status.st_mtime_ns


def collect(folder: Path, marks: Mapping[str, Mark], max_files: int, max_bytes: int) -> Collected:
    """The files under `folder`, at most `max_files` of them and `max_bytes` in all; smaller ones first."""
    found = sorted(_regular_files(folder), key=lambda each: each[1].st_size)
    untouched = {name for name, status in found if marks.get(name) == _mark(status)}
    changed: dict[str, bytes] = {}
    dropped: dict[str, str] = {}
    for name, status in found:
        if name in untouched:
            continue
        if not name.isprintable() or len(name.encode()) > MAX_NAME:
            dropped[ascii(name)] = f"a name may have {MAX_NAME} bytes, no line breaks and no control characters"
        elif len(changed) == max_files:
            dropped.setdefault("more files", f"a cell may leave {max_files} new or changed files")
        elif sum(map(len, changed.values())) + status.st_size > max_bytes:
            dropped[name] = f"{status.st_size:,} bytes; the files of a cell may have {max_bytes >> 20} MiB together"
        else:
            changed[name] = _read(folder / name, max_bytes)
    return Collected(changed, tuple(sorted(untouched)), dict(list(dropped.items())[:MAX_NAMED]))


def _regular_files(folder: Path) -> Iterator[tuple[str, os.stat_result]]:
    seen = 0
    for where, folders, names in os.walk(folder, followlinks=False):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            seen += 1
            if seen > MAX_ENTRIES:
                return
            path = Path(where, name)
            status = path.lstat()
            if stat.S_ISREG(status.st_mode):
                yield path.relative_to(folder).as_posix(), status


def _read(path: Path, limit: int) -> bytes:
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return file.read(limit)
