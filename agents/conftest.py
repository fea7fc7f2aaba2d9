"""The fixture that plays an agent's scenarios in its tests."""

import pytest

from stepsmith.agent import load
from stepsmith.cli.native import PYTHON, functions_of, missing, named
from stepsmith.cli.play import play as play_scenario
from stepsmith.cli.settings import ROOT


@pytest.fixture
def play(tmp_path):
    """`play(agent, scenario)` gives the run's trace: its status, turns, calls, output."""

    def play(agent, scenario):
        tools = functions_of(load(agent, ROOT)).values()
        if wanted := missing(ROOT, [tool for tool in tools if tool.language != PYTHON]):
            names = ", ".join(map(named, wanted))
            pytest.skip(f"not built, or older than its sources: {names}; ./pants package :: makes it")
        return play_scenario(agent, scenario, tmp_path)

    return play
