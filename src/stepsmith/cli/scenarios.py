"""The sample questions of an agent, from its scenario.yaml, as the scripted caller reads it."""

from __future__ import annotations

from pathlib import Path

from llm_callers.scripted.scenario import Problem, Scenario, ScenarioError
from llm_callers.scripted.scenarios import FILE, check, load

from .errors import UsageError


def scenarios(root: Path, agent: str) -> tuple[Scenario, ...]:
    """The scenarios of an agent in the order of the file, the first being the sample question. Raises `UsageError`."""
    try:
        return load(root / "agents" / agent / FILE)
    except FileNotFoundError:
        return ()
    except ScenarioError as error:
        raise UsageError(f"{error}\nSee docs/scenarios.md.") from None


def problems(root: Path, agent: str, tools: tuple[str, ...]) -> tuple[Problem, ...]:
    """Everything wrong with the agent's scenarios; `tools` are the names of those it has."""
    path = root / "agents" / agent / FILE
    return check(path, tools) if path.exists() else ()
