"""Claims on `stepsmith graph`: pictures of agents and of runs, running ones and those of other machines too."""

import asyncio
import json
import shlex
import signal
import subprocess
from xml.etree import ElementTree

import pytest

from stepsmith.local import Runtime

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:orders"
WAITING = {
    "StartAt": "Begin",
    "States": {
        "Begin": {"Type": "Pass", "Next": "Wait for the shop"},
        "Wait for the shop": {"Type": "Wait", "Seconds": 3600, "Next": "Never"},
        "Never": {"Type": "Succeed"},
    },
}


@pytest.fixture
def waiting(tmp_path):
    """A run of a machine that is no agent's, which waits; its process is gone."""

    async def begin():
        async with Runtime(tmp_path / "data") as runtime:
            runtime.start(MACHINE, WAITING, {}, "order-1")

    asyncio.run(begin())
    return "order-1"


def lit(picture):
    """The classes of every state, by the first line of its tooltip."""
    groups = [group for group in ElementTree.fromstring(picture).iter() if "state" in group.get("class", "").split()]
    return {group[0].text.partition(" (")[0]: set(group.get("class").split()) for group in groups}


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_an_agents_graph_is_a_file_of_this_folder(stepsmith, here):
    drawn = stepsmith("graph", "sql")
    assert (drawn.returncode, drawn.stderr) == (0, "")
    assert drawn.stdout == "sql.graph.svg: agent sql. Open it in a browser.\n"
    assert {"Call model", "Use tools", "execute_sql_query"} <= set(lit((here / "sql.graph.svg").read_text("utf-8")))


def test_a_run_that_waits_is_drawn_as_far_as_it_went(stepsmith, waiting, here):
    assert stepsmith("graph", "order", "--svg", "now.svg").stdout == (
        "now.svg: run order-1 of orders, interrupted. Open it in a browser.\n"
    )
    states = lit((here / "now.svg").read_text("utf-8"))
    became = {name: words & {"succeeded", "running", "untouched"} for name, words in states.items()}
    assert became == {"Begin": {"succeeded"}, "Wait for the shop": {"running"}, "Never": {"untouched"}}


def test_the_state_that_a_run_is_in_right_now_is_marked(start, stepsmith, here):
    start("run", "sql", "--json", sign="get_db_schema").send_signal(signal.SIGSTOP)
    [run] = json_of(stepsmith("runs", "--json"))
    picture = stepsmith("graph", run["run"], "--svg", "-").stdout
    assert "running · " in picture
    assert [name for name, words in lit(picture).items() if "running" in words]


def test_a_run_of_an_agent_lights_the_tools_that_it_used(stepsmith, here):
    stepsmith("run", "sql", "--scenario", "two at once")
    [name] = [run["run"] for run in json_of(stepsmith("runs", "--json"))]
    states = lit(stepsmith("graph", name, "--svg", "-").stdout)
    assert "succeeded" in states["execute_sql_query"] and "untouched" in states["execute_python"]


def test_mermaid_is_printed_and_nothing_else(stepsmith, waiting):
    drawn = stepsmith("graph", waiting, "--mermaid")
    assert drawn.stdout.startswith("stateDiagram-v2\n    [*] --> Begin\n")
    assert "class Wait_for_the_shop running" in drawn.stdout


def test_the_picture_is_opened_in_the_browser(stepsmith, here):
    browser = here / "browser"
    browser.write_text('#!/bin/sh\necho "$1" > "$0.opened"\n')
    browser.chmod(0o755)
    assert stepsmith("graph", "sql", "--open", BROWSER=f"{browser} %s").stdout == "sql.graph.svg: agent sql.\n"
    assert (here / "browser.opened").read_text() == f"{(here / 'sql.graph.svg').as_uri()}\n"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("sqk",), "There is no agent and no run 'sqk' (did you mean 'sql'?)."),
        (("",), "There is no agent and no run ''."),
        (("sql", "--open", "--mermaid"), "leave out --mermaid"),
        (("sql", "--open", "--svg", "-"), "leave out --mermaid, or name a file"),
        (("sql", "--svg", "a.svg", "--mermaid"), "not allowed with argument"),
        (("sql", "--svg", ""), "cannot be written"),
        (("sql", "--svg", "no/such/folder.svg"), "'no/such/folder.svg' cannot be written (No such file or directory)"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(stepsmith, here, words, sentence):
    drawn = stepsmith("graph", *words)
    assert drawn.returncode in (1, 2)
    assert sentence in drawn.stderr
    assert "Traceback" not in drawn.stderr


def json_of(done):
    return json.loads(done.stdout)


def test_a_picture_that_finds_no_room_leaves_no_file(command, environment, here):
    line = f"ulimit -f 1; exec {shlex.join(command('graph', 'sql'))}"
    drawn = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=False)
    assert (drawn.returncode, drawn.stdout) == (1, "")
    assert "cannot be written" in drawn.stderr
    assert list(here.glob("*.svg")) == []


def test_show_names_a_plain_machine_and_points_to_its_graph(stepsmith, waiting):
    shown = stepsmith("show", "order")
    assert shown.stdout.splitlines() == [
        "run order-1 of state machine orders: running",
        "`stepsmith graph order-1` draws its way.",
    ]
