"""Object keys as paths under a bucket's folder, and back.

A key looks like a path but may be anything up to 1,024 bytes of UTF-8: `../x`, `a//b`, `a/`, control characters, a name
of 700 letters, and both `a` and `a/b` at once. Plain names stay as they are, so that people find their files; whatever
a file system cannot hold is written with `%`, which no plain name contains (`%` itself becomes `%25`):

    empty segment      %_            `a//b` is a/%_/b, `a/` is a/%_
    . and ..           %2E, %2E%2E
    long segments      cut into pieces that end in %+, one folder deeper each
    `a` beside `a/b`   a/%           (folder.py chooses this place when `a` is a folder)
"""

import re
from urllib.parse import unquote

from .faults import Fault

MAX_KEY_BYTES = 1024
HERE = "%"  # the file of an object whose path is a folder
_EMPTY = "%_"
_MORE = "%+"
_PIECE_BYTES = 200  # file systems end a name at 255 bytes
_UNSAFE = re.compile(r"[%\x00-\x1f\x7f\\]")


def to_parts(key: str) -> tuple[str, ...]:
    """The path's parts for a key; Fault for a key that S3 does not take."""
    if not key or len(key.encode("utf-8", "surrogatepass")) > MAX_KEY_BYTES:
        raise Fault("KeyTooLongError", f"Your key is too long or empty: it may have {MAX_KEY_BYTES} bytes of UTF-8.")
    return tuple(piece for segment in key.split("/") for piece in _pieces(_escaped(segment)))


def from_parts(parts: tuple[str, ...]) -> str:
    """The key whose file lies at these parts."""
    named = parts[:-1] if parts[-1] == HERE else parts
    joined = "".join(part.removesuffix(_MORE) if part.endswith(_MORE) else part + "/" for part in named)
    return "/".join("" if segment == _EMPTY else unquote(segment) for segment in joined[:-1].split("/"))


def _escaped(segment: str) -> str:
    if not segment:
        return _EMPTY
    return _UNSAFE.sub(lambda found: f"%{ord(found[0]):02X}", segment)


def _without_dots(name: str) -> str:
    """A name, or the last piece of one, that no file system takes for a way up."""
    return "%2E" * len(name) if name in (".", "..") else name


def _pieces(segment: str) -> list[str]:
    pieces = []
    while len(segment.encode()) > _PIECE_BYTES:
        piece = segment.encode()[:_PIECE_BYTES].decode(errors="ignore")
        pieces.append(piece + _MORE)
        segment = segment[len(piece) :]
    return [*pieces, _without_dots(segment)]
