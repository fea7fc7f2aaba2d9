"""The runtimes: how a process of each is started. A new language is one row of `RUNTIMES`.

A managed runtime is a client of the Runtime API that serves the handler string: of Python and Node.js a bootstrap of
ours, of Java AWS's own, which Maven fetches first. A `provided.*` runtime starts the function's own `bootstrap`. Either
way it is one command, with everything it needs to know in its environment (environment.py) and on its command line.
"""

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from stepsmith.lambdas import java_client, sdk
from stepsmith.lambdas.bootstraps import python  # For its path; and so Pants knows that we need it.
from stepsmith.lambdas.errors import BadEntrypoint, NotRunnable, UnknownRuntime
from stepsmith.lambdas.function import Function, is_artifact


@dataclass(frozen=True)
class Workplace:
    """Where a process runs: its code as a folder, the cache, the pipe to watch (lifeline.py), its layers' folder."""

    task_root: Path
    cache: Path
    lifeline: int | None = None
    opt: Path | None = None


Command = Callable[[Function, Workplace], list[str]]


def check(function: Function) -> None:
    """Raises `UnknownRuntime` for a function that cannot run here, before anything is started for it."""
    if function.runtime not in RUNTIMES:
        known = ", ".join(sorted(RUNTIMES))
        raise UnknownRuntime(f"Function {function.name!r} wants runtime {function.runtime!r}; use one of: {known}.")


def prepare(function: Function, cache: Path) -> None:
    """Fetches what the runtime needs besides the function, once; may take its time. Raises `NotRunnable`."""
    if RUNTIMES[function.runtime] is _java:
        java_client.provide(cache)
    if RUNTIMES[function.runtime] is _python and is_artifact(function):
        sdk.provide(cache)


def bytecode(cache: Path) -> Path:
    """Where Python keeps what it compiled of functions' sources."""
    return cache / "bytecode"


def command(function: Function, workplace: Workplace) -> list[str]:
    """The command line that starts `function`, which `check` has passed."""
    return RUNTIMES[function.runtime](function, workplace)


def _python(function: Function, workplace: Workplace) -> list[str]:
    """The base interpreter without its site-packages: on Lambda too, what is not in the zip is not there, but for the
    SDK.

    -I: nothing of the user's machine, -S: no site-packages and no `.pth` files. Bytecode of the function's sources goes
    to the cache: no source tree is written to, and every process uses what the first one compiled.
    """
    lifeline = "" if workplace.lifeline is None else str(workplace.lifeline)
    brought = [sdk.folder(workplace.cache)] if is_artifact(function) else []
    own = (entry.absolute() for entry in function.python_path)
    path = [workplace.task_root, *_layered(workplace.opt), *own, *brought]
    start = [_base_interpreter(), "-I", "-S", "-X", "utf8", python.__file__]
    return [*start, lifeline, str(bytecode(workplace.cache)), *map(str, path)]


def _layered(opt: Path | None) -> list[Path]:
    """Where layers have packages for Python ("Packaging your layer content")."""
    return [] if opt is None else [opt / "python" / "lib" / _PYTHON / "site-packages", opt / "python"]


def _node(function: Function, workplace: Workplace) -> list[str]:
    """Node.js of this machine. Its heap is bounded below the function's memory, as Lambda's own runtime does it: it
    collects garbage before it is killed."""
    lifeline = "" if workplace.lifeline is None else str(workplace.lifeline)
    heap = f"--max-old-space-size={max(64, function.memory_mb * 9 // 10)}"
    return [_program(function, "node", "install Node.js 20 or newer"), heap, str(_BOOTSTRAPS / "node.mjs"), lifeline]


def _java(function: Function, workplace: Workplace) -> list[str]:
    """The machine's Java. It may serve but one call, so it is told to start fast rather than to run fast."""
    java = _program(function, "java", "install a JDK of version 17 or newer")
    heap = f"-Xmx{max(64, function.memory_mb * 6 // 10)}m"  # What lies outside of the heap counts, too.
    fast = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", heap)
    code = (workplace.task_root, workplace.task_root / "lib" / "*")
    layers = () if workplace.opt is None else (workplace.opt / "java" / "lib" / "*",)
    places = (*code, *layers, java_client.folder(workplace.cache) / "*")
    client = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda"
    native = java_client.options(workplace.cache)
    return [java, *fast, *native, "-cp", os.pathsep.join(map(str, places)), client, function.handler]


def _provided(function: Function, workplace: Workplace) -> list[str]:
    """The function's own program; its client of the Runtime API is compiled in."""
    programs = [root / "bootstrap" for root in (workplace.task_root, workplace.opt) if root is not None]
    for program in programs:
        if os.access(program, os.X_OK):
            return [str(program)]
    if any(program.exists() for program in programs):
        raise BadEntrypoint("fork/exec /var/task/bootstrap: permission denied")
    raise BadEntrypoint("Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]")


def _program(function: Function, name: str, remedy: str) -> str:
    """Where a program of this machine lies. The path of the person, not that of the function, is searched."""
    found = shutil.which(name)
    if found is None:
        raise NotRunnable(f"Function {function.name!r} runs by {name!r}, which is not on PATH: {remedy}.")
    return found


def _base_interpreter() -> str:
    """The interpreter behind the virtual environment that we run in."""
    return str(getattr(sys, "_base_executable", sys.executable))


_PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
_BOOTSTRAPS = Path(python.__file__).parent

RUNTIMES: dict[str, Command] = {
    _PYTHON: _python,
    "java17": _java,
    "java21": _java,
    "nodejs20.x": _node,
    "nodejs22.x": _node,
    "provided.al2023": _provided,
}
