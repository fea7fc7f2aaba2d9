"""Artifacts of tools: Pants builds them with the language's own tools. Those of other languages than Python run from
nothing else.

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
from stepsmith.contracts import ToolFunction

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


def artifact(root: Path, tool: ToolFunction) -> Path:
    """Where the tool's zip lies, or will lie: beside the sources where a test of Pants runs, else in dist/."""
    beside = root / "tools" / f"{named(tool)}.zip"
    return beside if beside.is_file() else root / "dist/tools" / f"{named(tool)}.zip"


def native(tools: Iterable[ToolFunction]) -> tuple[ToolFunction, ...]:
    """Those in other languages than Python."""
    return tuple(tool for tool in tools if tool.language != PYTHON)


def missing(root: Path, tools: Iterable[ToolFunction]) -> tuple[ToolFunction, ...]:
    """Those that have no artifact, or one older than its sources."""
    return tuple(tool for tool in tools if not _is_built(root, tool))


def build(root: Path, tools: Iterable[ToolFunction]) -> None:
    """Builds what is `missing`. Raises `CommandError`, one sentence where a toolchain is not there."""
    wanted = missing(root, tools)
    for tool in wanted:
        program, advice = PROGRAMS.get(tool.language, (sys.executable, "Python 3.12"))
        if shutil.which(program) is None:
            raise CommandError(
                f"The tool {named(tool)} is built by {program!r}, which is not on PATH: install {advice}."
            )
    if wanted:
        _package(root, wanted)


def _package(root: Path, tools: tuple[ToolFunction, ...]) -> None:
    names = ", ".join(map(named, tools))
    note(f"Building {names} (the first time takes some minutes) ...", "dim")
    command = [str(root / "pants"), "--no-dynamic-ui", "package", *(f"//tools/{named(tool)}:lambda" for tool in tools)]
    with subprocess.Popen(command, cwd=root, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as running:
        said = [_shown(line) for line in running.stderr or ()]
    if running.returncode:
        lines = "\n".join(said[-TOLD:])
        raise CommandError(f"{names} could not be built (./pants package, exit code {running.returncode}):\n{lines}")
    for tool in tools:
        os.utime(artifact(root, tool))  # Pants leaves one alone that came out the same.


def _shown(line: str) -> str:
    """Tells what has been done of a build while it goes on."""
    if " Completed: " in line:
        note(f"  {line.partition(' Completed: ')[2].strip()}", "dim")
    return line.rstrip()


def _is_built(root: Path, tool: ToolFunction) -> bool:
    path = artifact(root, tool)
    if not path.is_file() or root / "dist" not in path.parents:
        return path.is_file()
    return path.stat().st_mtime >= max((each.stat().st_mtime for each in _files(_sources(root, tool))), default=0.0)


def _sources(root: Path, tool: ToolFunction) -> Iterator[Path]:
    """Whatever the artifact is made of: the tool, its language's workspace files, its kit."""
    workspace = root / "tools" / tool.language
    yield workspace / tool.function
    yield from (each for each in workspace.glob("*") if each.is_file())
    if tool.language == PYTHON:
        yield from (root / "src/stepsmith" / layer for layer in ("contracts", "objects", "secrets", "tool"))
        yield root / "3rdparty/python/python.lock"
    else:
        yield workspace / "kit"


def _files(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_file():
            yield path
        elif path.is_dir() and path.name not in MADE and not path.name.startswith("."):
            yield from _files(path.iterdir())
