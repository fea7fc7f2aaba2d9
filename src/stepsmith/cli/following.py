"""What `run` and `resume` do with a run that goes on: it is shown, its questions are asked, its end is told.

`here` for a run of this process, `there` for one of a running endpoint, `deployed` for one of a deployed environment.
They return the exit code.
"""

from __future__ import annotations

import argparse
import asyncio
from dataclasses import dataclass

from stepsmith.local import Run, Runtime
from stepsmith.trace import Trace

from . import desks, remote
from .asking import Asker
from .client import Client
from .desks import Desk
from .errors import INTERRUPTED, WAITS
from .live import Live
from .runs import LeftWaiting, goes_on, interrupted, left_waiting, shown, tell, tell_json, watch
from .settings import Settings
from .target import Target
from .terminal import note


async def here(runtime: Runtime, run: Run, agent: str, settings: Settings, options: argparse.Namespace) -> int:
    """Raises CancelledError for Ctrl-C: the run then waits for `resume`."""
    live = Live()
    try:
        with Asker(settings, desks.at_hand(settings), run.arn, live, ask=not options.no_wait):
            trace = await watch(runtime, run, live, options.no_wait)
    except LeftWaiting:
        note(left_waiting(run.name), "yellow")
        return WAITS
    except asyncio.CancelledError:
        note(interrupted(run.name), "yellow")
        raise
    return _told(trace, run.name, shown(run.name), agent, settings, options)


def there(endpoint: Client, execution: str, agent: str, settings: Settings, options: argparse.Namespace) -> int:
    """`execution` is an ARN. Ctrl-C ends the watching alone."""
    name = _name(execution)
    watching = Watching(endpoint, execution, desks.at_hand(settings), goes_on(name), left_waiting(name), shown(name))
    return watching.told(agent, settings, options)


def deployed(
    where: Target, states: remote.Calls, execution: str, agent: str, settings: Settings, options: argparse.Namespace
) -> int:
    """`execution` is an ARN. Ctrl-C ends the watching alone."""
    desk = desks.deployed(where)
    waits = f"It waits for a person: `stepsmith approve {_name(execution)}{desk.options}` lets it go on."
    again = shown(_name(execution)) if where.endpoint else execution  # of AWS's runs this machine keeps nothing
    return Watching(states, execution, desk, f"It goes on: {execution}", waits, again).told(agent, settings, options)


@dataclass(frozen=True)
class Watching:
    """A run that is worked on elsewhere; `goes_on` and `waits` are said when its watching ends before it does, `again`
    at its end."""

    states: remote.Calls
    execution: str
    desk: Desk
    goes_on: str
    waits: str
    again: str

    def told(self, agent: str, settings: Settings, options: argparse.Namespace) -> int:
        """Shows it to its end; returns the exit code."""
        live = Live()
        try:
            with Asker(settings, self.desk, self.execution, live, ask=not options.no_wait) as asker:
                trace = remote.watch(self.states, self.execution, live, leave=lambda: options.no_wait and asker.waits)
        except LeftWaiting:
            note(self.waits, "yellow")
            return WAITS
        except KeyboardInterrupt:
            note(self.goes_on, "yellow")
            return INTERRUPTED
        return _told(trace, _name(self.execution), self.again, agent, settings, options)


def _told(trace: Trace, name: str, again: str, agent: str, settings: Settings, options: argparse.Namespace) -> int:
    """The end of a run, for a person or (--json) a program; returns the exit code."""
    return tell_json(trace, name, agent, settings) if options.json else tell(trace, again, settings)


def _name(execution: str) -> str:
    return execution.rpartition(":")[2]
