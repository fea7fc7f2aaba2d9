"""Every agent's machine is the one that was reviewed: STEPSMITH_UPDATE_SNAPSHOTS=1 writes the snapshots anew."""

import json
import os
from pathlib import Path

import pytest

from stepsmith.agent import find_agents, load
from stepsmith.agent.lint import lint
from stepsmith.agent.snapshot import CALLERS, machine, reviewed

REPOSITORY = Path(__file__).parents[2]
TESTDATA = Path(__file__).parent / "testdata"
AGENTS = [(root, name) for root in (REPOSITORY, TESTDATA) for name in find_agents(root)]
each_agent = pytest.mark.parametrize(("root", "name"), AGENTS, ids=[name for _, name in AGENTS])


@each_agent
def test_the_machine_is_the_reviewed_one(root: Path, name: str) -> None:
    definition = machine(load(name, root))
    assert definition == reviewed(root / "agents" / name, definition, os.environ)


@each_agent
def test_nothing_is_to_be_found_about_it(root: Path, name: str) -> None:
    loaded = load(name, root)
    assert [str(finding) for finding in lint(loaded, machine(loaded), CALLERS)] == []


@each_agent
def test_it_survives_json(root: Path, name: str) -> None:
    definition = machine(load(name, root))
    assert json.loads(json.dumps(definition)) == definition
