"""The filter, run by a reader of classic BPF: what the kernel would answer, for both machines."""

from __future__ import annotations

import struct

import pytest

from . import system_calls
from .system_calls import ARCHITECTURES, CLONE, CLONE3, REFUSED, SIGNALS, program

ALLOWED, EPERM, ENOSYS, KILLED = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
MACHINES = list(ARCHITECTURES)
READ = {"x86_64": 0, "aarch64": 63}


def verdict(steps: bytes, machine: str, number: int, first: int = 0) -> int:
    """What the program returns for a call: `struct seccomp_data {nr, arch, instruction_pointer, args[6]}`."""
    data = struct.pack("<IIQ6Q", number, ARCHITECTURES[machine], 0, first, 0, 0, 0, 0, 0)
    instructions = list(struct.iter_unpack("HBBI", steps))
    loaded, at = 0, 0
    while True:
        code, if_true, if_false, value = instructions[at]
        at += 1
        match code:
            case 0x20:
                (loaded,) = struct.unpack_from("<I", data, value)
            case 0x06:
                return int(value)
            case 0x15:
                at += if_true if loaded == value else if_false
            case 0x35:
                at += if_true if loaded >= value else if_false
            case 0x45:
                at += if_true if loaded & value else if_false
            case _:
                pytest.fail(f"no such instruction: {code:#x}")


@pytest.mark.parametrize("machine", MACHINES)
def test_every_refused_call_is_refused(machine: str) -> None:
    column = MACHINES.index(machine)
    numbers = [row[column] for row in REFUSED.values()]
    assert {verdict(program(machine), machine, number) for number in numbers if number is not None} == {EPERM}


@pytest.mark.parametrize("machine", MACHINES)
def test_other_calls_are_allowed(machine: str) -> None:
    assert verdict(program(machine), machine, READ[machine]) == ALLOWED


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_are_made_and_namespaces_are_not(machine: str) -> None:
    clone, thread, user_namespace = CLONE[MACHINES.index(machine)], 0x3D0F00, 0x10000000
    assert verdict(program(machine), machine, clone, thread) == ALLOWED
    assert verdict(program(machine), machine, clone, thread | user_namespace) == EPERM
    assert verdict(program(machine), machine, CLONE3) == ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
def test_signals_go_to_the_named_process_alone(machine: str) -> None:
    kill = SIGNALS["kill"][MACHINES.index(machine)]
    steps = program(machine, signals_only_to=77)
    assert verdict(steps, machine, kill, 77) == ALLOWED
    assert verdict(steps, machine, kill, 78) == EPERM
    assert verdict(steps, machine, kill, 0xFFFFFFFF) == EPERM
    assert verdict(program(machine), machine, kill, 78) == ALLOWED


def test_calls_of_another_architecture_end_the_process() -> None:
    assert verdict(program("x86_64"), "aarch64", READ["x86_64"]) == KILLED


def test_the_second_numbering_of_x86_64_is_refused() -> None:
    assert verdict(program("x86_64"), "x86_64", 0x40000000 | 41) == EPERM


def test_a_machine_without_a_table_is_refused_by_name() -> None:
    with pytest.raises(KeyError, match="riscv64"):
        system_calls.program("riscv64")
