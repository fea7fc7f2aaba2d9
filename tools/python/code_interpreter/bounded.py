"""Runs a sandboxed program within bounds, and ends all of its processes: at a bound, at its end, or with us.

The request goes in on standard input; what the cell prints comes out on one pipe in the order it was written, the
answer on another. Meanwhile the sum of what its process tree uses is watched, every few milliseconds: the kernel's
limits (`cell.confine`) count each process alone.

Processes that leave their parent are not lost: inside bubblewrap the namespace dies as a whole; elsewhere on Linux we
are a "child subreaper" (prctl(2)), so that orphans become our children and are ended too
(so whoever calls `run` starts nothing else meanwhile).
"""

from __future__ import annotations

import ctypes
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from .sandbox import Command

TICK = 0.02  # Seconds between two looks at the process tree.
CHUNK = 1 << 16
ENDING_SECONDS = 10.0
PAGE = os.sysconf("SC_PAGE_SIZE")
_PR_SET_DUMPABLE, _PR_SET_CHILD_SUBREAPER = 4, 36

Bound = Literal["time", "memory", "output", "processes", "answer"]


@dataclass(frozen=True)
class Bounds:
    """Of a whole process tree: wall clock, resident memory, bytes printed, bytes answered, processes and threads."""

    seconds: float
    memory_bytes: int
    output_bytes: int
    answer_bytes: int
    tasks: int


@dataclass(frozen=True)
class Ended:
    """By itself. `answer` is empty where the program died before it answered; `status` is negative for a signal."""

    output: bytes
    answer: bytes
    status: int


@dataclass(frozen=True)
class Stopped:
    """By us, at this bound."""

    output: bytes
    bound: Bound


class StillAlive(RuntimeError):
    """A process of a cell cannot be ended; the environment must not serve another run."""


def shield() -> None:
    """Closes our memory, environment and descriptors to other processes of this user (prctl(2), PR_SET_DUMPABLE)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def run(
    command: Command,
    answer_pipe: tuple[int, int],
    request: bytes,
    bounds: Bounds,
    clock: Callable[[], float] = time.monotonic,
) -> Ended | Stopped:
    """Runs `command` to its end or to a bound. It inherits the second end of `answer_pipe`, which is closed here.
    Raises `OSError` where it cannot start, `StillAlive`."""
    _adopt_orphans()
    ours = {pid for pid, parent in _parents().items() if parent == os.getpid()}
    read, write = answer_pipe
    try:
        process = _start(command, write)
    finally:
        os.close(write)
    try:
        return _Watch(process, read, request, bounds, clock).to_the_end()
    finally:
        _end(process, ours)


def _start(command: Command, inherited: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command.arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        pass_fds=[inherited],
        cwd=command.folder,
        env=dict(command.environment),
        start_new_session=True,
    )


class _Watch:
    """One running program: its three pipes and its bounds."""

    def __init__(
        self, process: subprocess.Popen[bytes], answer: int, request: bytes, bounds: Bounds, clock: Callable[[], float]
    ) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._process, self._bounds, self._clock = process, bounds, clock
        self._until, self._next_look = clock() + bounds.seconds, 0.0
        self._request = memoryview(request)
        self._received = {process.stdout.fileno(): bytearray(), answer: bytearray()}
        self._output, self._answer = self._received.values()
        self._selector = selectors.DefaultSelector()
        self._selector.register(process.stdin.fileno(), selectors.EVENT_WRITE)
        os.set_blocking(process.stdin.fileno(), False)
        for pipe in self._received:
            self._selector.register(pipe, selectors.EVENT_READ)

    def to_the_end(self) -> Ended | Stopped:
        try:
            while self._selector.get_map():
                over = self._over()
                if over is not None:
                    return Stopped(bytes(self._output[: self._bounds.output_bytes]), over)
                if not self._move() and self._process.poll() is not None:
                    break  # It is over; a process that it left holds the pipes.
            return Ended(bytes(self._output), bytes(self._answer), self._status())
        finally:
            self._selector.close()

    def _status(self) -> int:
        try:
            return self._process.wait(max(0.0, self._until - self._clock()))
        except subprocess.TimeoutExpired:
            return -signal.SIGKILL

    def _over(self) -> Bound | None:
        """The bound that is passed."""
        if len(self._output) > self._bounds.output_bytes:
            return "output"
        if len(self._answer) > self._bounds.answer_bytes:
            return "answer"
        now = self._clock()
        if now > self._until:
            return "time"
        if now < self._next_look:
            return None
        self._next_look = now + TICK
        return self._over_by_tree()

    def _over_by_tree(self) -> Bound | None:
        tree = descendants([self._process.pid])
        if sum(map(_tasks, tree)) > self._bounds.tasks:
            return "processes"
        return "memory" if sum(map(_resident, tree)) > self._bounds.memory_bytes else None

    def _move(self) -> bool:
        """Moves what can be moved; whether anything could."""
        ready = self._selector.select(TICK)
        for key, _ in ready:
            if key.fd in self._received:
                self._read(key.fd)
            else:
                self._write(key.fd)
        return bool(ready)

    def _read(self, pipe: int) -> None:
        data = os.read(pipe, CHUNK)
        self._received[pipe] += data
        if not data:
            self._selector.unregister(pipe)

    def _write(self, pipe: int) -> None:
        try:
            self._request = self._request[os.write(pipe, self._request[:CHUNK]) :]
        except BrokenPipeError:
            self._request = memoryview(b"")
        if not self._request:
            self._selector.unregister(pipe)
            assert self._process.stdin is not None
            self._process.stdin.close()


def descendants(roots: Iterable[int]) -> list[int]:
    """`roots` and all processes below them that are alive; empty where the system has no /proc."""
    waiting, found = list(roots), []
    while waiting:
        pid = waiting.pop()
        if os.path.exists(f"/proc/{pid}"):
            found.append(pid)
            waiting += _children(pid)
    return found


def _children(pid: int) -> list[int]:
    """Of all threads of a process (proc(5), /proc/PID/task/TID/children)."""
    try:
        threads = os.listdir(f"/proc/{pid}/task")
    except OSError:  # It has ended, or there is no /proc.
        return []
    return [int(child) for thread in threads for child in _proc(f"/proc/{pid}/task/{thread}/children").split()]


def _tasks(pid: int) -> int:
    fields = _proc(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return int(fields[17]) if len(fields) > 17 else 0


def _resident(pid: int) -> int:
    fields = _proc(f"/proc/{pid}/statm").split()
    return int(fields[1]) * PAGE if fields else 0


def _proc(path: str) -> str:
    try:
        with open(path, "rb") as file:
            return file.read().decode("ascii", "replace")
    except OSError:  # It has ended meanwhile.
        return ""


def _adopt_orphans() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _end(process: subprocess.Popen[bytes], ours: set[int]) -> None:
    """Ends the process, all below it and all that became our children since; `ours` were there before."""
    _signal_group(process)
    until = time.monotonic() + ENDING_SECONDS
    while left := _left(ours):
        if time.monotonic() > until:
            raise StillAlive(f"Processes {left} of a cell cannot be ended.")
        for pid in left:
            _kill(pid)
        _reap(left, process)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


def _signal_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # It leads a session; what is left of that has no other owner.


def _left(ours: set[int]) -> list[int]:
    """Our children that are not `ours`, and all below them. From a scan of all processes: the kernel's lists of
    children can leave one out while another ends (proc(5)), and here none may be missed."""
    parents = _parents()
    found = [pid for pid, parent in parents.items() if parent == os.getpid() and pid not in ours]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


def _parents() -> dict[int, int]:
    """The parent of each process; empty where the system has no /proc."""
    pids = [int(name) for name in os.listdir("/proc") if name.isdigit()] if os.path.isdir("/proc") else []
    fields = {pid: _proc(f"/proc/{pid}/stat").rpartition(")")[2].split() for pid in pids}
    return {pid: int(each[1]) for pid, each in fields.items() if len(each) > 1}


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _reap(pids: list[int], process: subprocess.Popen[bytes]) -> None:
    for pid in pids:
        if pid == process.pid:
            process.poll()
            continue
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
