"""The root module of a deployment, a folder with a configuration and a state, and Terraform at work in it.

    terraform = Terraform(program, root, mirror, lock)
    await terraform.init()                             # nothing to do, if that was done before
    changes = await terraform.plan(told)               # told(event) for each resource
    await terraform.apply(told)                        # what was planned, exactly

Terraform gets a process group of its own, so that Ctrl-C reaches it once, through here: it then finishes what is under
way, writes its state and ends. A shell around it holds the lock as long as it runs, and ends what it leaves: a provider
whose Terraform was killed waits for ever, and would hold whatever it was given.

Plans and states may hold what nobody else should read: its files are this user's only.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .events import Adopted, Event, Planned, Told, parsed
from .faults import KILLED, TerraformError, errors_in
from .program import Program
from .provider import Provider

PRIVATE = 0o077
SUPERVISED = 'trap : INT TERM; "$@" </dev/null 2>&1; code=$?; kill -TERM 0; exit $code'
"""The shell's script. Its standard input is the lock, which Terraform does not get; signals are for Terraform."""
SIGNALLED = 128
"""A shell's exit code is larger for a program that a signal ended."""
LONGEST_LINE = 64 * 1024 * 1024
Change = Planned | Adopted
Listener = Callable[[Event], None]


def unheard(event: Event) -> None:
    """Nobody listens."""


@dataclass(frozen=True)
class Root:
    """What the synthesis wrote for an environment."""

    folder: Path

    @property
    def configuration(self) -> Path:
        return self.folder / "cdk.tf.json"

    @property
    def plan(self) -> Path:
        return self.folder / ".terraform" / "stepsmith.plan"

    @property
    def stamp(self) -> Path:
        """Says what `terraform init` was done for."""
        return self.folder / ".terraform" / "stepsmith.stamp"

    @property
    def state(self) -> Path | None:
        """The file that holds its state; None where that lies elsewhere than on this machine."""
        backend = self.settings().get("backend", {})
        return (self.folder / backend["local"]["path"]).resolve() if "local" in backend else None

    def settings(self) -> dict[str, Any]:
        """Which provider it requires, and where its state lies."""
        read: dict[str, Any] = json.loads(self.configuration.read_text("utf-8"))["terraform"]
        return read

    def provider(self) -> Provider:
        return Provider.required(self.settings()["required_providers"]["aws"])


class Terraform:
    """`mirror` is where the provider lies, if it does; `lock` a file descriptor that stays open as long as it runs."""

    def __init__(self, program: Program, root: Root, mirror: Path | None, lock: int) -> None:
        self._program = program
        self._root = root
        self._mirror = mirror
        self._lock = lock

    async def init(self) -> None:
        """Gets the provider and the state ready; skipped where the same was done before. Raises TerraformError."""
        wanted = self._stamp()
        if self._root.stamp.is_file() and self._root.stamp.read_text() == wanted:
            return
        mirror = [f"-plugin-dir={self._mirror}"] if self._mirror else []
        code, text = await self._run("init", "-no-color", "-input=false", "-reconfigure", *mirror)
        if code:
            raise TerraformError(errors_in(text))
        self._root.stamp.write_text(wanted)

    async def plan(self, told: Listener = unheard, destroy: bool = False) -> tuple[Change, ...]:
        """What would have to be done; refreshed from AWS first. Raises TerraformError."""
        words = ["-destroy"] if destroy else []
        return _changes(await self._events("plan", f"-out={self._root.plan}", *words, told=told))

    async def apply(self, told: Listener) -> None:
        """Carries out what was planned, exactly. Raises TerraformError; what was done until then is in the state."""
        try:
            await self._events("apply", str(self._root.plan), told=told)
        finally:
            self._root.plan.unlink(missing_ok=True)

    async def plan_and_apply(self, told: Listener, destroy: bool = False) -> tuple[Change, ...]:
        """Both in one go, which saves a start of the provider. Raises TerraformError."""
        words = ["-destroy"] if destroy else []
        return _changes(await self._events("apply", "-auto-approve", *words, told=told))

    async def shown(self) -> str:
        """The plan in Terraform's own words."""
        return (await self._run("show", "-no-color", str(self._root.plan)))[1]

    async def details(self) -> dict[str, Any]:
        """The plan as JSON. It can hold what is sensitive."""
        _, text = await self._run("show", "-json", str(self._root.plan))
        read: dict[str, Any] = json.loads(text.partition("\n")[0])
        return read

    def _stamp(self) -> str:
        """What `init` prepares for: another Terraform, provider or place of the state is another stamp."""
        settings = json.dumps(self._root.settings(), sort_keys=True)
        made_for = f"{self._program.words} {self._program.version} {self._mirror} {settings}"
        return hashlib.sha256(made_for.encode()).hexdigest()

    async def _events(self, command: str, *words: str, told: Listener) -> list[Event]:
        events: list[Event] = []

        def listen(line: str) -> None:
            if (event := parsed(line)) is not None:
                events.append(event)
                told(event)

        code, text = await self._run(command, "-json", "-input=false", *words, on=listen)
        if code < 0 or code > SIGNALLED:
            raise TerraformError((KILLED,), was_killed=True)
        if code:
            raise TerraformError(
                [each for each in events if isinstance(each, Told) and each.is_error] or errors_in(text)
            )
        return events

    async def _run(self, command: str, *words: str, on: Callable[[str], None] = lambda line: None) -> tuple[int, str]:
        """Its exit code and all that it printed."""
        process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", SUPERVISED, "sh"),
            *self._program.words,
            f"-chdir={self._root.folder}",
            command,
            *words,
            stdin=self._lock,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env=self._program.environment,
            process_group=0,
            umask=PRIVATE,
            limit=LONGEST_LINE,
        )
        try:
            return await _heard(process, on)
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGINT)
            await _heard(process, on)
            raise


def _changes(events: list[Event]) -> tuple[Change, ...]:
    return tuple(each for each in events if isinstance(each, Planned | Adopted))


async def _heard(process: asyncio.subprocess.Process, on: Callable[[str], None]) -> tuple[int, str]:
    """Reads to the end of the process."""
    assert process.stdout is not None
    lines = []
    async for line in process.stdout:
        lines.append(line.decode(errors="replace"))
        on(lines[-1])
    return await process.wait(), "".join(lines)
