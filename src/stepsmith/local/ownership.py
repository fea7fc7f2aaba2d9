"""A run is worked on by one living process: whoever holds its lock.

The lock is `flock` on a file of the run's own, so the operating system drops it with the process, `kill -9` included,
and no process ever has to guess whether another one still lives. The file goes when the lock is released; a file left
behind by a killed process is empty and is taken over by the next owner.
"""

import fcntl
import os
from pathlib import Path


class Ownership:
    """The locks that this process holds, by run id (a key that is safe as a file name)."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}

    def take(self, key: str) -> bool:
        """True when this process now owns the run (or did already); False when another living process does."""
        if key in self._held:
            return True
        descriptor = self._lock(self._folder / f"{key}.lock")
        if descriptor is not None:
            self._held[key] = descriptor
        return descriptor is not None

    def release(self, key: str) -> None:
        """Gives the run up. The file is removed while the lock is held, so that nobody can hold a removed one."""
        descriptor = self._held.pop(key, None)
        if descriptor is not None:
            (self._folder / f"{key}.lock").unlink(missing_ok=True)
            os.close(descriptor)

    def release_all(self) -> None:
        for key in tuple(self._held):
            self.release(key)

    def is_owned(self, key: str) -> bool:
        """Whether any living process, this one included, works on the run."""
        if key in self._held:
            return True
        if not (self._folder / f"{key}.lock").exists():
            return False
        if not self.take(key):
            return True
        self.release(key)
        return False

    def _lock(self, path: Path) -> int | None:
        self._folder.mkdir(parents=True, exist_ok=True)
        while True:
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return None
            if _is_file_at(descriptor, path):
                return descriptor
            os.close(descriptor)  # Its last owner removed the file between our open and our lock.


def _is_file_at(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), os.stat(path))
    except FileNotFoundError:
        return False
