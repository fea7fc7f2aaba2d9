"""What `run` and `resume` do with a run that goes on: it is shown, its questions are asked, its end is told.

`here` for a run of this process, `there` for one of a running endpoint; both return the exit code.
"""

from __future__ import annotations

import argparse
import asyncio

from stepsmith.local import Run, Runtime
from stepsmith.trace import Trace

from . import remote
from .asking import Asker
from .client import Client
from .errors import INTERRUPTED, WAITS
from .live import Live
from .runs import LeftWaiting, goes_on, interrupted, left_waiting, tell, tell_json, watch
from .settings import Settings
from .terminal import note


async def here(runtime: Runtime, run: Run, agent: str, settings: Settings, options: argparse.Namespace) -> int:
    """Raises CancelledError for Ctrl-C: the run then waits for `resume`."""
    live = Live()
    try:
        with Asker(settings, run.arn, live, ask=not options.no_wait):
            trace = await watch(runtime, run, live, options.no_wait)
    except LeftWaiting:
        return _left(run.name)
    except asyncio.CancelledError:
        note(interrupted(run.name), "yellow")
        raise
    return told(trace, run.name, agent, settings, options)


def there(endpoint: Client, execution: str, agent: str, settings: Settings, options: argparse.Namespace) -> int:
    """`execution` is an ARN. Ctrl-C ends the watching alone."""
    name = execution.rpartition(":")[2]
    live = Live()
    try:
        with Asker(settings, execution, live, ask=not options.no_wait) as asker:
            trace = remote.watch(endpoint, execution, live, lambda: options.no_wait and asker.waits)
    except LeftWaiting:
        return _left(name)
    except KeyboardInterrupt:
        note(goes_on(name), "yellow")
        return INTERRUPTED
    return told(trace, name, agent, settings, options)


def _left(name: str) -> int:
    note(left_waiting(name), "yellow")
    return WAITS


def told(trace: Trace, name: str, agent: str, settings: Settings, options: argparse.Namespace) -> int:
    """The end of a run, for a person or (--json) a program; returns the exit code."""
    return tell_json(trace, name, agent, settings) if options.json else tell(trace, name, settings)
