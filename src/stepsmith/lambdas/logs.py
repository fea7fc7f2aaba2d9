"""What a process prints: one pipe for stdout and stderr, cut into lines, bounded whatever is printed.

The pipe is read as it fills. A call's output must be complete when its answer is, so `drain` reads what the pipe
still holds: a runtime flushes before it answers. Per call at most `MAX_CALL_BYTES` become lines (then one line says
so and the rest is dropped), a line is cut at `MAX_LINE_BYTES`, and the last 4 KB are kept as Invoke's log tail.
"""

import asyncio
import os
from collections.abc import Callable

MAX_LINE_BYTES = 64 * 1024
MAX_CALL_BYTES = 1024 * 1024
TAIL_BYTES = 4096
_CHUNK = 64 * 1024
_PIPE_CHUNKS = 4  # More than a pipe holds: a grandchild that never stops printing cannot hold up an answer.


class Printed:
    """The reading end. `writer` is the file descriptor that the process gets."""

    def __init__(self, line: Callable[[str], None]) -> None:
        self._line = line
        self._reader, self.writer = os.pipe()
        os.set_blocking(self._reader, False)
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._reader, self._read)
        self._unfinished = b""
        self._open = True
        self.begin()

    def handed_over(self) -> None:
        """The process has the writing end: the pipe ends with it and its children."""
        os.close(self.writer)

    def begin(self) -> None:
        """A call begins: its own tail, its own bound."""
        self._tail = b""
        self._bytes = 0

    @property
    def tail(self) -> str:
        return self._tail.decode("utf-8", "replace")

    def note(self, text: str) -> None:
        """What Lambda says belongs to the tail of the call, too."""
        gap = b"" if not self._tail or self._tail.endswith(b"\n") else b"\n"
        self._tail = (self._tail + gap + f"{text}\n".encode())[-TAIL_BYTES:]

    def drain(self) -> None:
        """Reads what is there now, and ends an unfinished line."""
        for _ in range(_PIPE_CHUNKS):
            if not self._read():
                break
        if self._unfinished:
            self._print(self._unfinished)
            self._unfinished = b""

    def close(self) -> None:
        if self._open:
            self._open = False
            self._loop.remove_reader(self._reader)
            os.close(self._reader)

    def _read(self) -> bool:
        """Whether there was anything."""
        try:
            data = os.read(self._reader, _CHUNK) if self._open else b""
        except BlockingIOError:
            return False
        if data:
            self._accept(data)
        else:
            self.close()
        return bool(data)

    def _accept(self, data: bytes) -> None:
        self._tail = (self._tail + data)[-TAIL_BYTES:]
        *lines, rest = (self._unfinished + data).split(b"\n")
        for line in lines:
            self._print(line)
        self._unfinished = rest
        if len(rest) > MAX_LINE_BYTES:
            self._print(rest)
            self._unfinished = b""

    def _print(self, line: bytes) -> None:
        before, self._bytes = self._bytes, self._bytes + len(line) + 1
        if self._bytes <= MAX_CALL_BYTES:
            self._line(line[:MAX_LINE_BYTES].decode("utf-8", "replace"))
        elif before <= MAX_CALL_BYTES:
            self._line(f"(more than {MAX_CALL_BYTES} bytes were printed in one call: the rest is dropped)")
