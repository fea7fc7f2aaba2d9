"""Agents of these tests, loaded from testdata/ as from a repository of their own, and compiled once."""

from pathlib import Path
from typing import Any

import pytest

from stepsmith import asl
from stepsmith.agent import LoadedAgent, load
from stepsmith.agent.snapshot import machine
from stepsmith.asl import StateMachine

ROOT = Path(__file__).parent / "testdata"


@pytest.fixture(scope="session")
def everything_loaded() -> LoadedAgent:
    """An agent with approvals of each kind, a sub-agent, serial and open-world tools, a schema and two models."""
    return load("everything", ROOT)


@pytest.fixture(scope="session")
def everything(everything_loaded: LoadedAgent) -> dict[str, Any]:
    return machine(everything_loaded)


@pytest.fixture(scope="session")
def everything_ready(everything: dict[str, Any]) -> StateMachine:
    """The same machine, its expressions compiled once."""
    return asl.load(everything)


@pytest.fixture(scope="session")
def plain() -> dict[str, Any]:
    """An agent without tools, with the default limits."""
    return machine(load("plain", ROOT))
