"""Artifacts of tools and callers: Pants builds them with the language's own tools. Tools in other languages than Python
run from nothing else; what is deployed always does.

build(root, native(tools))             before a run: what is missing or older than its sources, with progress
artifact(root, tool)                   dist/tools/<language>/<tool>.zip
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from stepsmith.agent import LoadedAgent
from stepsmith.contracts import CallerFunction, ToolFunction

from .errors import CommandError
from .terminal import note

PYTHON = "python"
PROGRAMS: Mapping[str, tuple[str, str]] = {
    "go": ("go", "Go 1.24 or newer"),
    "java": ("mvn", "JDK 17 or newer and Maven 3.8 or newer"),
    "rust": ("cargo", "Rust 1.88 or newer"),
    "typescript": ("npm", "Node.js 20 or newer"),
}
MADE = {"target", "node_modules", "out", "dist", "__pycache__"}
"""Folders of what builds leave behind."""
TOLD = 8
"""So many last lines of a build that failed are shown."""
Built = ToolFunction | CallerFunction
"""What has an artifact."""


def functions_of(agent: LoadedAgent) -> dict[str, ToolFunction]:
    """The tool Lambdas of an agent and of those that it has as tools, by ``language/function``."""
    found: dict[str, ToolFunction] = {}
    for tool in agent.tools:
        if isinstance(tool.source, LoadedAgent):
            found |= functions_of(tool.source)
        else:
            found[named(tool.source)] = tool.source
    return found


def named(tool: ToolFunction) -> str:
    return f"{tool.language}/{tool.function}"


def place(built: Built) -> str:
    """Its folder: ``tools/go/hello``, ``llm_callers/openai``. The artifact lies at the same place in dist/."""
    match built:
        case ToolFunction():
            return f"tools/{named(built)}"
        case CallerFunction():
            return f"llm_callers/{built.vendor}"


def artifact(root: Path, built: Built) -> Path:
    """Where its zip lies, or will lie: beside the sources where a test of Pants runs, else in dist/."""
    beside = root / f"{place(built)}.zip"
    return beside if beside.is_file() else root / "dist" / f"{place(built)}.zip"


def native(tools: Iterable[ToolFunction]) -> tuple[ToolFunction, ...]:
    """Those in other languages than Python."""
    return tuple(tool for tool in tools if tool.language != PYTHON)


def missing[B: Built](root: Path, wanted: Iterable[B]) -> tuple[B, ...]:
    """Those that have no artifact, or one older than its sources."""
    return tuple(each for each in wanted if not _is_built(root, each))


def build(root: Path, wanted: Iterable[Built]) -> None:
    """Builds what is `missing`. Raises `CommandError`, one sentence where a toolchain is not there."""
    lacking = missing(root, wanted)
    for each in lacking:
        program, advice = PROGRAMS.get(_language(each), (sys.executable, "Python 3.12"))
        if shutil.which(program) is None:
            raise CommandError(f"{place(each)} is built by {program!r}, which is not on PATH: install {advice}.")
    if lacking:
        _package(root, lacking)


def _language(built: Built) -> str:
    return built.language if isinstance(built, ToolFunction) else PYTHON


def _package(root: Path, wanted: tuple[Built, ...]) -> None:
    names = ", ".join(map(place, wanted))
    note(f"Building {names} (the first time takes some minutes) ...", "dim")
    command = [str(root / "pants"), "--no-dynamic-ui", "package", *(f"//{place(each)}:lambda" for each in wanted)]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as running:
        said = [_shown(line) for line in running.stderr or ()]
    if running.returncode:
        lines = "\n".join(said[-TOLD:])
        raise CommandError(f"{names} could not be built (./pants package, exit code {running.returncode}):\n{lines}")
    for each in wanted:
        os.utime(artifact(root, each))  # Pants leaves one alone that came out the same.


def _shown(line: str) -> str:
    """Tells what has been done of a build while it goes on."""
    if " Completed: " in line:
        note(f"  {line.partition(' Completed: ')[2].strip()}", "dim")
    return line.rstrip()


def _is_built(root: Path, built: Built) -> bool:
    path = artifact(root, built)
    if not path.is_file() or root / "dist" not in path.parents:
        return path.is_file()
    return path.stat().st_mtime >= max((each.stat().st_mtime for each in _files(_sources(root, built))), default=0.0)


def _sources(root: Path, built: Built) -> Iterator[Path]:
    """Whatever the artifact is made of: its folder, its language's workspace files, its kit, and what it packs."""
    folder = root / place(built)
    yield folder
    yield from (each for each in folder.parent.glob("*") if each.is_file())
    if _language(built) == PYTHON:
        kit = "llm" if isinstance(built, CallerFunction) else "tool"
        yield from (root / "src/stepsmith" / layer for layer in ("contracts", "objects", "secrets", kit))
        yield root / "3rdparty/python/python.lock"
    else:
        yield folder.parent / "kit"
    if isinstance(built, CallerFunction):
        yield from (root / "agents").glob("*/scenario.yaml")  # the scripted one packs them


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_file():
            yield path
        elif path.is_dir() and path.name not in MADE and not path.name.startswith("."):
            yield from _files(path.iterdir())
