"""The life of one cell: read the request, lock the door, restore, run, save, answer, end.

Standard input carries the request to its end, the descriptor named by the first argument the answer; stdout and stderr
are the cell's.

Always a new process, so a cell can rely on nothing that was not kept, wherever it runs.
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import charts, execute, files, keep
from .confine import confine
from .frames import Frame, pack, unpack
from .terms import CHARTS, FILES, FONTS, VARIABLES, Leavings, Limits


def main() -> None:
    answer_to = int(sys.argv[1])
    request = unpack(sys.stdin.buffer.read())
    os.set_inheritable(answer_to, False)
    sys.argv = [""]
    _close_input()
    confine(Limits(**request.header["limits"]))
    answer = run(request, Path.cwd())
    sys.stdout.flush()
    with open(answer_to, "wb") as file:
        file.write(pack(answer))
    os._exit(0)  # Threads of the cell do not hold up its end.


def _close_input() -> None:
    """A cell that reads from standard input finds its end."""
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, sys.stdin.fileno())
    os.close(nothing)


def run(request: Frame, folder: Path) -> Frame:
    code, number = str(request.header["code"]), int(request.header["number"])
    may_leave = Leavings(**request.header["leavings"])
    files.lay(Path(os.environ.get("MPLCONFIGDIR", folder)), _under(FONTS, request.blobs))
    marks = files.lay(folder, _under(FILES, request.blobs))
    namespace = new_main()
    past, lost = _restore(request.blobs.get(VARIABLES, b""), code, namespace)
    builtin = set(namespace) - set(past.values) - set(past.imports)
    shown = _show(code, execute.file_name(number), namespace, may_leave.charts)
    memory = keep.dump(_own(namespace, builtin), _with_source(past, number, code), may_leave.state_bytes)
    left = files.collect(folder, marks, may_leave.files, may_leave.files_bytes)
    header = {
        "value": shown.value,
        "error": shown.error,
        "charts": [[name, title] for name, title, _ in shown.charts],
        "unchanged": list(left.unchanged),
        "dropped": dict(memory.dropped),
        "dropped_files": dict(left.dropped),
        "lost": lost,
    }
    pictures = {CHARTS + name: png for name, _, png in shown.charts}
    changed = {FILES + name: data for name, data in left.changed.items()}
    return Frame(header, {VARIABLES: memory.blob, **pictures, **changed})


def _under(prefix: str, blobs: Mapping[str, bytes]) -> dict[str, bytes]:
    return {name.removeprefix(prefix): data for name, data in blobs.items() if name.startswith(prefix)}


def new_main() -> dict[str, Any]:
    """The namespace of the cells is that of a module ``__main__``: what pickles expect of functions and classes."""
    module = types.ModuleType("__main__")
    module.__dict__["__builtins__"] = __builtins__
    sys.modules["__main__"] = module
    return module.__dict__


def _restore(blob: bytes, code: str, namespace: dict[str, Any]) -> tuple[keep.Past, str | None]:
    try:
        past = keep.load(blob, code, namespace)
    except Exception as error:  # noqa: BLE001 (whatever an old `__setstate__` of the cells raises)
        return keep.Past(), f"{type(error).__name__}: {error}"[:500]
    for name, source in past.sources.items():
        execute.remember_source(name, source)
    return past, None


@dataclass(frozen=True)
class _Shown:
    value: str | None
    error: str | None
    charts: list[tuple[str, str, bytes]]


def _show(code: str, name: str, namespace: dict[str, Any], max_charts: int) -> _Shown:
    """Value and charts, or the error. An error leaves the variables as they were at it, as in a notebook."""
    execute.remember_source(name, code)
    try:
        value = execute.readable(execute.execute(code, name, namespace))
    except BaseException as raised:  # noqa: BLE001 (SystemExit too ends the cell, not the worker)
        error = execute.trimmed_traceback(raised)
        return _Shown(None, error, [])
    try:
        return _Shown(value, None, charts.take(max_charts))
    except Exception as raised:  # noqa: BLE001 (whatever matplotlib makes of the cell's figures)
        return _Shown(value, f"A chart cannot be drawn: {type(raised).__name__}: {raised}", [])


def _own(namespace: Mapping[str, Any], builtin: set[str]) -> dict[str, Any]:
    return {name: value for name, value in namespace.items() if name not in builtin and not name.startswith("__")}


def _with_source(past: keep.Past, number: int, code: str) -> keep.Past:
    try:
        kept = execute.defines_something(code)
    except (SyntaxError, ValueError):
        return past
    sources = {**past.sources, execute.file_name(number): code} if kept else past.sources
    return keep.Past(past.values, past.imports, sources)
