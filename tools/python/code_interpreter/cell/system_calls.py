"""A seccomp filter as a value: the system calls that a cell has no use for are refused.

It closes what namespaces leave open (user namespaces, and with them most of the kernel's attack surface) and, where
there are no namespaces (inside a Lambda), it is what keeps a cell off the network and off its neighbours: no sockets
at all, no ptrace, no signals to other processes. A filter holds for all children and cannot be taken off again.

The program is classic BPF as `seccomp(2)` and `linux/filter.h` describe it; numbers of system calls are those of
``asm/unistd_64.h`` (x86-64) and ``asm-generic/unistd.h`` (arm64).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping

ARCHITECTURES: Mapping[str, int] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}  # AUDIT_ARCH_* of linux/audit.h

# name: (x86_64, aarch64); None where the architecture has no such call.
REFUSED: Mapping[str, tuple[int | None, int]] = {
    "socket": (41, 198),  # socketpair stays: asyncio makes one for itself.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "io_uring_setup": (425, 425),  # It would make sockets behind the filter's back.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsmount": (432, 432),
    "mount_setattr": (442, 442),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "memfd_create": (319, 279),  # Memory that no bound of ours sees.
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "kexec_load": (246, 104),
    "personality": (135, 92),
}
SIGNALS: Mapping[str, tuple[int, int]] = {
    "kill": (62, 129),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
}
CLONE: tuple[int, int] = (56, 220)
CLONE3 = 435
NAMESPACES = 0x7E020000  # CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_EPERM, _ENOSYS = 1, 38
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16  # Offsets in struct seccomp_data; low half, little-endian.
_X32 = 0x40000000  # x86-64's second set of numbers for the same calls.


def _step(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("HBBI", code, if_true, if_false, value)


def _unless(number: int, *then: bytes) -> list[bytes]:
    """Steps that are skipped unless the call is `number`; it is loaded, and `then` must return."""
    return [_step(_EQUAL, number, 0, len(then)), *then]


def _refuse(number: int, error: int = _EPERM) -> list[bytes]:
    return _unless(number, _step(_RETURN, _ERRNO | error))


def _refuse_namespaces(clone: int) -> list[bytes]:
    load, test = _step(_LOAD, _FIRST_ARGUMENT), _step(_ANY_BIT, NAMESPACES, 0, 1)
    return _unless(clone, load, test, _step(_RETURN, _ERRNO | _EPERM), _step(_RETURN, _ALLOW))


def _only_to(pid: int, number: int) -> list[bytes]:
    load, test = _step(_LOAD, _FIRST_ARGUMENT), _step(_EQUAL, pid, 0, 1)
    return _unless(number, load, test, _step(_RETURN, _ALLOW), _step(_RETURN, _ERRNO | _EPERM))


def program(machine: str, signals_only_to: int | None = None) -> bytes:
    """The filter for `machine` (as `platform.machine()` says it). With `signals_only_to`, a process may send signals to
    that process id alone. Raises `KeyError` for a machine that is not in `ARCHITECTURES`."""
    column = list(ARCHITECTURES).index(machine) if machine in ARCHITECTURES else _unknown(machine)
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, ARCHITECTURES[machine], 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
        *([_step(_AT_LEAST, _X32, 0, 1), _step(_RETURN, _ERRNO | _EPERM)] if machine == "x86_64" else []),
        *_concatenate(_refuse(number) for row in REFUSED.values() if (number := row[column]) is not None),
        *_refuse(CLONE3, _ENOSYS),  # Its flags lie in memory, where a filter cannot look; glibc then uses clone.
        *_refuse_namespaces(CLONE[column]),
        *(_concatenate(_only_to(signals_only_to, row[column]) for row in SIGNALS.values()) if signals_only_to else []),
        _step(_RETURN, _ALLOW),
    ]
    return b"".join(steps)


def _concatenate(parts: Iterable[list[bytes]]) -> list[bytes]:
    return [step for part in parts for step in part]


def _unknown(machine: str) -> int:
    raise KeyError(f"No system call filter for machine {machine!r}; known are {', '.join(ARCHITECTURES)}.")
