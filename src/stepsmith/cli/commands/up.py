"""One loopback URL for Step Functions, Lambda, S3 and the rest of AWS that agents need, until Ctrl-C.

In another terminal `eval "$(stepsmith env)"` points boto3, Terraform and any SDK there. Every agent is a state
machine; `stepsmith run` uses the endpoint as long as it runs. Machines, executions, tokens and timers stay in the data
folder: what is interrupted goes on at the next start. docs/step-functions.md says what is there.
"""

from __future__ import annotations

import argparse
import asyncio
import errno
import json
import os
import shlex
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from stepsmith.agent import AgentError, LoadedAgent, load
from stepsmith.contracts import ToolFunction
from stepsmith.local import Runtime
from stepsmith.local.catalog.errors import CatalogError
from stepsmith.local.endpoint import Endpoint, Seen, bind, credentials, front, wall_ms
from stepsmith.local.endpoint.announcement import announced

from ..errors import COMPLETED, INTERRUPTED, CommandError, UsageError
from ..models import SCRIPTED
from ..native import functions_of, missing, named, native
from ..numbers import port
from ..offline import needed
from ..project import Project
from ..scenarios import scenarios
from ..settings import Settings, read
from ..terminal import count, note, one_line, say
from ..wiring import LOCAL, Workshop, role_arn

PORT = 4599
MOST_COUNTED = 100_000
BREATH_SECONDS = 0.002
"""Between two agents: who has waited for this process to listen is answered."""
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=port, default=PORT, metavar="N", help="where to listen; 0: any free port (default: %(default)s)"
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default: %(default)s)")
    parser.add_argument(
        "--allow-host", action="append", default=[], metavar="NAME", help="a further name that clients may use"
    )
    parser.add_argument("--verbose", action="store_true", help="print one line for each request")


def main(options: argparse.Namespace) -> int:
    if not front.is_loopback(options.host) and not options.allow_host:
        raise UsageError(
            f"{options.host!r} is reached from other machines, and whoever has the key runs code here: if that is "
            "meant, say by which name clients will come (--allow-host NAME)."
        )
    settings = read(options.data)
    with announced(settings.data) as announcement:
        asyncio.run(_serve(settings, options, announcement.publish))
    return COMPLETED


async def _serve(settings: Settings, options: argparse.Namespace, publish: Callable[[str], None]) -> None:
    stop = _stop_signal()
    project = Project(settings.root)
    workshop = Workshop(project, settings)
    endpoint = Endpoint(
        wall_ms,
        _bound(options.host, options.port),
        allowed_hosts=options.allow_host,
        seen=_print_request if options.verbose else None,
    )
    endpoint.add(credentials.read_or_make(settings.data))
    async with workshop.runtime(endpoint=endpoint) as runtime:
        waiting = len(runtime.list(limit=MOST_COUNTED, status="RUNNING"))
        async with endpoint:
            publish(endpoint.url)
            with endpoint.held():
                _mount(endpoint, runtime)
                runtime.catalog.activities.create(LOCAL.approvals_activity_arn.rpartition(":")[2])
                agents = await _registered(runtime, project, workshop, settings)
            _say_what_is_served(endpoint.url, agents, runtime, settings, options.data)
            if waiting:
                note(f"{count(waiting, 'execution')} of an earlier process go on, one after the other.\n", "dim")
            await stop.wait()
            note("\nStopping: requests under way may finish. Ctrl-C again ends at once.", "yellow")
        left = len(runtime.list(limit=MOST_COUNTED, status="RUNNING"))
    note(f"Stopped. {count(left, 'execution')} will go on with the next `stepsmith up`." if left else "Stopped.")


def _mount(endpoint: Endpoint, runtime: Runtime) -> None:
    """The APIs of Step Functions and Lambda. They are loaded once the endpoint listens: requests wait for them, and for
    the agents, and those for the health path do not."""
    from stepsmith.local import aws_lambda, stepfunctions
    from stepsmith.local.endpoint.states import States

    endpoint.mount(States(stepfunctions.Api(runtime, runtime.catalog, runtime.now_ms)))
    functions = aws_lambda.Api(runtime.functions, runtime.events, runtime.objects, runtime.now_ms)
    endpoint.mount(aws_lambda.Lambda(functions))


def _stop_signal() -> asyncio.Event:
    """Set by the first Ctrl-C or SIGTERM; a second one ends the process, and with it every function's."""
    stop = asyncio.Event()

    def asked() -> None:
        if stop.is_set():
            os._exit(INTERRUPTED)
        stop.set()

    for number in STOP_SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, asked)
    return stop


def _bound(host: str, port: int) -> socket.socket:
    try:
        return bind(host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            wanted = f"Port {port} is taken by another program: end that, or choose another port (--port N, 0 is any)."
            raise CommandError(wanted) from None
        raise UsageError(f"Nobody can listen at {host!r}, port {port}: {error.strerror or error}.") from None


@dataclass(frozen=True)
class Registered:
    """An agent and its state machine."""

    name: str
    arn: str
    sample: Mapping[str, str] | None
    """An input that its scripted model answers, with nothing but this machine; None where there is none."""


async def _registered(
    runtime: Runtime, project: Project, workshop: Workshop, settings: Settings
) -> tuple[Registered, ...]:
    """Every agent as a state machine, compiled anew; one that cannot be is told and left out. Requests for the health
    path are answered meanwhile."""
    made = []
    for name in project.agents:
        await asyncio.sleep(BREATH_SECONDS)
        try:
            agent = load(name, project.root)
            definition = workshop.definition_text(agent)
            machine = runtime.catalog.put(LOCAL.named(name), definition, role_arn(name))
            made.append(Registered(name, machine.arn, _sample(agent, settings)))
        except (AgentError, CommandError, CatalogError) as error:
            note(f"Agent {name!r} is left out: {error}", "yellow")
    return tuple(made)


def _sample(agent: LoadedAgent, settings: Settings) -> Mapping[str, str] | None:
    """The first scenario of an agent whose tools ask no service of others."""
    if needed(settings, functions_of(agent).values()):
        return None
    return next(
        (
            {"prompt": each.question, "model": f"{SCRIPTED}:{agent.name}/{each.name}"}
            for each in scenarios(settings.root, agent.name)
        ),
        None,
    )


def _say_what_is_served(
    url: str, agents: tuple[Registered, ...], runtime: Runtime, settings: Settings, data: str | None
) -> None:
    chosen = f" --data {shlex.quote(data)}" if data else ""
    width = max((len(agent.name) for agent in agents), default=0)
    say(f"Step Functions, Lambda, S3 and the AWS around them at {url} (Ctrl-C ends it)", "bold")
    for n, agent in enumerate(agents):
        say(f"  {'agents' if n == 0 else '':<10} {agent.name:<{width}}  {agent.arn}")
    say(f"  {'functions':<10} {', '.join(sorted(arn.rpartition(':')[2] for arn in runtime.functions.arns))}")
    if wanted := missing(settings.root, native(_described(Project(settings.root)))):
        say(f"  {'not built':<10} {', '.join(map(named, wanted))}", "yellow")
        say(f"  {'':<10} ./pants package {' '.join(f'tools/{named(tool)}:lambda' for tool in wanted)}", "yellow")
    say(f"  {'data':<10} {settings.data}")
    say(f'\n  In another terminal:\n    eval "$(./stepsmith env{chosen})"')
    for agent in [each for each in agents if each.sample][:1]:
        input = shlex.quote(json.dumps(agent.sample, ensure_ascii=False))
        say(f"    aws stepfunctions start-execution --state-machine-arn {agent.arn} --input {input}")
    say("")


def _described(project: Project) -> Iterator[ToolFunction]:
    """The tools; of a broken description was told when the functions were made."""
    for name in project.tools:
        with suppress(UsageError):
            yield project.tool(name)


def _print_request(seen: Seen) -> None:
    now = datetime.now().astimezone().strftime("%H:%M:%S.%f")[:-3]
    about = one_line(f"{seen.service:<7} {seen.action:<28} {seen.resource}", 160)
    note(f"{now} {seen.status} {seen.ms:8.1f} ms  {about}", "dim" if seen.status < 400 else "yellow")
