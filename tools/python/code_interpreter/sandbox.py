"""Where a cell may run, and the command that runs it there: both are values, decided before anything starts.

    Bubblewrap   Linux with user namespaces (a laptop, CI): namespaces of its own, no network, read-only system
    MicroVm      inside a Lambda, which has no user namespaces: the function's microVM is the sandbox
    Open         whoever runs this machine said so (`STEPSMITH_UNSANDBOXED=1`): a process with its user's rights
    Refused      none of these: no code runs

In each of them the cell's process locks itself in besides (`cell.confine`). docs/security.md says what holds where.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

MIB = 1 << 20
HOME = "/home/cell"
WORK = f"{HOME}/work"
PROGRAM = "/opt/cell"
SYSTEM = ("/bin", "/sbin", "/lib", "/lib32", "/lib64")  # Links into /usr on most machines.
ALSO_READ = ("/etc/ld.so.cache", "/etc/fonts", "/etc/localtime", "/etc/alternatives", "/nix/store")
START = "import sys; sys.path[:0] = sys.argv[2].split(':'); from cell.worker import main; main()"
SWITCH = "STEPSMITH_UNSANDBOXED"


@dataclass(frozen=True)
class Bubblewrap:
    bwrap: Path


@dataclass(frozen=True)
class MicroVm:
    pass


@dataclass(frozen=True)
class Open:
    pass


@dataclass(frozen=True)
class Refused:
    reason: str


Sandbox = Bubblewrap | MicroVm | Open


@dataclass(frozen=True)
class Machine:
    """What decides: the bwrap at hand, what it said when tried (empty: it works), and where we are."""

    bwrap: Path | None
    complaint: str
    inside_lambda: bool
    unsandboxed: bool


def choose(machine: Machine) -> Sandbox | Refused:
    """The strongest sandbox that this machine has."""
    if machine.bwrap is not None and not machine.complaint:
        return Bubblewrap(machine.bwrap)
    if machine.inside_lambda:
        return MicroVm()
    if machine.unsandboxed:
        return Open()
    why = machine.complaint or "there is no bubblewrap (bwrap) on this machine"
    return Refused(
        f"Code cannot run here, because no sandbox is to be had: {why}. Whoever runs this machine can allow user "
        f"namespaces for bubblewrap, or set {SWITCH}=1 to let a model's code run with the rights of this user."
    )


@dataclass(frozen=True)
class Program:
    """What runs in the sandbox. `base` is the interpreter's own installation, `packages` the folders with pandas and
    its kin, `worker` the folder that holds `cell`."""

    interpreter: Path
    base: Path
    packages: tuple[Path, ...]
    worker: Path


@dataclass(frozen=True)
class Command:
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    folder: Path | None  # Where it starts; None where the sandbox says so itself.


def command(sandbox: Sandbox, program: Program, scratch: Path, answer_to: int, disk_bytes: int) -> Command:
    """The command of one cell. `scratch` is an empty folder of ours for sandboxes without one of their own;
    `answer_to` the inherited descriptor for the answer; `disk_bytes` bounds the working folder."""
    match sandbox:
        case Bubblewrap(bwrap):
            inside = [*_python(program), *_arguments(program, Path(PROGRAM), answer_to)]
            arguments = [str(bwrap), *_walls(program, disk_bytes), *_set(_environment(HOME)), "--", *inside]
            return Command(tuple(arguments), {}, None)
        case MicroVm() | Open():
            inside = [*_python(program), *_arguments(program, program.worker, answer_to)]
            return Command(tuple(inside), _environment(str(scratch)), scratch / "work")
        case _:
            assert_never(sandbox)


def _python(program: Program) -> list[str]:
    """-I -S: nothing of the machine's settings or site-packages. -B: nobody writes bytecode where others read it."""
    return [str(program.interpreter), "-I", "-S", "-B", "-u", "-X", "utf8", "-c", START]


def _arguments(program: Program, worker: Path, answer_to: int) -> list[str]:
    return [str(answer_to), ":".join(map(str, [worker, *program.packages]))]


def _environment(home: str) -> dict[str, str]:
    return {
        "HOME": home,
        "LANG": "C.UTF-8",
        "MPLBACKEND": "module://cell.charts",
        "MPLCONFIGDIR": f"{home}/.matplotlib",
        "OPENBLAS_NUM_THREADS": str(min(4, os.cpu_count() or 1)),  # Each thread reserves memory at import.
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "TMPDIR": f"{home}/tmp",
        "TZ": "UTC",
    }


def _set(environment: Mapping[str, str]) -> list[str]:
    return [word for name, value in environment.items() for word in ("--setenv", name, value)]


def _walls(program: Program, disk_bytes: int) -> list[str]:
    """The arguments of bubblewrap: what is there, and that nothing else is. Folders in memory come first, since the
    interpreter may lie below one of them."""
    return [
        *("--unshare-user", "--unshare-all", "--disable-userns", "--die-with-parent", "--new-session"),
        *("--clearenv", "--cap-drop", "ALL", "--uid", "1000", "--gid", "1000", "--hostname", "cell"),
        *("--proc", "/proc", "--dev", "/dev", *_memory("/dev/shm", 64 * MIB), "--remount-ro", "/dev"),
        *_memory("/tmp", 64 * MIB),
        *_memory(HOME, 64 * MIB),
        *_memory(WORK, disk_bytes),
        *("--dir", f"{HOME}/tmp", "--dir", f"{HOME}/.matplotlib"),
        *("--ro-bind", "/usr", "/usr"),
        *[word for path in SYSTEM for word in _like_here(path)],
        *[word for path in ALSO_READ for word in ("--ro-bind-try", path, path)],
        *[word for here, there in _visible(program) for word in ("--ro-bind-try", here, there)],
        *("--remount-ro", "/", "--chdir", WORK),
    ]


def _memory(path: str, size: int) -> list[str]:
    return ["--size", str(size), "--tmpfs", path]


def _like_here(path: str) -> list[str]:
    """A link as a link, a folder read-only, nothing where there is none."""
    if os.path.islink(path):
        return ["--symlink", os.readlink(path), path]
    return ["--ro-bind-try", path, path]


def _visible(program: Program) -> list[tuple[str, str]]:
    """The interpreter, the packages and the cell's own program: where they are, and where the cell sees them."""
    same = [(str(folder), str(folder)) for folder in (program.base, *program.packages)]
    return [*same, (str(program.worker / "cell"), f"{PROGRAM}/cell")]
