"""Plays a scenario of an agent to its end, for tests: the real machine, the real tools, the scripted model.

def test_a_failed_query_is_repaired(play):                      # the fixture `play` is in agents/conftest.py
    run = play("sql", "failed query")
    assert run.status == "completed"
    assert [call.is_error for call in run.calls] == [True, False]
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

from stepsmith.agent import load
from stepsmith.trace import Reader, Trace

from .errors import UsageError
from .laptop import LOCAL
from .models import SCRIPTED
from .native import functions_of
from .offline import needed, stand_ins
from .project import Project
from .scenarios import scenarios
from .settings import read
from .wiring import Workshop


def play(agent: str, scenario: str, data: Path, built: Path | None = None) -> Trace:
    """The run's trace; its database and artifacts lie in the folder `data`. With `built`, a folder of built Lambdas,
    these are run in place of the sources. Raises `UsageError` for an unknown name."""
    settings = replace(read(), data=data)
    question = next((each.question for each in scenarios(settings.root, agent) if each.name == scenario), None)
    if question is None:
        raise UsageError(f"Agent {agent!r} has no scenario {scenario!r}: see agents/{agent}/scenario.yaml.")
    with stand_ins(needed(settings, functions_of(load(agent, settings.root)).values()), settings) as settings:
        workshop = Workshop(Project(settings.root), settings, built=built)
        return asyncio.run(_played(workshop, agent, {"prompt": question, "model": f"{SCRIPTED}:{agent}/{scenario}"}))


async def _played(workshop: Workshop, agent: str, input: dict[str, str]) -> Trace:
    loaded = load(agent, workshop.root)
    reader = Reader()
    async with workshop.runtime() as runtime:
        run = runtime.start(LOCAL.machine_arn(agent), workshop.definition(loaded), input)
        async for event in run.events():
            reader.read(event.to_json())
    return reader.trace
