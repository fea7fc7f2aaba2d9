"""The picture in the reference is that of the machine which is compiled today (renewed as the snapshots are)."""

import os
from dataclasses import replace
from pathlib import Path

from stepsmith.agent import LoadedAgent
from stepsmith.agent.snapshot import RENEW, machine
from stepsmith.trace.graph import graph, svg

PICTURE = Path(__file__).parents[2] / "docs" / "images" / "machine.svg"


def test_the_reference_shows_the_machine_as_it_is(everything_loaded: LoadedAgent) -> None:
    shown = [tool for tool in everything_loaded.tools if tool.name in ("delete_rows", "get_db_schema")]
    picture = svg(graph(machine(replace(everything_loaded, tools=tuple(shown)))), "an agent with two tools")
    if os.environ.get(RENEW):
        PICTURE.write_text(picture, "utf-8")
    assert PICTURE.read_text("utf-8") == picture
