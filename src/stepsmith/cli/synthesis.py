"""What is deployed, written down for Terraform: artifacts built where they are missing, then `python -m infra synth` in
its own environment (build-support/infra, installed on first use).

The files lie in the target's folder and are all that plain `terraform` needs (docs/deploy.md).
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Mapping

from stepsmith.agent import load

from .errors import CommandError
from .native import build
from .project import Project
from .settings import Settings
from .target import Target
from .terminal import note
from .terraform.root import Root


def root_of(target: Target) -> Root:
    """Where the target is, or will be, written down."""
    return Root(target.folder / "stepsmith")


def synthesise(settings: Settings, target: Target, choices: Mapping[str, str]) -> None:
    """Writes the root. `choices` are further options of `infra synth`, by name: ``state``, ``security_groups``.

    Raises AgentError and CommandError, one sentence, for an agent or tool that is broken and an artifact that cannot be
    built. Agents are looked at first: a deployment that cannot be written down builds nothing.
    """
    project = Project(settings.root)
    for name in project.agents:
        load(name, settings.root)
    tools = [project.tool(name) for name in project.tools]
    callers = [project.caller(vendor) for vendor in project.vendors]
    build(settings.root, (*tools, *callers))
    deployment = target.deployment
    words = ["--env", deployment.environment, "--region", deployment.region, "--account", deployment.account]
    words += ["--out", str(target.folder), "--dist", str(settings.root / "dist")]
    words += ["--endpoint", target.endpoint] if target.endpoint else []
    words += [f"--{name.replace('_', '-')}={value}" for name, value in choices.items()]
    _run([str(settings.root / "build-support" / "infra"), "synth", *words])


def _run(command: list[str]) -> None:
    """What it says on the way is told; its last words are the error, if there is one."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as running:
        last = _told(running.stderr or ())
    if running.returncode:
        raise CommandError(
            last or f"What is deployed cannot be written down: {command[0]} ended with code {running.returncode}."
        )
    if last:
        note(last, "dim")


def _told(lines: Iterable[str]) -> str:
    """Tells all lines but the last one, which it returns."""
    last = ""
    for line in lines:
        if last:
            note(last, "dim")
        last = line.rstrip()
    return last
