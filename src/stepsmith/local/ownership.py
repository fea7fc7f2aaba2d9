"""A run is worked on by one living process: whoever holds its lock.

The lock is one byte of the file `runs.lock`, at the number that the run has in the database: a lock of the operating
system, which drops it with the process, `kill -9` included, so that no process ever has to guess whether another one
still lives. Ten thousand runs cost one descriptor. Such locks belong to a process and not to whoever took them, and
closing any descriptor of the file drops them all: so a process opens each file once, and its runtimes exclude each
other by a table (`_Locks`). Asking who owns a run takes no lock, so nobody is refused by the question.
"""

import fcntl
import os
import struct
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

_FLOCK, _TYPE = ("qqihh", 3) if sys.platform == "darwin" else ("hhqqi", 0)
"""`struct flock` of fcntl(2), and where in it the type stands; the rest: start, length, whence, the owner's pid."""

_Key = tuple[int, int]


@dataclass(slots=True, eq=False)
class _Locks:
    """A lock file as this process has it open, once, and which of its runtimes holds which byte."""

    descriptor: int
    users: int = 0
    owners: dict[int, "Ownership"] = field(default_factory=dict)

    opened: ClassVar[dict[_Key, "_Locks"]] = {}

    @classmethod
    def at(cls, path: Path) -> "_Locks":
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(0o600)
        key = _key(os.stat(path))  # asked without opening it: closing a second descriptor would drop the locks
        if key not in cls.opened:
            cls.opened[key] = cls(os.open(path, os.O_RDWR | os.O_CLOEXEC))
        return cls.opened[key]

    def close(self) -> None:
        del self.opened[_key(os.fstat(self.descriptor))]
        os.close(self.descriptor)


class Ownership:
    """The runs that one runtime of this process owns, by their numbers in the database."""

    def __init__(self, path: Path) -> None:
        self._locks = _Locks.at(path)
        self._locks.users += 1
        self._held: set[int] = set()

    def take(self, run: int) -> bool:
        """True when the run is now this runtime's (or was already); False when another living one works on it."""
        if run in self._held:
            return True
        if run in self._locks.owners:
            return False
        try:
            fcntl.lockf(self._locks.descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, run)
        except (BlockingIOError, PermissionError):  # EAGAIN, or EACCES: as POSIX leaves it to the system
            return False
        self._locks.owners[run] = self
        self._held.add(run)
        return True

    def release(self, run: int) -> None:
        """Gives the run up. Nothing happens for one that is not held."""
        if run in self._held:
            self._held.remove(run)
            del self._locks.owners[run]
            fcntl.lockf(self._locks.descriptor, fcntl.LOCK_UN, 1, run)

    def close(self) -> None:
        """Gives everything up; the file stays, empty, for the next one."""
        for run in tuple(self._held):
            self.release(run)
        self._locks.users -= 1
        if self._locks.users == 0:
            self._locks.close()

    def is_owned(self, run: int) -> bool:
        """Whether any living process, this one included, works on the run."""
        if run in self._locks.owners:
            return True
        values = {"type": fcntl.F_WRLCK, "start": run, "length": 1}
        order = ("start", "length", "pid", "type", "whence") if _TYPE else ("type", "whence", "start", "length", "pid")
        asked = struct.pack(_FLOCK, *(values.get(name, 0) for name in order))
        answered = struct.unpack(_FLOCK, fcntl.fcntl(self._locks.descriptor, fcntl.F_GETLK, asked))
        return bool(answered[_TYPE] != fcntl.F_UNLCK)


def _key(facts: os.stat_result) -> _Key:
    return facts.st_dev, facts.st_ino
