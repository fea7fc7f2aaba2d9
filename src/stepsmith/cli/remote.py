"""Runs in the process of a running endpoint: begun, watched and told over its API.

The endpoint does the work, so a run begun here goes on when this terminal is closed. What would change the work itself
(artifacts in place of sources, another base URL, the functions' logs) needs a process of one's own: see `run --help`.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

from stepsmith.local.starting import NAME_LETTERS
from stepsmith.trace import Trace

from .client import Client, Refusal
from .laptop import LOCAL, role_arn
from .live import Live
from .runs import LeftWaiting

POLL_SECONDS = (0.05, 0.5)
"""The first wait for something new, and the longest; each wait in vain is half again as long."""

PAGE = 500
ENDS = frozenset({"ExecutionSucceeded", "ExecutionFailed", "ExecutionAborted", "ExecutionTimedOut"})


class Calls(Protocol):
    """Step Functions, whoever speaks with it: `client.Client`, or boto3 behind `deployed.States`."""

    def call(self, action: str, **given: Any) -> dict[str, Any]: ...


def start(client: Client, agent: str, definitions: Mapping[str, str], input: str) -> str:
    """Begins a run of the agent as the sources are now; returns the execution's ARN. `definitions` are those of the
    agent and of all that it may call, by name."""
    for name, definition in definitions.items():
        _register(client, name, definition)
    return begin(client, LOCAL.machine_arn(agent), input)


def begin(states: Calls, machine: str, input: str) -> str:
    """Begins a run of a machine (its ARN, or an alias') that is there; returns the execution's ARN."""
    return str(states.call("StartExecution", stateMachineArn=machine, name=_new_name(), input=input)["executionArn"])


def _new_name() -> str:
    """As short as in a process of one's own: people type it. Left to itself, the API makes one of 36 letters."""
    return "".join(secrets.choice(NAME_LETTERS) for _ in range(10))


def watch(states: Calls, execution: str, live: Live, leave: Callable[[], bool] = lambda: False) -> Trace:
    """Shows the run until its end. Ctrl-C ends the watching only. Raises LeftWaiting once `leave` says so."""
    with live:
        for event in events(states, execution, leave):
            live.feed(event)
    return live.trace


def events(states: Calls, execution: str, leave: Callable[[], bool] = lambda: False) -> Iterator[dict[str, Any]]:
    """Every event as it happens, to the one that ends the execution. Only the last page is asked for again."""
    token, seen, wait = None, 0, POLL_SECONDS[0]
    while True:
        page = states.call("GetExecutionHistory", executionArn=execution, maxResults=PAGE, nextToken=token)
        new = page["events"][seen:]
        yield from new
        if new and new[-1]["type"] in ENDS:
            return
        if "nextToken" in page:
            token, seen, wait = page["nextToken"], 0, POLL_SECONDS[0]
            continue
        if leave():
            raise LeftWaiting
        seen += len(new)
        wait = POLL_SECONDS[0] if new else min(wait * 1.5, POLL_SECONDS[1])
        time.sleep(wait)


def _register(client: Client, agent: str, definition: str) -> None:
    """The endpoint compiled the agent when it started; an edit since then is live at the next run."""
    machine = LOCAL.machine_arn(agent)
    try:
        known = client.call("DescribeStateMachine", stateMachineArn=machine)
    except Refusal as refused:
        if refused.code != "StateMachineDoesNotExist":
            raise
        client.call("CreateStateMachine", name=LOCAL.named(agent), definition=definition, roleArn=role_arn(agent))
    else:
        if known["definition"] != definition:
            client.call("UpdateStateMachine", stateMachineArn=machine, definition=definition)
