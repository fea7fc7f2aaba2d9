"""What a command has not loaded when it begins: the reason why it begins soon, held in place of a time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

RUNTIME = {"pydantic", "stepsmith.asl", "stepsmith.local.runtime"}
LATER = {"boto3", "botocore.session", "bokeh_sampledata", "moto", "rich"}
"""What the first request for it, or the first line on the terminal, loads."""


def loaded_by(module: str) -> set[str]:
    """What a fresh interpreter has loaded once it has imported the module."""
    command = [sys.executable, "-c", f"import sys, {module}; print(*sys.modules)"]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT), *sys.path])}
    return set(subprocess.run(command, capture_output=True, text=True, check=True, env=environment).stdout.split())


def test_up_listens_before_it_loads_what_it_serves() -> None:
    loaded = loaded_by("stepsmith.cli.commands.up")
    assert "aiohttp.web" in loaded
    assert loaded & (RUNTIME | LATER) == set()


def test_what_up_serves_is_loaded_without_moto_and_botocore() -> None:
    loaded = loaded_by("stepsmith.cli.serving")
    assert loaded >= RUNTIME
    assert loaded & LATER == set()


@pytest.mark.parametrize("command", ["approvals", "runs", "show"])
def test_what_is_recorded_is_read_without_a_runtime_and_a_server(command: str) -> None:
    assert loaded_by(f"stepsmith.cli.commands.{command}") & {"aiohttp", "moto", "stepsmith.local.runtime"} == set()
