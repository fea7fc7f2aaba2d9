"""Scratch folders: each process has one of its own for HOME and TMPDIR, as /tmp is on Lambda.

All of one engine lie in one folder with a lock that the engine holds while it lives. An engine that was killed leaves
its folder behind; the next one to start finds its lock free and removes it.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

_LOCK = "lock"


class Scratch:
    """Scratch folders of one engine, under `folder`."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        with folder.with_suffix(".lock").open("w") as door:  # Nobody may sweep a folder that is just being made.
            fcntl.flock(door, fcntl.LOCK_EX)
            _sweep(folder)
            self._root = Path(tempfile.mkdtemp(dir=folder))
            self._lock = os.open(self._root / _LOCK, os.O_CREAT | os.O_RDWR)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def new(self) -> Path:
        return Path(tempfile.mkdtemp(dir=self._root))

    def close(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)
        os.close(self._lock)


def _sweep(folder: Path) -> None:
    """Removes what engines left that live no more."""
    for leftover in folder.iterdir():
        with contextlib.suppress(OSError), (leftover / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(leftover, ignore_errors=True)
