"""Where the endpoint of a data folder is: `endpoint.json`, for other processes to find it, and the lock that goes with
the process.

    with announced(data) as announcement:      # EndpointRuns: there is one already
        announcement.publish("http://127.0.0.1:4599")

The lock tells a living endpoint from a file that a killed one left behind: the operating system drops it with the
process, so nobody has to guess from process ids. It is held on a file of its own, because `endpoint.json` is replaced
as a whole.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from stepsmith.local.errors import LocalError
from stepsmith.local.private import make_private

FILE = "endpoint.json"
LOCK = "endpoint.lock"


class EndpointRuns(LocalError):
    """Another process serves this folder."""

    def __init__(self, data: Path, found: "Announced | None") -> None:
        where = f"at {found.url} (process {found.pid})" if found else "and is just starting"
        super().__init__(
            f"An endpoint for {str(data)!r} runs already {where}: use it (`stepsmith env`), end it first, or choose "
            "another folder with --data and another port with --port."
        )


@dataclass(frozen=True, slots=True)
class Announced:
    """A running endpoint."""

    url: str
    pid: int


class Announcement:
    """The right to serve a folder, held by this process."""

    def __init__(self, data: Path) -> None:
        self._path = data / FILE

    def publish(self, url: str) -> None:
        """From now on others find the endpoint."""
        written = self._path.with_name(f".{FILE}-{os.getpid()}")
        written.write_bytes(orjson.dumps({"url": url, "pid": os.getpid()}))
        written.replace(self._path)

    def withdraw(self) -> None:
        self._path.unlink(missing_ok=True)


@contextmanager
def announced(data: Path) -> Iterator[Announcement]:
    """Holds the folder for this process. EndpointRuns: another one has it."""
    make_private(data)
    descriptor = os.open(data / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if not _held(descriptor):
            raise EndpointRuns(data, _read(data))
        announcement = Announcement(data)
        announcement.withdraw()  # what a killed process left behind
        try:
            yield announcement
        finally:
            announcement.withdraw()
    finally:
        os.close(descriptor)


def running(data: Path) -> Announced | None:
    """The endpoint that serves the folder now; None when there is none, or it does not answer yet."""
    try:
        descriptor = os.open(data / LOCK, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        return None if _lock(descriptor, fcntl.LOCK_SH) else _read(data)
    finally:
        os.close(descriptor)


def _held(descriptor: int) -> bool:
    """Takes the lock; asks again for a moment, because `running` holds it while it looks."""
    for _ in range(5):
        if _lock(descriptor, fcntl.LOCK_EX):
            return True
        time.sleep(0.02)
    return False


def _lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(data: Path) -> Announced | None:
    try:
        said = orjson.loads((data / FILE).read_bytes())
        return Announced(str(said["url"]), int(said["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
