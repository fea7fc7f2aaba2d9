"""One living process works on a run: its lock dies with it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stepsmith.local.ownership import Ownership

HOLDER = """
import sys, time
from pathlib import Path
from stepsmith.local.ownership import Ownership
print(Ownership(Path(sys.argv[1])).take(7), flush=True)
time.sleep(600)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "runs.lock"


def hold(path: Path) -> "subprocess.Popen[str]":
    """A process that holds the lock of run 7."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", HOLDER, str(path)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None and process.stdout.readline() == "True\n"
    return process


def test_a_run_of_a_living_process_cannot_be_taken_and_of_a_killed_one_can(path: Path) -> None:
    ours = Ownership(path)
    with hold(path) as process:
        assert ours.is_owned(7) and not ours.is_owned(8)
        assert not ours.take(7) and ours.take(8)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not ours.is_owned(7)
    assert ours.take(7)


def test_two_runtimes_of_one_process_exclude_each_other(path: Path) -> None:
    ours, theirs = Ownership(path), Ownership(path)
    assert ours.take(1) and ours.take(1)
    assert theirs.is_owned(1) and not theirs.take(1)
    ours.release(1)
    assert theirs.take(1) and not ours.take(1)
    theirs.close()
    assert ours.take(1)


def test_a_runtime_that_closes_drops_its_own_locks_only(path: Path) -> None:
    ours, theirs = Ownership(path), Ownership(path)
    assert ours.take(7)
    theirs.close()
    asker = f"import sys; from pathlib import Path; from stepsmith.local.ownership import Ownership; {ASK}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", asker, str(path)]
    said = subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout
    assert said == "True False\n"


ASK = "o = Ownership(Path(sys.argv[1])); print(o.is_owned(7), o.is_owned(8))"


def test_ten_thousand_runs_cost_one_descriptor(path: Path) -> None:
    before = len(os.listdir("/dev/fd"))
    ours = Ownership(path)
    assert all(ours.take(run) for run in range(1, 10_001))
    assert len(os.listdir("/dev/fd")) <= before + 1
    ours.close()
    assert len(os.listdir("/dev/fd")) <= before
    assert path.stat().st_size == 0
