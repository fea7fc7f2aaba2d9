"""One living process works on a run: its lock dies with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from stepsmith.local.ownership import Ownership

HOLDER = """
import sys, time
from pathlib import Path
from stepsmith.local.ownership import Ownership
print(Ownership(Path(sys.argv[1])).take("run"), flush=True)
time.sleep(600)
"""


def hold(folder: Path) -> "subprocess.Popen[str]":
    """A process that holds the lock."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", HOLDER, str(folder)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None and process.stdout.readline() == "True\n"
    return process


def test_a_run_of_a_living_process_cannot_be_taken_and_of_a_killed_one_can(tmp_path: Path) -> None:
    ours = Ownership(tmp_path)
    with hold(tmp_path) as process:
        assert ours.is_owned("run")
        assert not ours.take("run")
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not ours.is_owned("run")
    assert ours.take("run")


def test_what_is_released_leaves_nothing_behind(tmp_path: Path) -> None:
    ours, theirs = Ownership(tmp_path), Ownership(tmp_path)
    assert ours.take("run") and ours.take("run")
    assert not theirs.take("run")
    ours.release("run")
    assert list(tmp_path.iterdir()) == []
    assert theirs.take("run") and not ours.take("run")
    theirs.release_all()
    assert ours.take("run")


def test_asking_who_owns_a_run_makes_no_files(tmp_path: Path) -> None:
    assert not Ownership(tmp_path / "none").is_owned("run")
    assert not (tmp_path / "none").exists()
