"""The worker locks itself in before the cell's code runs: limits of the kernel, and the filter of system calls.

None of this needs a privilege and none of it can be undone from inside. It comes on top of bubblewrap where there is
one; inside a Lambda it is, with the function's role and network, all there is.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import signal
import sys
from typing import Any

from . import system_calls
from .terms import Limits

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_SECCOMP_MODE_FILTER = 2


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("steps", ctypes.c_char_p)]


def confine(limits: Limits) -> None:
    """Raises `OSError` where the kernel refuses; then no cell may run. On macOS only the limits hold."""
    _set_limits(limits)
    if sys.platform == "linux":
        _die_with(limits.parent)
        _filter_system_calls(os.getpid() if limits.parent else None)


def _set_limits(limits: Limits) -> None:
    values = [
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_DATA, limits.data_bytes),  # Not AS: it counts address space that nobody uses.
        (resource.RLIMIT_FSIZE, limits.file_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_NOFILE, limits.open_files),
        *([(resource.RLIMIT_NPROC, limits.processes)] if limits.processes else []),
    ]
    for which, value in values:
        _lower(which, value)


def _lower(which: int, value: int) -> None:
    hard = resource.getrlimit(which)[1]
    bound = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (bound, bound))


def _prctl(option: int, *arguments: Any) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, *arguments, *[ctypes.c_ulong(0)] * (4 - len(arguments))):
        error = ctypes.get_errno()
        raise OSError(error, f"prctl({option}): {os.strerror(error)}")


def _die_with(parent: int | None) -> None:
    _prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL))
    if parent not in (None, os.getppid()):
        os._exit(1)  # It is gone already.


def _filter_system_calls(signals_only_to: int | None) -> None:
    steps = system_calls.program(platform.machine(), signals_only_to)
    program = _Program(len(steps) // 8, steps)
    _prctl(_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1))
    _prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), ctypes.byref(program))
