"""The fixture that plays an agent's scenarios in its tests."""

import pytest

from stepsmith.cli.play import play as play_scenario


@pytest.fixture
def play(tmp_path):
    """`play(agent, scenario)` gives the run's trace: its status, turns, calls, output."""
    return lambda agent, scenario: play_scenario(agent, scenario, tmp_path)
