"""Where a function's code lies now, and whether it is still what a warm process has loaded.

A `Stamp` is every watched file with its time in nanoseconds and its size; comparing two stamps says what changed. For
some 150 files it takes about half a millisecond, so it is taken at every call: an edit is live at the next one.
"""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from stepsmith.lambdas.errors import BadCode
from stepsmith.lambdas.function import Function, is_artifact

Stamp = dict[str, tuple[int, int]]  # Path: (mtime in ns, size)


@dataclass(frozen=True)
class Version:
    """What a process has loaded: it serves only calls of the version that is now."""

    function: Function
    stamp: Stamp
    task_root: Path
    opt: Path | None = None


def stamp(function: Function) -> Stamp:
    """The state of everything that `function` watches. Raises `BadCode` when its code is not there."""
    kind = "zip" if is_artifact(function) else "folder"
    if not (function.code.is_file() if kind == "zip" else function.code.is_dir()):
        raise BadCode(
            f"Function {function.name!r} has no {kind} {str(function.code)!r}: build it, or correct its path."
        )
    watched = (function.code,) if kind == "zip" else function.watch or (function.code,)
    return dict(entry for path in watched for entry in _files(str(path.absolute())))


def forget_bytecode(before: Stamp, after: Stamp, bytecode: Path) -> None:
    """Removes what was compiled from changed files: Python compares whole seconds and sizes, so that an edit of the
    same length in the same second would go unseen."""
    for file in before:
        if before[file] != after.get(file) and file.endswith(".py"):
            _compiled(file, bytecode).unlink(missing_ok=True)


def _files(path: str) -> Iterator[tuple[str, tuple[int, int]]]:
    try:
        state = os.stat(path)
        if os.path.isdir(path):
            yield from _below(path)
        else:
            yield path, (state.st_mtime_ns, state.st_size)
    except FileNotFoundError:  # A watched file may come later: its coming is a change.
        return


def _below(folder: str) -> Iterator[tuple[str, tuple[int, int]]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name == "__pycache__":
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path)
            else:
                state = entry.stat(follow_symlinks=False)
                yield entry.path, (state.st_mtime_ns, state.st_size)


def _compiled(file: str, bytecode: Path) -> Path:
    """Where Python keeps the bytecode of `file` under a pycache prefix (importlib.util.cache_from_source)."""
    source = Path(file)
    return bytecode / source.parent.relative_to(source.anchor) / f"{source.stem}.{sys.implementation.cache_tag}.pyc"
