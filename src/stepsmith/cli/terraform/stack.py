"""One stack, a folder with a configuration and a state of its own, and Terraform at work in it.

    terraform = Terraform(program, environment, mirror)
    await terraform.init(stack)                             # nothing to do, if that was done before
    plan = await terraform.plan(stack)
    await terraform.apply(plan, told)                       # told(event) for each resource

Terraform gets a process group of its own, so that Ctrl-C reaches it once, through here: it then finishes what is under
way, writes its state and ends. Plans and states may hold what nobody else should read: its files are this user's only.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .events import Adopted, Counted, Event, Planned, Told, parsed
from .faults import KILLED, TerraformError, errors_in
from .program import Program
from .provider import Provider

CONFIGURATION = "cdk.tf.json"
PRIVATE = 0o077
LONGEST_LINE = 64 * 1024 * 1024
AUTOMATED = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
"""No advice on what to type next, no question, and no word to HashiCorp about this run."""


@dataclass(frozen=True)
class Stack:
    """`after` names the stacks that it stands on."""

    name: str
    folder: Path
    after: frozenset[str] = frozenset()

    @property
    def work(self) -> Path:
        """Terraform's own folder."""
        return self.folder / ".terraform"

    @property
    def plan_file(self) -> Path:
        return self.work / "stepsmith.plan"

    def configuration(self) -> dict[str, Any]:
        read: dict[str, Any] = json.loads((self.folder / CONFIGURATION).read_text("utf-8"))
        return read

    def provider(self) -> Provider:
        required = self.configuration()["terraform"]["required_providers"]["aws"]
        return Provider(required["source"].removeprefix("registry.terraform.io/"), required["version"])


@dataclass(frozen=True)
class Plan:
    """What would be done to a stack, kept in its `plan_file`."""

    stack: Stack
    changes: tuple[Planned | Adopted, ...]


class Terraform:
    """`environment` holds all that its processes see, `lock` a file descriptor that they keep open."""

    def __init__(self, program: Program, environment: Mapping[str, str], mirror: Path | None, lock: int) -> None:
        self._program = program
        self._environment = {**environment, **AUTOMATED}
        self._mirror = mirror
        self._lock = lock

    async def init(self, stack: Stack) -> None:
        """Gets the provider and the state ready; skipped where the same was done before. Raises TerraformError."""
        stamp, wanted = stack.work / "stepsmith.stamp", self._stamp(stack)
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        mirror = [f"-plugin-dir={self._mirror}"] if self._mirror else []
        code, text = await self._run(stack, "init", "-no-color", "-input=false", "-reconfigure", *mirror)
        if code:
            raise TerraformError(stack.name, errors_in(text))
        stamp.write_text(wanted)

    async def plan(self, stack: Stack, destroy: bool = False) -> Plan:
        """What would have to be done; refreshed from AWS first. Raises TerraformError."""
        words = ["-destroy"] if destroy else []
        events = await self._events(stack, "plan", f"-out={stack.plan_file}", *words)
        return Plan(stack, tuple(each for each in events if isinstance(each, Planned | Adopted)))

    async def apply(self, plan: Plan, told: Callable[[Stack, Event], None]) -> Counted:
        """Carries out the plan, exactly. Raises TerraformError; what was done until then is in the state."""
        try:
            events = await self._events(plan.stack, "apply", told=told, last=str(plan.stack.plan_file))
        finally:
            plan.stack.plan_file.unlink(missing_ok=True)
        return next((each for each in events if isinstance(each, Counted)), Counted())

    async def shown(self, plan: Plan) -> str:
        """The plan in Terraform's own words."""
        return (await self._run(plan.stack, "show", "-no-color", str(plan.stack.plan_file)))[1]

    async def details(self, plan: Plan) -> dict[str, Any]:
        """The plan as JSON. It can hold what is sensitive."""
        _, text = await self._run(plan.stack, "show", "-json", str(plan.stack.plan_file))
        read: dict[str, Any] = json.loads(text.partition("\n")[0])
        return read

    def _stamp(self, stack: Stack) -> str:
        """What `init` prepares for: another Terraform, provider or place of the state is another stamp."""
        required = json.dumps(stack.configuration()["terraform"], sort_keys=True)
        made_for = f"{self._program.words} {self._program.version} {self._mirror} {required}"
        return hashlib.sha256(made_for.encode()).hexdigest()

    async def _events(
        self,
        stack: Stack,
        command: str,
        *words: str,
        told: Callable[[Stack, Event], None] = lambda stack, event: None,
        last: str | None = None,
    ) -> list[Event]:
        events: list[Event] = []

        def listen(line: str) -> None:
            if (event := parsed(line)) is not None:
                events.append(event)
                told(stack, event)

        arguments = ["-json", "-input=false", *words, *([last] if last else [])]
        code, text = await self._run(stack, command, *arguments, on=listen)
        if code < 0:
            raise TerraformError(stack.name, (KILLED,), was_killed=True)
        if code:
            errors = [each for each in events if isinstance(each, Told) and each.is_error]
            raise TerraformError(stack.name, errors or errors_in(text))
        return events

    async def _run(
        self, stack: Stack, command: str, *words: str, on: Callable[[str], None] = lambda line: None
    ) -> tuple[int, str]:
        """Its exit code and all that it printed."""
        process = await asyncio.create_subprocess_exec(
            *self._program.words,
            f"-chdir={stack.folder}",
            command,
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=self._environment,
            process_group=0,
            pass_fds=(self._lock,),
            umask=PRIVATE,
            limit=LONGEST_LINE,
        )
        try:
            return await _heard(process, on)
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
            await _heard(process, on)
            raise


async def _heard(process: asyncio.subprocess.Process, on: Callable[[str], None]) -> tuple[int, str]:
    """Reads to the end of the process."""
    assert process.stdout is not None
    lines = []
    async for line in process.stdout:
        lines.append(line.decode(errors="replace"))
        on(lines[-1])
    return await process.wait(), "".join(lines)
