"""The command line as a person calls it: a process of its own, in a data folder of its own, without anybody's keys."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("src", "tools/python", ".")
KEYS = ("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "DATABASE_URL")


@pytest.fixture
def environment():
    kept = {name: value for name, value in os.environ.items() if name not in KEYS}
    return kept | {"PYTHONPATH": python_path(ROOT), "COLUMNS": "120", "NO_COLOR": "1"}


def python_path(root):
    """A repository's own sources, then what this process sees."""
    return os.pathsep.join([*(str(root / source) for source in SOURCES), *sys.path])


@pytest.fixture
def command(tmp_path):
    """The words that run a command in this test's own data folder."""
    return lambda *words: [sys.executable, "-m", "stepsmith.cli", *words, "--data", str(tmp_path / "data")]


@pytest.fixture
def stepsmith(command, environment):
    """Runs a command to its end; `.stdout` and `.stderr` are text. Keywords are variables of the environment."""

    def run(*words, input=None, **variables):
        return subprocess.run(
            command(*words),
            capture_output=True,
            text=True,
            input=input,
            timeout=120,
            check=False,
            env=environment | variables,
        )

    return run


@pytest.fixture
def start(command, environment):
    """Starts a command and gives its process when a line of its stderr has `sign` in it."""
    started = []

    def begin(*words, sign):
        process = subprocess.Popen(
            command(*words), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        started.append(process)
        assert any(sign in line for line in process.stderr)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def copy(tmp_path, environment):
    """A copy of the repository to break; `environment` runs its sources."""
    folder = tmp_path / "copy"
    for name in ("src", "tools", "agents", "llm_callers"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    environment["PYTHONPATH"] = python_path(folder)
    return folder
