"""A process and all its descendants: what they hold in memory, and their end.

On Linux /proc is read directly: the list of children and `statm` cost some 20 us a process, while a scan of all
processes costs milliseconds, 20 times a second. Elsewhere psutil does it.
"""

import contextlib
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

_PAGE = os.sysconf("SC_PAGE_SIZE")
_HAS_CHILDREN = Path(f"/proc/self/task/{os.getpid()}/children").exists()  # CONFIG_PROC_CHILDREN


def members(pid: int) -> list[int]:
    """`pid` and its descendants, as far as they live; those who changed their session too."""
    return [pid, *(child for parent in _children(pid) for child in members(parent))]


def resident_bytes(pid: int) -> int:
    """The resident memory of the whole tree; what two processes share counts twice, as psutil's sum would."""
    return sum(_resident(member) for member in members(pid))


def kill(group: int) -> None:
    """SIGKILL to the group and to the descendants of its leader that left it."""
    strays = members(group)
    kill_group(group)
    for stray in strays:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(stray, signal.SIGKILL)


def kill_group(group: int) -> None:
    """SIGKILL to those who are left of a group whose leader has ended: its number alone says nothing any more."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _children(pid: int) -> Iterator[int]:
    if not _HAS_CHILDREN:
        yield from _elsewhere(pid, lambda process: [child.pid for child in process.children()], [])
        return
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            yield from map(int, Path(f"/proc/{pid}/task/{task}/children").read_text().split())


def _resident(pid: int) -> int:
    if not _HAS_CHILDREN:
        return _elsewhere(pid, lambda process: int(process.memory_info().rss), 0)
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_bytes().split()[1]) * _PAGE
    return 0


def _elsewhere[T](pid: int, look: Callable[[Any], T], gone: T) -> T:
    """What psutil sees of a process, `gone` where it has ended."""
    import psutil  # type: ignore[import-untyped]  # 20 ms that Linux never needs

    with contextlib.suppress(OSError, psutil.Error):
        return look(psutil.Process(pid))
    return gone
