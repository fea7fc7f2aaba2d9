"""The peers of benchmarks/durable_turn.py: each a script of its own, run in an environment that uv makes once.

The environment lies under the cache (`peers/`), so that nothing of theirs is ever imported by ours. A script takes the
number of turns and prints one JSON document: `{"p50", "p95", "stored"}`, in milliseconds and bytes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

PACKAGES = ("langgraph", "langgraph-checkpoint-sqlite", "dbos")
SCRIPTS = {"LangGraph + SqliteSaver": "langgraph_loop.py", "DBOS + SQLite": "dbos_loop.py"}

_HERE = Path(__file__).parent


def measure(turns: Sequence[int]) -> Iterator[tuple[str, int, dict[str, float]]]:
    """Every peer at every length of run; slow ones first come first."""
    python = environment("peers", PACKAGES)
    for name, script in SCRIPTS.items():
        for each in turns:
            printed = subprocess.run(
                [python, str(_HERE / script), str(each)], check=True, capture_output=True, text=True
            )
            yield name, each, json.loads(printed.stdout.splitlines()[-1])


def environment(name: str, packages: Sequence[str]) -> str:
    """The interpreter of an environment with these packages, made on first use under the cache."""
    folder = _cache() / name
    python = folder / "bin" / "python"
    if not (folder / "ready").exists():
        uv = _uv()
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(folder)], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *packages], check=True)
        (folder / "ready").touch()
    return str(python)


def _cache() -> Path:
    home = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"))
    return Path(os.environ.get("STEPSMITH_CACHE", home / "stepsmith"))


def _uv() -> str:
    """The launcher's uv, else one on the PATH."""
    found = sorted(_cache().glob("tools/uv-*/bin/uv"))
    return str(found[-1]) if found else "uv"
