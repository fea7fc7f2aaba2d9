"""Claims on which services are stand-ins, and on what is said of them."""

import json
from dataclasses import replace
from typing import Any
from urllib.request import urlopen

import pytest

from stand_ins.new_york_times.server import NewYorkTimes
from stepsmith.agent import load
from stepsmith.cli.native import functions_of
from stepsmith.cli.offline import needed, stand_ins
from stepsmith.cli.settings import ROOT, read

SERVICES = {
    "financial": {"Yahoo"},
    "research": {"Perplexity", "Yahoo"},
    "books": {"NewYorkTimes"},
    "sql": set(),
}


def names(agent: str, **environment: str) -> set[str]:
    settings = replace(read(), environment=environment)
    return {service.__name__ for service in needed(settings, functions_of(load(agent, ROOT)).values())}


@pytest.mark.parametrize(("agent", "services"), SERVICES.items())
def test_an_agents_services_are_found_by_its_tools(agent: str, services: set[str]) -> None:
    assert names(agent) == services


def test_a_service_whose_key_is_set_is_the_real_one() -> None:
    assert names("research", PPLX_API_KEY="k") == {"Yahoo"}


def test_a_base_url_of_ones_own_is_respected() -> None:
    assert names("financial", YAHOO_BASE_URL="http://127.0.0.1:1") == set()


def test_they_run_as_long_as_they_are_needed_and_are_said(capsys: Any) -> None:
    settings = replace(read(), environment={})
    with stand_ins((NewYorkTimes,), settings) as there:
        url = (
            f"{there.environment['NYT_BASE_URL']}/lists/current/fiction.json?api-key={there.environment['NYT_API_KEY']}"
        )
        with urlopen(url) as answer:
            assert answer.status == 200
    assert "Offline: New York Times is a stand-in with sample data." in capsys.readouterr().err
    with pytest.raises(OSError):
        urlopen(url)


def test_a_run_that_stand_ins_played_is_resumed_with_them(start, stepsmith) -> None:
    start("run", "financial", "--scenario", "apple and ibm", sign="get_ticker_recent_history").kill()
    [run] = json.loads(stepsmith("runs", "--json").stdout)
    resumed = stepsmith("resume", run["run"])
    assert resumed.returncode == 0, resumed.stderr
    assert "Offline: Yahoo is a stand-in" in resumed.stderr
    assert "Apple" in resumed.stdout
