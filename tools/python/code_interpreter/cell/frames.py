"""What goes into a cell and comes out of it: a JSON header and named blobs, in one stream of bytes.

Eight hexadecimal digits give the header's length; the header lists the blobs with their sizes, in order; then they
follow, nothing between them. No archive format: a reader of archives is a thing to attack, and this one is read by the
handler, outside the sandbox.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

LENGTH_DIGITS = 8
MAX_HEADER = 8 << 20
MAX_BLOBS = 1000


class BrokenFrame(ValueError):
    """The bytes are no frame: cut off, too much, or written by somebody else."""


@dataclass(frozen=True)
class Frame:
    """`header` is plain JSON; `blobs` are bytes by name."""

    header: Mapping[str, Any]
    blobs: Mapping[str, bytes]


def pack(frame: Frame) -> bytes:
    sizes = [[name, len(blob)] for name, blob in frame.blobs.items()]
    header = json.dumps({"header": frame.header, "blobs": sizes}).encode()
    return b"".join([b"%0*x" % (LENGTH_DIGITS, len(header)), header, *frame.blobs.values()])


def unpack(data: bytes) -> Frame:
    """Raises `BrokenFrame` unless `data` is exactly one frame."""
    try:
        start = LENGTH_DIGITS + min(int(data[:LENGTH_DIGITS], 16), MAX_HEADER)
        document = json.loads(data[LENGTH_DIGITS:start])
        header, sizes = document["header"], document["blobs"]
        names = [(str(name), int(size)) for name, size in sizes[: MAX_BLOBS + 1]]
    except (ValueError, LookupError, TypeError, OverflowError, RecursionError) as error:
        raise BrokenFrame("The frame's header cannot be read.") from error
    if not isinstance(header, dict) or len(names) > MAX_BLOBS:
        raise BrokenFrame("The frame's header is not one of ours.")
    return Frame(header, _blobs(names, memoryview(data)[start:]))


def _blobs(names: list[tuple[str, int]], rest: memoryview) -> dict[str, bytes]:
    if any(size < 0 for _, size in names) or sum(size for _, size in names) != len(rest):
        raise BrokenFrame("The frame's blobs do not add up to its length.")
    blobs, start = {}, 0
    for name, size in names:
        blobs[name] = bytes(rest[start : start + size])
        start += size
    return blobs
