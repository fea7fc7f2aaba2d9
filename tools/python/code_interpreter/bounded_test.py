"""Real processes within bounds; what they run is not sandboxed, so that the bounds alone are tested."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from .bounded import Bounds, Ended, Stopped, descendants, run
from .sandbox import MIB, Command

BOUNDS = Bounds(seconds=20, memory_bytes=256 * MIB, output_bytes=MIB, answer_bytes=MIB, tasks=20)
linux = pytest.mark.skipif(sys.platform != "linux", reason="process trees are watched by /proc")


def python(script: str, request: bytes = b"", bounds: Bounds = BOUNDS, folder: Path | None = None) -> Ended | Stopped:
    pipe = os.pipe()
    arguments = (
        sys.executable,
        "-I",
        "-u",
        "-c",
        f"import os, sys, time; answer = int(sys.argv[1])\n{script}",
        str(pipe[1]),
    )
    try:
        return run(Command(arguments, {"PATH": os.defpath}, folder), pipe, request, bounds)
    finally:
        os.close(pipe[0])


def within(**changes: float) -> Bounds:
    return Bounds(**{**vars(BOUNDS), **changes})


def test_request_output_and_answer_go_their_ways() -> None:
    script = "data = sys.stdin.buffer.read(); print(len(data)); print('e', file=sys.stderr); os.write(answer, b'a' * 9)"
    assert python(script, b"x" * 3_000_000) == Ended(b"3000000\ne\n", b"a" * 9, 0)


def test_a_program_that_reads_nothing_ends_in_peace() -> None:
    assert python("pass", b"x" * 3_000_000) == Ended(b"", b"", 0)


def test_the_status_is_told() -> None:
    assert python("sys.exit(7)") == Ended(b"", b"", 7)
    assert python("os.kill(os.getpid(), 11)") == Ended(b"", b"", -11)


def test_time_is_bounded() -> None:
    ended = python("print('here'); time.sleep(100)", bounds=within(seconds=1))
    assert ended == Stopped(b"here\n", "time")


def test_output_is_bounded_and_its_beginning_kept() -> None:
    ended = python("while True: os.write(1, b'x' * 65536)")
    assert isinstance(ended, Stopped)
    assert (ended.bound, len(ended.output)) == ("output", MIB)


def test_the_answer_is_bounded() -> None:
    ended = python("while True: os.write(answer, b'x' * 65536)")
    assert isinstance(ended, Stopped)
    assert ended.bound == "answer"


@linux
def test_memory_of_all_processes_together_is_bounded() -> None:
    script = "for _ in range(4):\n    if os.fork() == 0:\n        x = b'x' * 2**27; time.sleep(100)\ntime.sleep(100)"
    assert python(script) == Stopped(b"", "memory")


@linux
def test_processes_and_threads_are_bounded() -> None:
    threads = "import threading\nfor _ in range(100): threading.Thread(target=time.sleep, args=(100,)).start()"
    assert python(threads) == Stopped(b"", "processes")


@linux
def test_orphans_in_a_session_of_their_own_are_ended() -> None:
    daemon = "os.setsid()\n    if os.fork() == 0: time.sleep(1000)\n    os._exit(0)"
    script = f"if os.fork() == 0:\n    {daemon}\nos.wait()"
    before = descendants([os.getpid()])
    assert isinstance(python(script), Ended)
    assert set(descendants([os.getpid()])) <= set(before)


@linux
def test_a_child_that_holds_the_pipes_does_not_hold_us() -> None:
    assert python("if os.fork() == 0: time.sleep(1000)\nelse: print('done')") == Ended(b"done\n", b"", 0)


def test_what_cannot_start_is_an_error_and_leaks_no_pipe() -> None:
    before = len(os.listdir("/dev/fd"))
    pipe = os.pipe()
    with pytest.raises(FileNotFoundError):
        run(Command(("/no/such/program",), {}, None), pipe, b"", BOUNDS)
    os.close(pipe[0])
    assert len(os.listdir("/dev/fd")) == before


def test_no_descriptor_is_left_after_many_runs() -> None:
    python("pass")
    before = len(os.listdir("/dev/fd"))
    for _ in range(5):
        python("pass")
    assert len(os.listdir("/dev/fd")) == before
