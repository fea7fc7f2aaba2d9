"""Claims on Terraform's processes, with a shell script in its place: who ends when, and who holds the folder's lock."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from stepsmith.cli.errors import CommandError

from .faults import TerraformError
from .program import Program
from .root import Root, Terraform
from .workplace import held

PROVIDER = """
sleep 300 > /dev/null 2>&1 &
echo $! > provider
"""
COMMAND = """
import asyncio, sys
from pathlib import Path
from stepsmith.cli.terraform.program import Program
from stepsmith.cli.terraform.root import Root, Terraform
from stepsmith.cli.terraform.workplace import held

folder = Path(sys.argv[1])
with held(folder) as lock:
    asyncio.run(Terraform(Program((str(folder / "terraform"),), {}, "1"), Root(folder), None, lock).shown())
"""


def program(folder: Path, script: str) -> Program:
    path = folder / "terraform"
    path.write_text(f"#!/bin/sh\ncd {folder}\n{script}")
    path.chmod(0o755)
    return Program((str(path),), {"PATH": os.environ["PATH"]}, "1.11.4")


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < deadline, "not within 20 s"
        time.sleep(0.02)


def is_free(folder: Path) -> bool:
    try:
        with held(folder):
            return True
    except CommandError:
        return False


def is_gone(pid: int) -> bool:
    """Whether it has ended; who reaps it does not matter."""
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


async def shown(folder: Path, script: str) -> str:
    with held(folder) as lock:
        return await Terraform(program(folder, script), Root(folder), None, lock).shown()


@pytest.mark.asyncio
async def test_what_it_prints_is_heard(tmp_path: Path) -> None:
    assert await shown(tmp_path, "echo said; echo warned >&2; cat; exit 3") == "said\nwarned\n"


@pytest.mark.asyncio
async def test_a_killed_terraform_is_told_and_leaves_no_provider(tmp_path: Path) -> None:
    with held(tmp_path) as lock:
        terraform = Terraform(program(tmp_path, PROVIDER + "kill -9 $$"), Root(tmp_path), None, lock)
        with pytest.raises(TerraformError, match="killed") as error:
            await terraform.plan()
    assert error.value.was_killed
    until(lambda: is_gone(int((tmp_path / "provider").read_text())))
    assert is_free(tmp_path)


@pytest.mark.asyncio
async def test_an_interrupt_is_for_terraform_which_ends_by_itself(tmp_path: Path) -> None:
    script = "trap 'sleep 0.2; touch ended; exit 1' INT; touch started; while :; do sleep 0.02; done"
    work = asyncio.create_task(shown(tmp_path, script))
    while not (tmp_path / "started").exists():
        await asyncio.sleep(0.02)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert (tmp_path / "ended").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_killed_command_leaves_the_lock_to_its_terraform_and_then_to_nobody(tmp_path: Path) -> None:
    program(tmp_path, PROVIDER + "while [ ! -e goes-on ]; do sleep 0.05; done; while echo more; do sleep 0.05; done")
    command = subprocess.Popen([sys.executable, "-c", COMMAND, str(tmp_path)])
    provider = tmp_path / "provider"
    until(lambda: provider.exists() and provider.read_text().endswith("\n"))
    command.send_signal(signal.SIGKILL)
    command.wait()
    assert not is_free(tmp_path), "its Terraform is still at work"
    (tmp_path / "goes-on").touch()  # now it says something to a pipe that nobody reads
    until(lambda: is_free(tmp_path))
    until(lambda: is_gone(int(provider.read_text())))
