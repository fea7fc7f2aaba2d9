"""The reviewed form of a machine: agents/<name>/expected.asl.json.

A change of the compiler or of an agent shows as a diff there, which is the review of the design. Renew all of them by

    STEPSMITH_UPDATE_SNAPSHOTS=1 pytest tests/agents/snapshots_test.py

Snapshots are compiled for the local deployment and a fixed list of vendors, so that a new caller changes none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .compile import compile
from .deployment import Deployment
from .loading import LoadedAgent

FILE = "expected.asl.json"
RENEW = "STEPSMITH_UPDATE_SNAPSHOTS"
CALLERS = ("anthropic", "openai", "scripted")


def machine(loaded: LoadedAgent) -> dict[str, Any]:
    """The machine that the snapshot of an agent holds."""
    return compile(loaded, Deployment(), CALLERS)


def reviewed(folder: Path, definition: dict[str, Any], environment: Mapping[str, str]) -> Any:
    """What the snapshot in an agent's folder says; written anew first where `environment` says so.

    Raises FileNotFoundError for an agent that has none yet.
    """
    path = folder / FILE
    if environment.get(RENEW):
        path.write_text(json.dumps(definition, indent=2, ensure_ascii=False) + "\n", "utf-8")
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing: run the test with {RENEW}=1 and review what it wrote.")
    return json.loads(path.read_text("utf-8"))
