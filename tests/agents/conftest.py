"""Agents of these tests, compiled once. `STEPSMITH_UPDATE_SNAPSHOTS=1 pytest` writes their snapshots anew."""

from pathlib import Path
from typing import Any

import pytest

from stepsmith.agent import Deployment, LoadedAgent, compile, load

ROOT = Path(__file__).parent / "testdata"
CALLERS = ("anthropic", "openai", "scripted")


@pytest.fixture(scope="session")
def everything_loaded() -> LoadedAgent:
    """An agent with approvals of each kind, a sub-agent, serial and open-world tools, a schema and two models."""
    return load("everything", ROOT)


@pytest.fixture(scope="session")
def everything(everything_loaded: LoadedAgent) -> dict[str, Any]:
    return compile(everything_loaded, Deployment(), CALLERS)


@pytest.fixture(scope="session")
def plain() -> dict[str, Any]:
    """An agent without tools, with the default limits."""
    return compile(load("plain", ROOT), Deployment(), CALLERS)
