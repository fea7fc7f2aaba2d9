"""The newest first. A run that is `interrupted` waits for `stepsmith resume`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import takewhile
from typing import Any

from stepsmith.local.archive import Archive, archive
from stepsmith.local.store import Row
from stepsmith.trace import Trace

from ..errors import COMPLETED
from ..numbers import positive
from ..project import Project
from ..runs import agent_of
from ..settings import read
from ..terminal import document, one_line, say, seconds, table

MOST = 10_000
LETTERS = 20
"""Of a run's name, where these tell it from the others: the API makes names of 36 letters and more."""
COLUMNS = ("run", "agent", "status", "began", "took", "question")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--agent", metavar="AGENT", help="only runs of this agent")
    parser.add_argument("--limit", type=positive, default=20, metavar="N", help="so many (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    project = Project(settings.root)
    if options.agent:
        project.agent_folder(options.agent)
    with archive(settings.data) as recorded:
        wanted = [row for row in recorded.list(MOST) if options.agent in (None, agent_of(row.machine, project.agents))]
        shown = [_shown(recorded, row, project) for row in wanted[: options.limit]]
    if options.json:
        document(shown)
    elif shown:
        short = beginnings([row["run"] for row in shown])
        table(COLUMNS, (_cells(row | {"run": short[row["run"]]}) for row in shown), cut=True)
    else:
        say("No runs yet: `stepsmith run sql` makes the first.")
    return COMPLETED


def _shown(recorded: Archive, row: Row, project: Project) -> dict[str, Any]:
    input = recorded.beginning(row.arn).input
    ended = None if row.stopped_ms is None else (row.stopped_ms - row.started_ms) / 1000
    return {
        "run": row.name,
        "agent": agent_of(row.machine, project.agents),
        "status": _status(recorded, row),
        "began": datetime.fromtimestamp(row.started_ms / 1000, UTC).isoformat(timespec="seconds"),
        "seconds": ended,
        "question": Trace(input=input).question,
    }


def _status(recorded: Archive, row: Row) -> str:
    """``completed`` or ``stopped`` as the run's output says, else ``running``, ``interrupted``, or AWS's word."""
    if row.status == "RUNNING":
        return "running" if recorded.is_owned(row) else "interrupted"
    ending = recorded.ending(row.arn)
    result = ending.result if ending else None
    return str(result["status"]) if isinstance(result, dict) and "status" in result else row.status.lower()


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    began = datetime.fromisoformat(row["began"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    took = seconds(row["seconds"])
    return row["run"], row["agent"], row["status"], began, took, one_line(row["question"], 200)


def beginnings(names: Sequence[str]) -> dict[str, str]:
    """Of each name as much as finds its run among these, and 20 letters at least."""
    ordered = ["", *sorted(set(names)), ""]
    around = zip(ordered, ordered[1:], ordered[2:], strict=False)
    shared = {name: max(_common(name, before), _common(name, after)) for before, name, after in around}
    return {name: name[: max(LETTERS, length + 1)] for name, length in shared.items()}


def _common(one: str, other: str) -> int:
    """With how many letters both begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
