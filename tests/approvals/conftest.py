"""A small repository with agents that ask (testdata/), and its command line as processes of their own.

The tools write each call into a ledger, so that a test counts what was really done.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TESTDATA = Path(__file__).parent / "testdata"
SECONDS = 60


@pytest.fixture(scope="session")
def repository(tmp_path_factory):
    """This repository's own sources, with the agents and tools of testdata/ in place of its own."""
    root = tmp_path_factory.mktemp("repository")
    leave_out = shutil.ignore_patterns("__pycache__", "*_test.py", "testdata")
    shutil.copytree(ROOT / "src" / "stepsmith", root / "src" / "stepsmith", ignore=leave_out)
    shutil.copytree(ROOT / "llm_callers" / "scripted", root / "llm_callers" / "scripted", ignore=leave_out)
    shutil.copytree(TESTDATA, root, dirs_exist_ok=True)
    return root


class Shell:
    """Commands of `stepsmith` in one data folder."""

    def __init__(self, repository, folder):
        self.data, self.ledger_file = folder / "data", folder / "ledger"
        sources = (repository / "src", repository, ROOT / "tools" / "python", *sys.path)
        self.environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(map(str, sources)),
            "STEPSMITH_CACHE": str(repository / "cache"),
            "LEDGER": str(self.ledger_file),
            "COLUMNS": "160",
            "NO_COLOR": "1",
        }
        self.started = []

    def __call__(self, *words, input=None, **variables):
        """Runs a command to its end."""
        return subprocess.run(
            self.words(*words),
            capture_output=True,
            text=True,
            input=input,
            timeout=SECONDS,
            check=False,
            env=self.environment | variables,
        )

    def words(self, *words):
        return [sys.executable, "-m", "stepsmith.cli", *words, "--data", str(self.data)]

    def start(self, *words, **variables):
        """A command in the background; it is ended with the test."""
        process = subprocess.Popen(
            self.words(*words),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment | variables,
        )
        self.started.append(process)
        return process

    def waiting(self, count=1):
        """What `approvals` lists, once there are so many."""
        until = time.monotonic() + SECONDS
        while time.monotonic() < until:
            listed = self("approvals", "--json")
            found = json.loads(listed.stdout) if listed.returncode == 0 else []
            if len(found) >= count:
                return found
            time.sleep(0.1)
        raise AssertionError(f"nothing waits: {listed.stderr}")

    def show(self, run):
        return json.loads(self("show", run, "--json").stdout)

    @property
    def ledger(self):
        """What the tools have really done, in order."""
        if not self.ledger_file.exists():
            return []
        return [json.loads(line)["what"] for line in self.ledger_file.read_text("utf-8").splitlines()]


@pytest.fixture
def shell(repository, tmp_path):
    made = Shell(repository, tmp_path)
    yield made
    for process in made.started:
        process.kill()
        process.communicate()
