"""The tutorial does what it says: its files are written into a copy of the repository, its commands run there."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [match.groups() for match in BLOCK.finditer((ROOT / "docs/tutorial.md").read_text("utf-8"))]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy of the repository with the tutorial's files in it."""
    folder = tmp_path_factory.mktemp("copy")
    for name in ("src", "tools", "agents", "llm_callers"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for _, path, text in BLOCKS:
        if path:
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="module")
def stepsmith(copy):
    """Runs a command line of the tutorial with the copy's own sources."""
    paths = [str(copy / "src"), str(copy / "tools/python"), str(copy), *sys.path]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "NO_COLOR": "1"}
    environment.pop("ANTHROPIC_API_KEY", None)

    def run(line):
        command = [sys.executable, "-m", "stepsmith.cli", *line.split()[1:], "--data", str(copy / "data")]
        return subprocess.run(
            command, cwd=copy, env=environment, capture_output=True, text=True, timeout=120, check=False
        )

    return run


@pytest.mark.parametrize("line", [line for kind, _, text in BLOCKS if kind == "sh" for line in text.splitlines()])
def test_its_commands_succeed(stepsmith, line):
    done = stepsmith(line)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_agent_says_what_the_page_says(stepsmith):
    [expected] = [text.strip() for kind, _, text in BLOCKS if kind == "text"]
    assert expected in stepsmith("./stepsmith run reader").stdout
