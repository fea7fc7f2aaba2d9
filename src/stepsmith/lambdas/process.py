"""One process of a function: started, given calls one at a time, ended with everything that it started.

Its life: `start` -> (`call` -> `call` -> ...) -> `end`. It dies by itself, by `end` (idle, retired, cancelled), by the
function's timeout or by its memory bound; each way the whole process group goes, the port closes and the scratch folder
is removed. Descendants that left the group go where it is we who end it: of a dead process nobody knows the children.
"""

import asyncio
import contextlib
import math
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from stepsmith.lambdas import tree
from stepsmith.lambdas.environment import Place, environment
from stepsmith.lambdas.function import Invocation, LogLine
from stepsmith.lambdas.lifeline import KERNEL_WATCHES, Lifeline
from stepsmith.lambdas.logs import Printed
from stepsmith.lambdas.outcome import Exited, Outcome, OutOfMemory, TimedOut, Unserved, status
from stepsmith.lambdas.runtime_api import Exchange, RuntimeApi
from stepsmith.lambdas.runtimes import Workplace, command
from stepsmith.lambdas.source import Version

Log = Callable[[LogLine], None]
INIT_SECONDS = 10.0  # "The Init phase is limited to 10 seconds" (Lambda execution environment lifecycle).


@dataclass(frozen=True)
class Result:
    outcome: Outcome
    duration_ms: float
    init_ms: float | None
    log_tail: str


class Process:
    """Made by `start`. `alive` turns false as soon as its end is decided or known. `log` gets what the function prints,
    `platform` what Lambda says of it: START, END and REPORT lines."""

    def __init__(self, version: Version, log: Log, platform: Log, init_seconds: float) -> None:
        self.version = version
        self.function = version.function
        self.alive = True
        self.stream = _log_stream(version.function.version)
        self._log, self._platform = log, platform
        self._init_seconds = init_seconds
        self._most_bytes = 0
        self._is_too_large = False
        self._exchange: Exchange | None = None
        self._printed = Printed(self._line)
        self._api = RuntimeApi(on_end=self._printed.drain, on_take=self._say_start)
        self._lifeline = Lifeline()
        self._started_at = time.perf_counter()
        self._warm = False

    @classmethod
    async def start(
        cls, version: Version, *, cache: Path, scratch: Path, log: Log, platform: Log, init_seconds: float
    ) -> "Process":
        """Raises OSError when the machine cannot start it. `scratch` is the process's own from here on."""
        process = cls(version, log, platform, init_seconds)
        try:
            await process._start(cache, scratch)
        except BaseException:
            await process._abandon(scratch)
            raise
        return process

    @property
    def pid(self) -> int:
        return self._child.pid

    async def call(self, invocation: Invocation) -> Result:
        """Runs one invocation to its end. A process whose call did not end in an answer is not `alive` afterwards."""
        exchange = self._exchange = Exchange(invocation)
        self._printed.begin()
        warm, self._warm = self._warm, True
        try:
            await self._run(exchange, warm)
            self._weigh()
        finally:
            self._exchange = None
            if not exchange.ended.done():
                self.end()
        self._say_end(exchange, warm)
        return self._result(exchange, warm)

    def end(self) -> None:
        """Kills the group now; `gone` waits until nothing is left of it."""
        self.alive = False
        if self._child.returncode is None:
            tree.kill(self.pid)
        self._lifeline.cut()

    async def gone(self) -> None:
        await asyncio.shield(self._reaper)

    def on_gone(self, tell: Callable[["Process"], None]) -> None:
        self._reaper.add_done_callback(lambda _: tell(self))

    def check_memory(self) -> None:
        """Kills the process when its tree holds more than the function may."""
        used, bound = self._weigh() >> 20, self.function.memory_mb
        if used > bound and self.alive:
            self._add(f"Memory Size: {bound} MB, used: {used} MB: killed. Raise the memory of {self.function.name!r}.")
            self._is_too_large = True
            self.end()

    def _weigh(self) -> int:
        """Bytes that its tree holds now."""
        now = tree.resident_bytes(self.pid) if self.alive else 0
        self._most_bytes = max(self._most_bytes, now)
        return now

    async def _start(self, cache: Path, scratch: Path) -> None:
        version = self.version
        place = Place(version.task_root, await self._api.open(), scratch, self.stream, version.opt)
        lifeline = None if KERNEL_WATCHES else self._lifeline.reader
        workplace = Workplace(place.task_root, cache, lifeline, version.opt)
        self._child = await asyncio.create_subprocess_exec(
            *command(self.function, workplace),
            stdin=subprocess.DEVNULL,
            stdout=self._printed.writer,
            stderr=self._printed.writer,
            env=environment(self.function, place, machine=os.environ),
            cwd=place.task_root,
            start_new_session=True,
            pass_fds=(self._lifeline.reader,),
        )
        self._lifeline.tie(self._child.pid)
        self._printed.handed_over()
        self._reaper = asyncio.ensure_future(self._reap(scratch))

    async def _abandon(self, scratch: Path) -> None:
        """The child could not be started."""
        self.alive = False
        self._lifeline.abandon()
        self._printed.handed_over()
        self._printed.close()
        await self._api.close()
        shutil.rmtree(scratch, ignore_errors=True)

    async def _run(self, exchange: Exchange, warm: bool) -> None:
        if not self.alive or (warm and not _runs(self.pid)):
            self.end()
            exchange.end(Unserved())
            return
        seconds = exchange.invocation.timeout_seconds
        self._api.offer(exchange)
        await asyncio.wait([exchange.left], timeout=seconds + self._init_seconds)
        if exchange.taken is not None:
            await asyncio.wait([exchange.ended], timeout=seconds)
        if not exchange.ended.done():
            self._time_out(exchange)

    def _time_out(self, exchange: Exchange) -> None:
        """A start that hangs is told like a call: Lambda starts it a second time, within the call's own time."""
        seconds, id = exchange.invocation.timeout_seconds, exchange.invocation.request_id
        self.end()
        self._printed.drain()
        now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._add(f"{now} {id} Task timed out after {seconds:.2f} seconds")
        exchange.end(TimedOut(seconds))

    async def _reap(self, scratch: Path) -> None:
        """Runs from the start to the end of the process, then removes what is left of it."""
        status = await self._child.wait()
        tree.kill_group(self.pid)
        self.end()
        self._printed.drain()
        if self._exchange is not None:
            self._exchange.end(self._ending(self._exchange, status))
        self._printed.close()
        await self._api.close()
        await asyncio.to_thread(shutil.rmtree, scratch, ignore_errors=True)

    def _ending(self, exchange: Exchange, status: int) -> Outcome:
        if self._is_too_large:
            return OutOfMemory()
        if exchange.taken is not None:
            return Exited(status)
        if self._api.started.done():
            return Unserved()
        return self._api.init_error or Exited(status)

    def _result(self, exchange: Exchange, warm: bool) -> Result:
        taken = exchange.taken
        now = time.perf_counter()
        return Result(
            outcome=exchange.ended.result(),
            duration_ms=(now - taken) * 1000 if taken is not None else 0.0,
            init_ms=self._init_ms(warm),
            log_tail=self._printed.tail,
        )

    def _init_ms(self, warm: bool) -> float | None:
        """How long it took to start; None for a call that met it started."""
        started = self._api.started.result() if self._api.started.done() else time.perf_counter()
        return None if warm else (started - self._started_at) * 1000

    def _line(self, text: str) -> None:
        request_id = self._exchange.invocation.request_id if self._exchange else ""
        self._log(self._logged(request_id, text))

    def _add(self, text: str) -> None:
        """A line among those that the function prints."""
        self._printed.note(text)
        self._line(text)

    def _say(self, id: str, text: str) -> None:
        self._printed.note(text)
        self._platform(self._logged(id, text))

    def _logged(self, id: str, text: str) -> LogLine:
        return LogLine(self.function.name, id, text, self.function.log_group, self.stream)

    def _say_start(self) -> None:
        id = self._exchange.invocation.request_id if self._exchange else ""
        self._say(id, f"START RequestId: {id} Version: {self.function.version}")

    def _say_end(self, exchange: Exchange, warm: bool) -> None:
        """END and REPORT of a call that a process had."""
        outcome, id = exchange.ended.result(), exchange.invocation.request_id
        if isinstance(outcome, Unserved):
            return
        duration = (time.perf_counter() - (exchange.taken or self._started_at)) * 1000
        init_ms = self._init_ms(warm)
        parts = [
            f"REPORT RequestId: {id}",
            f"Duration: {duration:.2f} ms",
            f"Billed Duration: {math.ceil(duration)} ms",
            f"Memory Size: {self.function.memory_mb} MB",
            f"Max Memory Used: {self._most_bytes >> 20} MB",
            "" if init_ms is None else f"Init Duration: {init_ms:.2f} ms",
            status(outcome),
        ]
        self._say(id, f"END RequestId: {id}")
        self._say(id, "\t".join(filter(None, parts)))


def _runs(pid: int) -> bool:
    """Whether our child still runs, without reaping it: that is the event loop's. (macOS has no waitid before 3.13.)"""
    if not hasattr(os, "waitid"):
        return True
    with contextlib.suppress(ChildProcessError):
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    return False


def _log_stream(version: str) -> str:
    return f"{datetime.now(UTC):%Y/%m/%d}/[{version}]{secrets.token_hex(16)}"
