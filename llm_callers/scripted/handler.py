"""The scripted model: plays a scenario file, without a key and without a network.

The model id is ``scripted:<agent>/<scenario>``. What it says is written in ``agents/<agent>/scenario.yaml``; what it
concludes is computed from the tools' results, so an offline run proves the whole path but the vendor's part.
It costs nothing and counts no tokens.
"""

from __future__ import annotations

import re
from pathlib import Path

from stepsmith.contracts import LlmInvalidRequest, Usage
from stepsmith.llm import Ask, Question, Reply, serve
from stepsmith.llm.prices import free
from stepsmith.objects import Objects, S3Objects

from . import script
from .scenario import Scenario, ScenarioError
from .scenarios import FILE, load

AGENTS = Path(__file__).parents[2] / "agents"
_NAME = re.compile(r"[a-z][a-z0-9_-]*")


def player(agents: Path, objects: Objects) -> Ask:
    """A model that plays the scenarios under the folder `agents`."""

    def ask(question: Question) -> Reply:
        scenario = find(agents, question.model)
        turn = script.due(scenario, question.request.turn)
        run = script.of_this_run(question.messages, question.request.turn)
        content = script.content(turn, script.Results.of(run, objects.get))
        return Reply(content, "tool_use" if turn.calls else "end_turn", Usage(), question.model)

    return ask


def find(agents: Path, model: str) -> Scenario:
    """The scenario of ``<agent>/<scenario>``; just ``<agent>`` is its first one."""
    agent, _, name = model.partition("/")
    scenarios = _scenarios(agents, agent)
    for scenario in scenarios:
        if name in (scenario.name, ""):
            return scenario
    names = ", ".join(repr(scenario.name) for scenario in scenarios)
    raise LlmInvalidRequest(f"The agent {agent!r} has no scenario {name!r}; there are {names}.")


def _scenarios(agents: Path, agent: str) -> tuple[Scenario, ...]:
    try:
        return load(agents / agent / FILE) if _NAME.fullmatch(agent) else _no_agent(agents, agent)
    except FileNotFoundError:
        return _no_agent(agents, agent)
    except ScenarioError as error:
        raise LlmInvalidRequest(f"The scenarios of {agent!r} cannot be played:\n{error}") from None


def _no_agent(agents: Path, agent: str) -> tuple[Scenario, ...]:
    names = ", ".join(sorted(path.parent.name for path in agents.glob(f"*/{FILE}"))) or "none"
    raise LlmInvalidRequest(f"There is no {FILE} of an agent {agent!r}; agents with one: {names}.")


_objects = S3Objects()
handler = serve("scripted", player(AGENTS, _objects), free, _objects)
