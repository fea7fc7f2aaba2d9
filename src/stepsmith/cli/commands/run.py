"""Asks an agent, and shows what it does while it happens: turns, tools with their inputs, results, time, tokens, cost.

Without a question the agent's sample question is asked: by the agent's own model where its key is set, else played by
the scripted model, which needs no key. Keys come from the environment or from .env beside agents/.

A running `stepsmith up` on the same data folder does the work; with --built, --base-url or --logs this process does,
and where the scripted model plays and outside services are stand-ins.

Ctrl-C leaves a run that `stepsmith resume RUN` finishes; one that `up` works on goes on. Exit codes: 0 completed,
1 failed, 2 usage, 3 stopped (the reason is printed), 4 waits for a person (--no-wait), 130 interrupted.

--deployed runs what `stepsmith infra apply` made, in the cloud or (--local) at the endpoint of `up`. docs/deploy.md

A call that needs a decision is asked on the terminal; without one the command that decides is printed, and the run
goes on waiting. docs/approvals.md
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import Any

from llm_callers.scripted.scenario import Scenario
from stepsmith.agent import LoadedAgent, load
from stepsmith.contracts import Limits, RunInput
from stepsmith.contracts.budgets import RUN_INPUT_BYTES, json_bytes
from stepsmith.local.packing import encode

from .. import deployed, following, remote
from ..client import Client, running
from ..errors import INTERRUPTED, UsageError
from ..laptop import LOCAL
from ..models import SCRIPTED, Choice, missing_secrets, named, nothing_to_ask
from ..native import build, functions_of, native
from ..numbers import amount, positive
from ..offline import needed, stand_ins
from ..project import Project, built_artifacts
from ..scenarios import scenarios
from ..settings import Settings, read
from ..target import arguments as target_arguments
from ..target import target
from ..terminal import log_line, no_log, note
from ..wiring import STAND_INS, Workshop, below


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("agent", metavar="AGENT", help="a folder of agents/; see `stepsmith list`")
    parser.add_argument(
        "question", metavar="QUESTION", nargs="?", help="what you want to know ('-' reads it from stdin)"
    )
    parser.add_argument("--model", metavar="MODEL", help="vendor:model-id, 'scripted', or a name from stepsmith.toml")
    parser.add_argument("--base-url", metavar="URL", help="an OpenAI-compatible server, for --model openai:NAME")
    parser.add_argument("--scenario", metavar="NAME", help="play this scenario of the agent with the scripted model")
    parser.add_argument("--max-turns", type=positive, metavar="N", help="at most so many calls of the model")
    parser.add_argument("--max-cost", type=amount, metavar="USD", help="at most so much money")
    parser.add_argument(
        "--built", action="store_true", help="run the artifacts of `./pants package ::`, not the sources"
    )
    parser.add_argument("--deployed", action="store_true", help="run what `stepsmith infra apply` has deployed")
    target_arguments(parser)
    parser.add_argument("--no-wait", action="store_true", help="leave (exit code 4) when it waits for a person")
    parser.add_argument("--logs", action="store_true", help="print what the Lambdas log, on stderr")
    parser.add_argument("--json", action="store_true", help="print one JSON document and nothing else")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    project = Project(settings.root)
    project.agent_folder(options.agent)
    agent = load(options.agent, settings.root)
    if options.deployed:
        return _run_deployed(project, settings, agent, options)
    choice, question = chosen(project, settings, agent, options)
    tools = functions_of(agent).values()
    services = needed(settings, tools) if choice.is_scripted else ()
    input = run_input(options, choice, question, offline=bool(services))
    if not options.built:
        build(settings.root, native(tools))
    is_own = options.built or options.logs or choice.base_url or services
    endpoint = None if is_own else running(settings.data)
    if endpoint:
        return _run_there(endpoint, project, settings, agent, input, options)
    try:
        with stand_ins(services, settings) as settings:
            return asyncio.run(_run(project, settings, agent, choice, input, options))
    except asyncio.CancelledError:
        return INTERRUPTED


def _run_deployed(project: Project, settings: Settings, agent: LoadedAgent, options: argparse.Namespace) -> int:
    """The run of the agent that was applied last, at AWS or (--local) at the running endpoint."""
    if options.built or options.logs or options.base_url:
        raise UsageError("--built, --logs and --base-url are about runs of this machine: not with --deployed.")
    where = target(settings, options)
    wanted = named(project, settings, options.model or agent.agent.model, None, f"{SCRIPTED}:")
    if wanted.base_url:
        raise UsageError(f"{options.model!r} is a server that deployed functions may not reach: choose another model.")
    there = deployed.keys_there(where, project, settings, wanted.vendor)
    if options.question and (missing := missing_secrets(project, there, wanted)):
        raise UsageError(
            f"{', '.join(missing)} has no value there: `stepsmith secrets push {missing[0]}` gives it one."
        )
    choice, question = chosen(project, there, agent, options)
    states = deployed.States(where)
    execution = deployed.begin(where, states, agent, run_input(options, choice, question))
    return following.deployed(where, states, execution, agent.name, settings, options)


def _run_there(
    endpoint: Client,
    project: Project,
    settings: Settings,
    agent: LoadedAgent,
    input: dict[str, Any],
    options: argparse.Namespace,
) -> int:
    """The run in the process of the running endpoint."""
    workshop = Workshop(project, settings)
    definitions = {each.name: workshop.definition_text(each) for each in (*below(agent), agent)}
    execution = remote.start(endpoint, agent.name, definitions, encode(input).decode())
    return following.there(endpoint, execution, agent.name, settings, options)


async def _run(
    project: Project,
    settings: Settings,
    agent: LoadedAgent,
    choice: Choice,
    input: dict[str, Any],
    options: argparse.Namespace,
) -> int:
    workshop = Workshop(project, settings, choice.base_url, built_artifacts(project) if options.built else None)
    async with workshop.runtime(log_line if options.logs else no_log, agents=below(agent)) as runtime:
        run = runtime.start(LOCAL.machine_arn(agent.name), workshop.definition(agent), input)
        return await following.here(runtime, run, agent.name, settings, options)


def run_input(options: argparse.Namespace, choice: Choice, question: str, offline: bool = False) -> dict[str, Any]:
    """The run input of the contracts; what only `resume` needs is in its metadata. Raises `UsageError` where it would
    not fit."""
    limits = Limits(max_turns=options.max_turns, max_cost_usd=options.max_cost)
    bounds = Limits.from_json(limits.to_json())
    own = {"base_url": choice.base_url, STAND_INS: offline}
    metadata = {name: value for name, value in own.items() if value} or None
    narrowed = bounds if limits.to_json() else None
    value = RunInput(prompt=question, model=choice.model, limits=narrowed, metadata=metadata).to_json()
    if json_bytes(value) > RUN_INPUT_BYTES:
        raise UsageError(f"The question has {json_bytes(value):,} bytes; a run takes {RUN_INPUT_BYTES:,}. Ask shorter.")
    return value


def chosen(project: Project, settings: Settings, agent: LoadedAgent, options: argparse.Namespace) -> tuple[Choice, str]:
    """The model and the question, which is the sample question where none was asked."""
    question = _question(options.question)
    known = scenarios(settings.root, agent.name)
    choice = _model(project, settings, agent, options, _scenario(known, options.scenario, agent.name))
    if not choice.is_scripted:
        return choice, question or _asked(known[:1], agent.name)
    if question:
        raise UsageError(f"{choice.model!r} is a script, which no question changes: leave out one of them.")
    return choice, _asked(_scenario(known, choice.model.partition("/")[2], agent.name), agent.name)


def _model(
    project: Project, settings: Settings, agent: LoadedAgent, options: argparse.Namespace, sample: tuple[Scenario, ...]
) -> Choice:
    """The model that is asked for, else the agent's own; without a key for this one the sample is played, and said so;
    a question of one's own is not answered by pretending."""
    script = Choice(f"{SCRIPTED}:{agent.name}/{sample[0].name if sample else ''}")
    if options.scenario:
        if options.model not in (None, SCRIPTED) or options.base_url:
            raise UsageError("--scenario is played by the scripted model: leave out --model and --base-url.")
        return script
    asked_for = options.model or agent.agent.model
    choice = named(project, settings, asked_for, options.base_url, script.model)
    if not missing_secrets(project, settings, choice):
        return choice
    if options.model or options.question is not None:
        raise nothing_to_ask(project, settings, options.agent, choice)
    note("No model key found: playing the sample question with the scripted model.", "yellow")
    note("Your own question: --model, see `stepsmith models`.\n", "yellow")
    return script


def _question(given: str | None) -> str | None:
    """What was asked; None where nothing was."""
    if given is None:
        return None
    text = (sys.stdin.read() if given == "-" else given).strip()
    if not text:
        raise UsageError("The question is empty: ask one, or leave it out for the agent's sample question.")
    if any("\ud800" <= letter <= "\udfff" for letter in text):  # So Python marks bytes that are no text.
        raise UsageError("The question is no UTF-8 text: convert it, for example by `iconv -t UTF-8`.")
    return text


def _scenario(known: tuple[Scenario, ...], name: str | None, agent: str) -> tuple[Scenario, ...]:
    """The scenario of that name, the first where none is named; nothing for an agent that has none."""
    if not name:
        return known[:1]
    found = tuple(each for each in known if each.name == name)
    if not found:
        names = ", ".join(repr(each.name) for each in known) or "none"
        raise UsageError(f"Agent {agent!r} has no scenario {name!r}; there are {names}.")
    return found


def _asked(sample: tuple[Scenario, ...], agent: str) -> str:
    if not sample:
        raise UsageError(f"Agent {agent!r} has no sample question: ask one, or write agents/{agent}/scenario.yaml.")
    return sample[0].question
