"""Without options the picture is written to a file of this folder, named like the agent or run: open it in a browser.

Of a run the states that it entered are lit by what became of them (succeeded, caught, failed, running now), with how
often, how long and how many retries; the ways that it took are lit, too. A running one is shown as far as it went.
"""

from __future__ import annotations

import argparse
import json
import sys
import webbrowser
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from stepsmith.agent import load
from stepsmith.local.archive import archive
from stepsmith.local.errors import UnknownRun
from stepsmith.trace.graph import Graph, Lights, graph, lights, mermaid, svg

from ..errors import COMPLETED, CommandError, UsageError
from ..project import Project, near
from ..runs import agent_of
from ..settings import Settings, read
from ..terminal import say
from ..wiring import Workshop


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", metavar="AGENT|RUN", help="an agent, or a run's id or the beginning of it")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--svg", metavar="FILE", help="write the picture there; - is the terminal's output")
    how.add_argument("--mermaid", action="store_true", help="print the graph as Mermaid text, for Markdown")
    parser.add_argument("--open", action="store_true", help="open the picture in the browser")


@dataclass(frozen=True)
class Subject:
    """What is drawn: its name for the file, what it is for the title, its definition, its history if it is a run."""

    name: str
    title: str
    definition: Mapping[str, Any]
    events: tuple[Mapping[str, Any], ...] | None = None
    is_interrupted: bool = False


def main(options: argparse.Namespace) -> int:
    if options.open and (options.mermaid or options.svg == "-"):
        raise UsageError("--open shows a picture in a file: leave out --mermaid, or name a file with --svg.")
    settings = read(options.data)
    project = Project(settings.root)
    subject = _subject(project, settings, options.what)
    shape = graph(subject.definition)
    lit = None if subject.events is None else _lit(shape, subject, subject.events)
    if options.mermaid:
        sys.stdout.write(mermaid(shape, lit) + "\n")
    elif options.svg == "-":
        sys.stdout.write(svg(shape, subject.title, lit))
    else:
        path = Path(f"{subject.name}.graph.svg" if options.svg is None else options.svg)
        _write(path, svg(shape, subject.title, lit))
        _tell(path, subject, lit, options.open)
    return COMPLETED


def _subject(project: Project, settings: Settings, what: str) -> Subject:
    """An agent comes first, where a run has the same name."""
    if what in project.agents:
        definition = Workshop(project, settings).definition(load(what, project.root))
        return Subject(what, f"agent {what}", definition)
    try:
        return _run(project, settings, what)
    except UnknownRun:
        known = near(what, project.agents)
        see = "`stepsmith list` shows the agents, `stepsmith runs` the runs."
        raise UsageError(f"There is no agent and no run {what!r}{known}. {see}") from None


def _run(project: Project, settings: Settings, what: str) -> Subject:
    with archive(settings.data) as recorded:
        row = recorded.find(what)
        definition = json.loads(recorded.beginning(row.arn).definition)
        events = tuple(event.to_json() for event in recorded.history(row.arn))
        is_interrupted = row.status == "RUNNING" and not recorded.is_owned(row)
    title = f"run {row.name} of {agent_of(row.machine, project.agents)}"
    return Subject(row.name, title, definition, events, is_interrupted)


def _lit(shape: Graph, subject: Subject, events: Iterable[Mapping[str, Any]]) -> Lights:
    lit = lights(shape, events)
    return replace(lit, status="interrupted") if subject.is_interrupted else lit


def _write(path: Path, picture: str) -> None:
    """Whole or not at all: half a picture of a full disk is taken away."""
    try:
        with path.open("w", encoding="utf-8") as file:
            try:
                file.write(picture)
                file.flush()
            except OSError:
                if path.is_file():  # /dev/full is none
                    path.unlink()
                raise
    except OSError as error:
        sentence = f"{str(path)!r} cannot be written ({error.strerror}): name another file with --svg."
        raise CommandError(sentence) from error


def _tell(path: Path, subject: Subject, lit: Lights | None, is_opened: bool) -> None:
    opened = is_opened and webbrowser.open(path.resolve().as_uri())
    how = "" if lit is None else f", {lit.status}"
    say(f"{path}: {subject.title}{how}.{'' if opened else ' Open it in a browser.'}")
