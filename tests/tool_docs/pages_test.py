"""Claims on the made pages of the tools, and on the artifacts that they tell the size of."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "build-support/tool_pages.py"
BUILT = ROOT if (ROOT / "tools/go/web_research.zip").is_file() else ROOT / "dist"
MOST_MB = {"go": 10, "java": 12, "python": 75, "rust": 6, "typescript": 1}
"""Of the zip. A tool in Python brings its data libraries; how large it may be unzipped is pack.py's to say."""


def test_no_made_page_is_stale():
    given = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), *sys.path])}
    command = [sys.executable, str(SCRIPT), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=given)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("tool", [f"{path.parts[-3]}/{path.parts[-2]}" for path in ROOT.glob("tools/*/*/tool.json")])
def test_an_artifact_is_as_small_as_its_language_allows(tool):
    path = BUILT / f"tools/{tool}.zip"
    if not path.is_file():
        pytest.skip(f"nothing is built: `./pants package tools/{tool}:lambda`")
    with zipfile.ZipFile(path) as archive:
        assert "tool.json" in {Path(name).name for name in archive.namelist()}
    assert path.stat().st_size < MOST_MB[json.loads(described(tool))["language"]] * 1_000_000


def described(tool):
    return (ROOT / "tools" / tool / "tool.json").read_text("utf-8")
