"""Compares artifacts of two builds: `same_bytes.py FOLDER OTHER_FOLDER ZIP...`, the zips named below both folders.

Prints a table: artifact, bytes, the first digits of its sha256, and `equal` or the first thing that differs (an entry
that one lacks, its time, mode or content; the order of entries). Exits with 1 unless all are equal byte for byte.
"""

from __future__ import annotations

import hashlib
import sys
import zipfile
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path

EQUAL = "equal"
DIGITS = 16


def verdict(one: Path, other: Path) -> str:
    """`equal`, or what differs first."""
    for path in (one, other):
        if not path.is_file():
            return f"{path} is missing"
    return EQUAL if one.read_bytes() == other.read_bytes() else next(differences(one, other))


def differences(one: Path, other: Path) -> Iterator[str]:
    with zipfile.ZipFile(one) as left, zipfile.ZipFile(other) as right:
        for a, b in zip_longest(left.infolist(), right.infolist()):
            if a is None or b is None:
                yield f"{(a or b).filename}: only in the {'first' if a else 'second'}"
            elif a.filename != b.filename:
                yield f"{a.filename} stands where the second has {b.filename}"
            elif a.CRC != b.CRC:
                yield f"{a.filename}: {differing(left.read(a), right.read(b))}"
            elif fields := [name for name in ("date_time", "external_attr") if getattr(a, name) != getattr(b, name)]:
                yield f"{a.filename}: {', '.join(fields)}"
    yield "the same entries, written otherwise"


def differing(one: bytes, other: bytes) -> str:
    """``4,711 and 4,712 bytes, the first that differs is at 17``."""
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return f"{len(one):,} and {len(other):,} bytes, the first that differs is at {at:,}"


def row(folder: Path, other: Path, name: str) -> tuple[str, ...]:
    path = folder / name
    content = path.read_bytes() if path.is_file() else b""
    return name, f"{len(content):,}", hashlib.sha256(content).hexdigest()[:DIGITS], verdict(path, other / name)


def main(folder: Path, other: Path, names: list[str]) -> int:
    rows = [row(folder, other, name) for name in names]
    print(table([("artifact", "bytes", "sha256", "built twice"), *rows]))
    return 0 if names and all(verdict == EQUAL for *_, verdict in rows) else 1


def table(rows: list[tuple[str, ...]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:]))
