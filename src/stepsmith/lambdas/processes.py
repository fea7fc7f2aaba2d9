"""Functions at work: `invoke` finds a warm process or starts one, and gives back Lambda's answer.

One process serves one call at a time. Per function at most `per_function` run; further calls wait in order. A process
that answered stays warm until it was idle for `idle_seconds`, or its code or configuration changed, or it died. The
memory of working processes is looked at 20 times a second. Leaving the context ends every process.
"""

import asyncio
import errno
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from stepsmith.lambdas import source
from stepsmith.lambdas.artifact import overlay, unpack
from stepsmith.lambdas.errors import BadEntrypoint, NotRunnable
from stepsmith.lambdas.function import Answer, Function, Invocation, LogLine, is_artifact
from stepsmith.lambdas.outcome import Answered, Unserved, Unstarted, document
from stepsmith.lambdas.process import INIT_SECONDS, Process, Result
from stepsmith.lambdas.runtimes import bytecode, check, prepare
from stepsmith.lambdas.scratch import Scratch

_MEMORY_SECONDS = 0.05


@dataclass
class Pool:
    """The processes of one function."""

    slots: asyncio.Semaphore
    version: source.Version | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)  # One looks for changes (and unpacks) at a time.
    idle: list[tuple[Process, asyncio.TimerHandle]] = field(default_factory=list)

    def take(self) -> Process | None:
        """The process that was used last, so that the others may end."""
        while self.idle:
            process, timer = self.idle.pop()
            timer.cancel()
            if process.alive:
                return process
        return None

    def keep(self, process: Process, seconds: float) -> None:
        self.idle = [(other, timer) for other, timer in self.idle if other.alive]
        self.idle.append((process, asyncio.get_running_loop().call_later(seconds, process.end)))

    def retire(self) -> None:
        while process := self.take():
            process.end()


def _discard(line: LogLine) -> None:
    """Nobody reads the functions' logs."""


class Processes:
    """All functions of one engine. `cache` holds unpacked artifacts, bytecode and scratch folders; `log` gets each
    line that a function prints, `platform` what Lambda says of its calls (on the event loop: neither may block). A
    process may take `init_seconds` and the function's timeout to start, then its timeout for each call."""

    def __init__(
        self,
        *,
        cache: Path,
        log: Callable[[LogLine], None] = _discard,
        platform: Callable[[LogLine], None] = _discard,
        per_function: int = 10,
        idle_seconds: float = 600.0,
        init_seconds: float = INIT_SECONDS,
    ) -> None:
        self._cache = cache.absolute() / "lambdas"
        self._log, self._platform = log, platform
        self._per_function = per_function
        self._idle_seconds = idle_seconds
        self._init_seconds = init_seconds
        self._pools: dict[tuple[str, str], Pool] = {}
        self._living: set[Process] = set()
        self._working: set[Process] = set()
        self._guard: asyncio.Task[None] | None = None
        self._closed = True

    async def __aenter__(self) -> Self:
        self._scratch = Scratch(self._cache / "scratch")
        self._closed = False
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._closed = True
        for pool in self._pools.values():
            pool.retire()
        for process in tuple(self._living):
            process.end()
        while self._living:
            await asyncio.gather(*(process.gone() for process in tuple(self._living)))
        if self._guard is not None:
            self._guard.cancel()
        self._scratch.close()

    async def invoke(
        self,
        function: Function,
        payload: bytes,
        *,
        arn: str | None = None,
        request_id: str | None = None,
        deadline_ms: int | None = None,
        trace_header: str | None = None,
        client_context: str | None = None,
    ) -> Answer:
        """One request-response call, by `arn` where that is not the function's own. An error of the function is an
        `Answer` with `error`; `NotRunnable` is raised when it could not be started at all. `deadline_ms` (Unix time)
        shortens the function's timeout, never lengthens it. `client_context` is a text of JSON for the handler's
        context. Cancelling ends the process that serves the call."""
        check(function)
        key = (function.name, function.version)
        if key not in self._pools:
            self._pools[key] = Pool(asyncio.Semaphore(self._per_function))
        pool = self._pools[key]
        async with pool.slots:
            invocation = Invocation(
                request_id or str(uuid.uuid4()),
                payload,
                arn or function.arn,
                _seconds(function, deadline_ms),
                trace_header or _unsampled(),
                client_context,
            )
            result = await self._serve(pool, function, invocation)
        return _answer(result, invocation.request_id)

    def forget(self, name: str, version: str | None = None) -> None:
        """The function, or one version of it, is no more: its idle processes end now, others with their call."""
        for key in [key for key in self._pools if key[0] == name and version in (None, key[1])]:
            pool = self._pools.pop(key)
            pool.version = None
            pool.retire()

    async def _serve(self, pool: Pool, function: Function, invocation: Invocation) -> Result:
        while not self._closed:
            try:
                process = await self._ready(pool, function)
            except BadEntrypoint as error:
                return Result(Unstarted(str(error)), 0.0, None, "")
            result = await self._work(pool, process, invocation)
            if not isinstance(result.outcome, Unserved):
                return result
        raise NotRunnable(f"Function {function.name!r} was called outside of `async with Processes(...)`.")

    async def _ready(self, pool: Pool, function: Function) -> Process:
        """A warm process of the code as it is now, or a new one."""
        async with pool.lock:
            version = await self._version(pool, function)
        return pool.take() or await self._start(version)

    async def _version(self, pool: Pool, function: Function) -> source.Version:
        stamp, before = source.stamp(function), pool.version
        if before is not None and before.function == function and before.stamp == stamp:
            return before
        pool.version = None  # What is at work now is outdated, however long unpacking takes.
        pool.retire()
        source.forget_bytecode(before.stamp if before else {}, stamp, self._bytecode)
        await asyncio.to_thread(prepare, function, self._cache)
        pool.version = source.Version(function, stamp, await self._task_root(function), await self._opt(function))
        return pool.version

    async def _task_root(self, function: Function) -> Path:
        if is_artifact(function):
            return await asyncio.to_thread(unpack, function.code, self._cache / "code")
        return function.code.absolute()

    async def _opt(self, function: Function) -> Path | None:
        if not function.layers:
            return None
        return await asyncio.to_thread(overlay, function.layers, self._cache / "layers")

    async def _start(self, version: source.Version) -> Process:
        try:
            process = await Process.start(
                version,
                cache=self._cache,
                scratch=self._scratch.new(),
                log=self._log,
                platform=self._platform,
                init_seconds=self._init_seconds,
            )
        except OSError as error:
            if error.errno == errno.ENOEXEC:
                raise BadEntrypoint("fork/exec /var/task/bootstrap: exec format error") from error
            raise NotRunnable(f"Cannot start a process of function {version.function.name!r}: {error}.") from error
        self._living.add(process)
        process.on_gone(self._living.discard)
        if self._closed:
            process.end()
        return process

    async def _work(self, pool: Pool, process: Process, invocation: Invocation) -> Result:
        self._working.add(process)
        self._guard_memory()
        try:
            return await process.call(invocation)
        finally:
            self._working.discard(process)
            if process.alive and pool.version is process.version:
                pool.keep(process, self._idle_seconds)
            else:
                process.end()

    @property
    def _bytecode(self) -> Path:
        return bytecode(self._cache)

    def _guard_memory(self) -> None:
        if self._guard is None or self._guard.done():
            self._guard = asyncio.create_task(self._check_memory())

    async def _check_memory(self) -> None:
        while self._working:
            await asyncio.sleep(_MEMORY_SECONDS)
            for process in tuple(self._working):
                process.check_memory()


def _unsampled() -> str:
    """The trace header of a call that brings none: Lambda makes one for each ("Using tracing headers")."""
    return f"Root=1-{int(time.time()):08x}-{secrets.token_hex(12)};Parent={secrets.token_hex(8)};Sampled=0"


def _seconds(function: Function, deadline_ms: int | None) -> float:
    if deadline_ms is None:
        return function.timeout_seconds
    return max(0.0, min(function.timeout_seconds, deadline_ms / 1000 - time.time()))


def _answer(result: Result, request_id: str) -> Answer:
    outcome = result.outcome
    assert not isinstance(outcome, Unserved)
    if isinstance(outcome, Answered):
        return Answer(outcome.payload, None, result.duration_ms, result.init_ms, result.log_tail)
    return Answer(document(outcome, request_id), "Unhandled", result.duration_ms, result.init_ms, result.log_tail)
