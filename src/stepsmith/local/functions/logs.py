"""What functions print, on its way into CloudWatch Logs of the same endpoint.

Logs are moto's, which is loaded when somebody asks for it: a call of a function must not wait for that. So lines are
appended to a file of the data folder, and move into log groups (`/aws/lambda/<name>`, a stream for each process) before
the first request for logs that could see them. The file has a bound: of what nobody reads, the oldest goes.
"""

import asyncio
import itertools
import json
import logging
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from stepsmith.lambdas import LogLine

MOST_BYTES = 16 * 1024 * 1024
"""What one file holds; there are at most two."""
MOST_UNWRITTEN = 64 * 1024
BATCH_EVENTS, BATCH_BYTES, EVENT_BYTES = 10_000, 1_048_576, 26
"""PutLogEvents: the events of a batch, its bytes, and what an event counts besides its text."""

Event = tuple[int, str, str, str]  # milliseconds, group, stream, text
Asked = tuple[str, Mapping[str, Any]]  # operation, parameters
Tell = Callable[[str, Sequence[Asked]], Awaitable[None]]
"""Makes these requests of a service, in this process, as one change of it."""
AT_ONCE = 500
"""Requests of one change: other services wait as long as it takes."""

_LOG = logging.getLogger("stepsmith.local.functions")


class FunctionLogs:
    """The file, written by any process of the data folder and drained by who serves its logs."""

    def __init__(self, folder: Path, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._folder = folder
        self._now_ms = now_ms
        self._unwritten: list[str] = []
        self._bytes = 0
        self._one_moves = asyncio.Lock()
        self._moving: set[asyncio.Task[None]] = set()

    @property
    def _file(self) -> Path:
        return self._folder / "lines.jsonl"

    @property
    def _older(self) -> Path:
        return self._folder / "older.jsonl"

    def write(self, line: LogLine) -> None:
        """Takes a line; it is in the file when the call that printed it has its REPORT."""
        text = json.dumps([self._now_ms(), line.group, line.stream, line.text], separators=(",", ":"))
        self._unwritten.append(text)
        self._bytes += len(text)
        if self._bytes > MOST_UNWRITTEN or line.text.startswith("REPORT "):
            self.flush()

    def flush(self) -> None:
        """Writes what was taken. A disk that takes nothing loses lines, never a call."""
        if not self._unwritten:
            return
        lines, self._unwritten, self._bytes = "\n".join(self._unwritten) + "\n", [], 0
        try:
            with self._opened() as file:
                file.write(lines)
                is_full = file.tell() > MOST_BYTES
            if is_full:
                self._file.replace(self._older)
        except OSError:
            return

    def _opened(self) -> TextIO:
        try:
            return self._file.open("a")
        except FileNotFoundError:
            self._folder.mkdir(parents=True, exist_ok=True)
            return self._file.open("a")

    async def drain(self, tell: Tell) -> None:
        """Moves every line into its log group. What cannot be moved stays for the next time. It goes on when who waits
        for it goes away: what is moved in part would be moved twice."""
        moving = asyncio.create_task(self._drain(tell))
        self._moving.add(moving)
        moving.add_done_callback(self._moving.discard)
        await asyncio.shield(moving)

    async def close(self) -> None:
        """Writes what was taken and lets what is on its way arrive."""
        self.flush()
        await asyncio.gather(*self._moving)

    async def _drain(self, tell: Tell) -> None:
        try:
            await self._move(tell)
        except Exception as error:  # noqa: BLE001 - whatever logs cannot take now, what is there can be read
            _LOG.warning("What functions printed is not in its log groups yet: %s", error)

    async def _move(self, tell: Tell) -> None:
        async with self._one_moves:
            self.flush()
            for file in (self._older, self._file):
                taken = self._folder / f"draining-{file.name}"
                if file.exists() and not taken.exists():
                    file.replace(taken)
                if taken.exists():
                    for requests in itertools.batched(_requests(await asyncio.to_thread(_read, taken)), AT_ONCE):
                        await tell("logs", requests)
                    taken.unlink()


def _read(file: Path) -> list[Event]:
    """The lines by group and stream; one that a killed process left half-written is passed over."""
    found = []
    for line in file.read_text(errors="replace").splitlines():
        try:
            at_ms, group, stream, text = json.loads(line)
        except ValueError:
            continue
        found.append((at_ms, group, stream, text))
    return sorted(found, key=lambda event: (event[1], event[2], event[0]))


def _requests(events: Iterable[Event]) -> Iterator[Asked]:
    """What brings the events into CloudWatch Logs. A group or a stream that is there refuses to be made again."""
    for group, of_group in itertools.groupby(events, key=lambda event: event[1]):
        yield "CreateLogGroup", {"logGroupName": group}
        for stream, of_stream in itertools.groupby(of_group, key=lambda event: event[2]):
            place = {"logGroupName": group, "logStreamName": stream}
            yield "CreateLogStream", place
            for batch in _batches(list(of_stream)):
                logged = [{"timestamp": at_ms, "message": text} for at_ms, _, _, text in batch]
                yield "PutLogEvents", {**place, "logEvents": logged}


def _batches(events: Sequence[Event]) -> Iterator[Sequence[Event]]:
    batch: list[Event] = []
    size = 0
    for event in events:
        weight = len(event[3].encode()) + EVENT_BYTES
        if batch and (len(batch) == BATCH_EVENTS or size + weight > BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += weight
    if batch:
        yield batch
