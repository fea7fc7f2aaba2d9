"""The figure in the reference is that of the machine which is compiled today (renewed as the snapshots are)."""

import os
import re
from dataclasses import replace
from pathlib import Path

from stepsmith.agent import LoadedAgent
from stepsmith.agent.snapshot import RENEW, machine
from stepsmith.trace.graph import graph, mermaid

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "state-machine.md"
FIGURE = re.compile(r"(?<=<!-- figure -->\n).*?(?=<!-- /figure -->)", re.DOTALL)


def test_the_reference_shows_the_machine_as_it_is(everything_loaded: LoadedAgent) -> None:
    shown = [tool for tool in everything_loaded.tools if tool.name in ("delete_rows", "get_db_schema")]
    shape = graph(machine(replace(everything_loaded, tools=tuple(shown))))
    figure = f"```mermaid\n{mermaid(shape)}\n```\n"
    page = PAGE.read_text("utf-8")
    if os.environ.get(RENEW):
        PAGE.write_text(FIGURE.sub(lambda found: figure, page), "utf-8")
    assert FIGURE.findall(PAGE.read_text("utf-8")) == [figure]
