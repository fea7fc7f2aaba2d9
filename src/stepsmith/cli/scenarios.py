"""The sample questions of an agent, from its scenario.yaml; what the scripted model says is the caller's business."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml

from .errors import UsageError


@dataclass(frozen=True)
class Scenario:
    name: str
    question: str


def scenarios(root: Path, agent: str) -> tuple[Scenario, ...]:
    """The scenarios of an agent in the order of the file, the first being the sample question. Raises `UsageError`."""
    path = root / "agents" / agent / "scenario.yaml"
    if not path.exists():
        return ()
    try:
        return tuple(
            Scenario(str(each["name"]), str(each["question"])) for each in yaml.safe_load(path.read_text("utf-8"))
        )
    except (yaml.YAMLError, KeyError, TypeError, UnicodeDecodeError) as error:
        shown = " ".join(str(error).split())
        raise UsageError(f"agents/{agent}/scenario.yaml cannot be read ({shown}): see docs/scenarios.md.") from None
