"""A page of the docs as a test reads it: files to write, commands to run, output to expect; a copy of the repository to
do it in."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_BLOCK = re.compile(r"^```(\w*)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PARTS = ("src", "tools", "agents", "llm_callers")


class Page:
    """A page of docs/: its fenced blocks."""

    def __init__(self, name: str) -> None:
        self._blocks = [match.groups() for match in _BLOCK.finditer((ROOT / "docs" / name).read_text("utf-8"))]

    @property
    def files(self) -> dict[str, str]:
        """The files that the page has a reader write, by their paths."""
        return {path: text for _, path, text in self._blocks if path}

    @property
    def commands(self) -> list[str]:
        """The lines to type, in order."""
        return [line for kind, _, text in self._blocks if kind == "sh" for line in text.splitlines()]

    @property
    def expected(self) -> list[str]:
        """What the page says that is printed."""
        return [text.strip() for kind, _, text in self._blocks if kind == "text"]


class Copy:
    """A copy of the repository with the page's files in it, and the command line there."""

    def __init__(self, folder: Path, page: Page) -> None:
        self._folder = folder
        for name in _PARTS:
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        for path, text in page.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, "utf-8")

    def __call__(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs `stepsmith` with these words, with the copy's own sources and without anybody's key."""
        paths = [str(self._folder / part) for part in ("src", "tools/python", ".")]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*paths, *sys.path]), "NO_COLOR": "1"}
        environment.pop("ANTHROPIC_API_KEY", None)
        command = [sys.executable, "-m", "stepsmith.cli", *words, "--data", str(self._folder / "data")]
        return subprocess.run(
            command, cwd=self._folder, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
