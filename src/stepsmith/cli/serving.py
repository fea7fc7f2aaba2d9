"""What `up` serves: the runtime of a data folder behind its endpoint, and every agent as a state machine.

    async with served(settings, endpoint) as serving:
        serving.tell(data_option)                  # the first screen

It is loaded once the endpoint listens (commands/up.py).
"""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from stepsmith.agent import AgentError, LoadedAgent, load
from stepsmith.contracts import ToolFunction
from stepsmith.local import Runtime, aws_lambda, stepfunctions
from stepsmith.local.catalog.errors import CatalogError
from stepsmith.local.endpoint.server import Endpoint
from stepsmith.local.endpoint.states import States

from .errors import CommandError, UsageError
from .laptop import LOCAL, role_arn
from .models import SCRIPTED
from .native import functions_of, missing, named, native
from .offline import needed
from .project import Project
from .scenarios import scenarios
from .settings import Settings
from .terminal import count, note, say
from .wiring import Workshop

MOST_COUNTED = 100_000
BREATH_SECONDS = 0.002
"""Between two agents: who asks whether this process lives is answered."""


@dataclass(frozen=True)
class Registered:
    """An agent and its state machine."""

    agent: LoadedAgent
    arn: str


@dataclass(frozen=True)
class Serving:
    """A runtime that is served; `waiting` executions of an earlier process go on in it."""

    settings: Settings
    runtime: Runtime
    agents: tuple[Registered, ...]
    waiting: int

    @property
    def left(self) -> int:
        """How many executions have not ended."""
        return _running(self.runtime)

    def tell(self, data: str | None) -> None:
        """What is served, and what to type. `data` is the --data option."""
        _say_what_is_served(self, f" --data {shlex.quote(data)}" if data else "")
        if self.waiting:
            note(f"{count(self.waiting, 'execution')} of an earlier process go on, one after the other.\n", "dim")


@asynccontextmanager
async def served(settings: Settings, endpoint: Endpoint) -> AsyncIterator[Serving]:
    """The services of an endpoint that listens, made from the repository and the data folder."""
    project = Project(settings.root)
    workshop = Workshop(project, settings)
    async with workshop.runtime(endpoint=endpoint) as runtime:
        waiting = _running(runtime)
        _mount(endpoint, runtime)
        runtime.catalog.activities.create(LOCAL.approvals_activity_arn.rpartition(":")[2])
        yield Serving(settings, runtime, await _registered(runtime, project, workshop), waiting)


def _running(runtime: Runtime) -> int:
    return len(runtime.list(limit=MOST_COUNTED, status="RUNNING"))


def _mount(endpoint: Endpoint, runtime: Runtime) -> None:
    """The APIs of Step Functions and Lambda; S3 and the rest are the runtime's own."""
    endpoint.mount(States(stepfunctions.Api(runtime, runtime.catalog, runtime.now_ms)))
    functions = aws_lambda.Api(runtime.functions, runtime.events, runtime.objects, runtime.now_ms)
    endpoint.mount(aws_lambda.Lambda(functions))


async def _registered(runtime: Runtime, project: Project, workshop: Workshop) -> tuple[Registered, ...]:
    """Every agent as a state machine, compiled anew; one that cannot be is told and left out. Requests for the health
    path are answered meanwhile."""
    made = []
    for name in project.agents:
        await asyncio.sleep(BREATH_SECONDS)
        try:
            agent = load(name, project.root)
            machine = runtime.catalog.put(LOCAL.named(name), workshop.definition_text(agent), role_arn(name))
            made.append(Registered(agent, machine.arn))
        except (AgentError, CommandError, CatalogError) as error:
            note(f"Agent {name!r} is left out: {error}", "yellow")
    return tuple(made)


def _say_what_is_served(serving: Serving, chosen: str) -> None:
    root, runtime = serving.settings.root, serving.runtime
    say(f"Step Functions, Lambda, S3 and the AWS around them at {runtime.endpoint.url} (Ctrl-C ends it)", "bold")
    width = max((len(each.agent.name) for each in serving.agents), default=0)
    for n, each in enumerate(serving.agents):
        say(f"  {'agents' if n == 0 else '':<10} {each.agent.name:<{width}}  {each.arn}")
    say(f"  {'functions':<10} {', '.join(sorted(arn.rpartition(':')[2] for arn in runtime.functions.arns))}")
    if wanted := missing(root, native(_described(Project(root)))):
        say(f"  {'not built':<10} {', '.join(map(named, wanted))}", "yellow")
        say(f"  {'':<10} ./pants package {' '.join(f'tools/{named(tool)}:lambda' for tool in wanted)}", "yellow")
    say(f"  {'data':<10} {serving.settings.data}")
    say(f'\n  In another terminal:\n    eval "$(./stepsmith env{chosen})"')
    if playable := next(_playable(serving), None):
        arn, input = playable
        say(f"    aws stepfunctions start-execution --state-machine-arn {arn} --input {shlex.quote(input)}")
    say("")


def _playable(serving: Serving) -> Iterator[tuple[str, str]]:
    """Machines that can be started with nothing but this machine, each with an input that its scripted model answers:
    the first scenario of an agent whose tools ask no service of others."""
    for each in serving.agents:
        if not needed(serving.settings, functions_of(each.agent).values()):
            for scenario in scenarios(serving.settings.root, each.agent.name)[:1]:
                model = f"{SCRIPTED}:{each.agent.name}/{scenario.name}"
                yield each.arn, json.dumps({"prompt": scenario.question, "model": model}, ensure_ascii=False)


def _described(project: Project) -> Iterator[ToolFunction]:
    """The tools; of a broken description was told when the functions were made."""
    for name in project.tools:
        with suppress(UsageError):
            yield project.tool(name)
