"""Runs one cell inside a sandbox: the request, the scratch folder, the limits, and what is swept away afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from . import bounded, prepare
from .bounded import Bounds, Ended, Stopped
from .cell.frames import Frame, pack
from .cell.terms import Leavings, Limits
from .sandbox import MIB, Bubblewrap, MicroVm, Sandbox, command

DISK_BYTES = 256 * MIB
LEAVINGS = Leavings(state_bytes=64 * MIB, files=100, files_bytes=64 * MIB, charts=10)
SHARED = ("/tmp", "/dev/shm")


def run(where: Sandbox, code: str, number: int, blobs: Mapping[str, bytes], bounds: Bounds) -> Ended | Stopped:
    """The cell `number` of a run; `blobs` are its state and files (`cell.terms` says how they are named)."""
    if not isinstance(where, Bubblewrap):
        bounded.shield()
    limits, leavings = asdict(kernel_limits(where, bounds)), asdict(LEAVINGS)
    request = pack(Frame({"code": code, "number": number, "limits": limits, "leavings": leavings}, blobs))
    with _scratch(where) as scratch, _pipe() as pipe:
        made = command(where, prepare.program(), scratch, pipe[1], DISK_BYTES)
        try:
            return bounded.run(made, pipe, request, bounds)
        except bounded.StillAlive:
            os._exit(70)  # The next run must not share this environment with it: Lambda makes a new one.


def kernel_limits(where: Sandbox, bounds: Bounds) -> Limits:
    """Of each process: looser than `bounds`, which hold for all of them together and are watched."""
    return Limits(
        data_bytes=bounds.memory_bytes + 512 * MIB,
        file_bytes=DISK_BYTES,
        cpu_seconds=int(bounds.seconds * 4) + 1,
        open_files=512,
        processes=bounds.tasks * 2 if isinstance(where, MicroVm) else None,
        parent=None if isinstance(where, Bubblewrap) else os.getpid(),
    )


@contextmanager
def _pipe() -> Iterator[tuple[int, int]]:
    read, write = os.pipe()
    try:
        yield read, write
    finally:
        os.close(read)


@contextmanager
def _scratch(where: Sandbox) -> Iterator[Path]:
    """A folder for the cell's files where the sandbox has none of its own."""
    if isinstance(where, Bubblewrap):
        yield Path("/")
        return
    before = _entries() if isinstance(where, MicroVm) else None
    folder = Path(tempfile.mkdtemp(prefix="cell-"))
    for name in ("work", "tmp", ".matplotlib"):
        (folder / name).mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        _sweep(before)


def _sweep(before: set[Path] | None) -> None:
    """Inside a Lambda, where the next run may be somebody else's: all that the cell left outside its folder."""
    for path in _entries() - before if before is not None else ():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def _entries() -> set[Path]:
    return {path for folder in SHARED if os.path.isdir(folder) for path in Path(folder).iterdir()}
