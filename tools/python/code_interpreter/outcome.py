"""What comes out of the sandbox, read with suspicion, and told to the model.

The answer frame was written by a process in which a model's code ran. Its names must be plain, its pictures must be
pictures, its sizes are bounded by who received it; everything else is text. So the worst that a cell can do here is to
lie about itself.
"""

from __future__ import annotations

import mimetypes
import signal
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, assert_never

from .bounded import Bound, Bounds, Ended, Stopped
from .cell.frames import BrokenFrame, Frame, unpack
from .cell.terms import CHARTS, FILES, MAX_NAME, VARIABLES

MAX_ATTACHMENTS = 20
MAX_PICTURE_BYTES = 3 << 20  # What every vendor takes as one picture.
MAX_PICTURE_PIXELS = 8000  # On each side; likewise.
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Data:
    """A file of the answer, as bytes."""

    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class Outcome:
    """A cell that ran. `variables` is None where the state stays as it was before; then `changed` and `unchanged` files
    mean nothing. `document` is what the model reads."""

    document: Mapping[str, Any]
    is_error: bool
    variables: bytes | None = None
    changed: Mapping[str, bytes] | None = None
    unchanged: tuple[str, ...] = ()
    pictures: tuple[Data, ...] = ()
    attachments: tuple[Data, ...] = ()


def outcome(ran: Ended | Stopped, bounds: Bounds, room: int) -> Outcome:
    """What to answer and to keep; the document's long texts are cut to about `room` bytes together."""
    match ran:
        case Stopped(output, bound):
            return _without_state(_stopped(bound, bounds), output, room)
        case Ended(output, answer, status):
            try:
                return _read(unpack(answer), output, room)
            except (BrokenFrame, TypeError, ValueError, LookupError):
                return _without_state(_died(status), output, room)
        case _:
            assert_never(ran)


UNDONE = "Variables and files are as before this cell."


def _stopped(bound: Bound, bounds: Bounds) -> str:
    return {
        "time": f"The cell was stopped: it ran for {bounds.seconds:.0f} seconds. Do less in one cell.",
        "memory": f"The cell was stopped: it used over {bounds.memory_bytes >> 20} MiB of memory. Use less at a time.",
        "output": f"The cell was stopped: it printed over {bounds.output_bytes >> 10} KiB. Print less or write a file.",
        "processes": f"The cell was stopped: it had over {bounds.tasks} processes and threads. Start fewer.",
        "answer": f"The cell was stopped: it left over {bounds.answer_bytes >> 20} MiB. Leave less behind.",
    }[bound]


def _died(status: int) -> str:
    number = -status if status < 0 else status - 128  # Ours by Popen's rule, bubblewrap's by the shell's.
    name = signal.strsignal(number) if number > 0 else None
    how = name or f"exit status {status}"
    return f"The Python process ended in the middle of the cell ({how}). Do not end it, and use less memory."


def _without_state(error: str, output: bytes, room: int) -> Outcome:
    return Outcome({**_texts({"output": text(output)}, room), "error": error, "state": UNDONE}, is_error=True)


def _read(frame: Frame, output: bytes, room: int) -> Outcome:
    """Raises ValueError and its kin for what our worker never writes."""
    header = frame.header
    changed = {_plain(name): data for name, data in _under(FILES, frame.blobs)}
    pictures, attachments = _shown(_under(CHARTS, frame.blobs), changed)
    texts = _texts({"output": text(output), "value": header["value"], "error": header["error"]}, room)
    files = [each.name for each in attachments]
    facts = {
        "charts": [each.name for each in pictures],
        "files": files,
        "not_kept": _words(header["dropped"]),
        "files_not_kept": _words(header["dropped_files"]),
        "state": _lost(header["lost"]),
    }
    document = {**texts, **{name: fact for name, fact in facts.items() if fact}}
    unchanged = tuple(_plain(name) for name in header["unchanged"])
    is_error = header["error"] is not None
    return Outcome(document, is_error, frame.blobs[VARIABLES], changed, unchanged, pictures, attachments)


def _lost(reason: Any) -> str | None:
    return f"The variables of earlier cells could not be restored ({reason}); make them again." if reason else None


def _under(prefix: str, blobs: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    return [(name.removeprefix(prefix), data) for name, data in blobs.items() if name.startswith(prefix)]


def _plain(name: Any) -> str:
    """A relative path of plain steps; raises ValueError for any other."""
    path = PurePosixPath(str(name))
    steps = str(name).split("/")
    if path.is_absolute() or len(str(name).encode()) > MAX_NAME or not str(name).isprintable():
        raise ValueError(f"{name!r} is no name of a file.")
    if any(step in ("", ".", "..") for step in steps):
        raise ValueError(f"{name!r} is no plain path.")
    return str(name)


def _words(reasons: Any) -> dict[str, str]:
    return {str(name)[:MAX_NAME]: str(reason)[:300] for name, reason in dict(reasons).items()}


def text(output: bytes) -> str:
    """Printed bytes as text. Control sequences stay: they are data; whoever shows them on a terminal removes them."""
    return output.decode("utf-8", "replace")


def _texts(texts: Mapping[str, str | None], room: int) -> dict[str, str]:
    """Those that are there, `output` always; long ones lose their middle."""
    present = {name: value for name, value in texts.items() if value or name == "output"}
    share = room // max(1, len(present))
    return {name: _cut(str(value), share) for name, value in present.items()}


def _cut(value: str, room: int) -> str:
    """At most about `room` bytes of JSON: beginning and end, and how much is left out between."""
    size = len(value.encode("utf-8", "replace"))
    if size <= room:
        return value
    keep = int(len(value) * room / size / 2)
    return f"{value[:keep]}\n[... {len(value) - 2 * keep:,} characters left out ...]\n{value[-keep:]}"


def _shown(
    charts: Sequence[tuple[str, bytes]], changed: Mapping[str, bytes]
) -> tuple[tuple[Data, ...], tuple[Data, ...]]:
    """Pictures and other files of the answer; names are used once, hidden files are not shown."""
    written = [(name.replace("/", "_"), data) for name, data in changed.items() if not name.startswith(".")]
    taken: set[str] = set()
    shown = []
    for name, data in [*charts, *written][:MAX_ATTACHMENTS]:
        own = _unused(_plain(name.replace("/", "_")), taken)
        shown.append(Data(own, _media_type(own, data), data))
    pictures = tuple(each for each in shown if each.media_type == "image/png")
    return pictures, tuple(each for each in shown if each.media_type != "image/png")


def _unused(name: str, taken: set[str]) -> str:
    path, number, own = PurePosixPath(name), 1, name
    while own in taken:
        number += 1
        own = f"{path.stem}_{number}{path.suffix}"
    taken.add(own)
    return own


def _media_type(name: str, data: bytes) -> str:
    """By the name, but ``image/png`` only for what a model can be shown: a vendor refuses the whole call otherwise."""
    if name.lower().endswith(".png"):
        return "image/png" if _is_picture(data) else "application/octet-stream"
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def _is_picture(data: bytes) -> bool:
    """A whole PNG of a size that vendors take (PNG specification, section 5: signature, IHDR first, IEND last)."""
    if not data.startswith(PNG) or data[12:16] != b"IHDR" or data[-8:-4] != b"IEND" or len(data) > MAX_PICTURE_BYTES:
        return False
    return all(0 < side <= MAX_PICTURE_PIXELS for side in struct.unpack(">II", data[16:24]))
