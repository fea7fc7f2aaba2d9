"""A small repository with agents that ask (testdata/), and its command line as processes of their own.

The tools write each call into a ledger, so that a test counts what was really done.
"""

import asyncio
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from stepsmith.agent import Deployment
from stepsmith.cli.requests import document_of
from stepsmith.local.approvals import here
from stepsmith.local.database import Database
from stepsmith.local.moto import Moto

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


class Terminal:
    """A command on a terminal of its own."""

    def __init__(self, shell, *words):
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.execvpe(shell.words(*words)[0], shell.words(*words), shell.environment | {"TERM": "xterm"})
        self.seen = ""

    def until(self, words):
        end = time.monotonic() + 60
        while words not in self.seen:
            assert time.monotonic() < end, self.seen
            if select.select([self.fd], [], [], 0.1)[0]:
                self.seen += self._read()
        return self.seen

    def type(self, line):
        os.write(self.fd, f"{line}\n".encode())

    def end(self):
        """The exit code."""
        while more := self._read():
            self.seen += more
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _read(self):
        try:
            return os.read(self.fd, 65536).decode(errors="replace")
        except OSError:  # the other side has gone
            return ""


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

    def terminal(self, *words):
        """A command that believes it is used by a person."""
        return Terminal(self, *words)

    def waiting(self, count=1):
        """What waits, as `approvals --json` tells it, once there are so many; asked in this process, for speed."""
        until = time.monotonic() + SECONDS
        while len(found := asyncio.run(self._waiting())) < count:
            assert time.monotonic() < until, "nothing waits"
            time.sleep(0.1)
        return found

    async def _waiting(self):
        database, moto = Database(self.data / "runs.db"), Moto(self.data)
        try:
            table = here.table_of(moto, Deployment().approvals_table)
            desk = here.desk(table, database, lambda: time.time_ns() // 1_000_000)
            return [document_of(each) for each in await desk.waiting()]
        finally:
            await moto.close()
            database.close()

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
