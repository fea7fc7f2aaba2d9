"""What is measured at a server, each figure a function of it. Names of executions are counted, so that one can be asked
for again.
"""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.endpoint import servers
from benchmarks.endpoint.servers import Server
from benchmarks.endpoint.wire import Wire

ROLE = "arn:aws:iam::000000000000:role/benchmark"
CLIENTS = 8
DAY_SECONDS = 86_400

_THREE = {
    "StartAt": "First",
    "States": {
        "First": {"Type": "Pass", "Next": "Second"},
        "Second": {"Type": "Pass", "Result": {"answer": 42}, "Next": "Third"},
        "Third": {"Type": "Pass", "End": True},
    },
}
_DAY = {"StartAt": "Sleep", "States": {"Sleep": {"Type": "Wait", "Seconds": DAY_SECONDS, "End": True}}}


@dataclass(frozen=True)
class Rate:
    """Executions a second, as 8 clients started them and saw them succeed; `names` are theirs."""

    per_second: float
    machine: str
    names: Sequence[str]


@dataclass(frozen=True)
class Start:
    """Seconds until a server answers at all, and until it has begun a first execution."""

    answers: float
    executes: float


@dataclass(frozen=True)
class Held:
    """What executions that wait for a day cost, and how soon one of them is described after a restart."""

    megabytes: float
    threads: int
    restarted_seconds: float


def start_to_describe(server: Server, repeats: int = 300) -> float:
    """Milliseconds, p50: three states, from StartExecution to a description that says SUCCEEDED."""
    wire = server.wire()
    machine = _create(wire, "latency", _THREE)
    times = [_timed(partial(_run, wire, machine, f"one{n}")) for n in range(repeats + 30)]
    return 1000 * statistics.median(times[30:])


def rate(server: Server, executions: int = 4000, clients: int = CLIENTS, prefix: str = "many") -> Rate:
    """Three states, started and seen to succeed by so many clients at once."""
    machine = _create(server.wire(), "rate", _THREE)
    names = [f"{prefix}{n}" for n in range(executions)]
    seconds = _timed(lambda: _at_once(server, names, lambda wire, name: _run(wire, machine, name), clients))
    return Rate(executions / seconds, machine, names)


def lost_after_a_kill(data: Path, measure: Callable[[Server], Rate]) -> tuple[Rate, int]:
    """The rate, and how many of its executions a server that comes after a `kill -9` does not know as succeeded."""
    with servers.stepsmith(data) as server:
        found = measure(server)
        server.kill()
    with servers.stepsmith(data) as again:
        statuses = _at_once(again, found.names, lambda wire, name: _described(wire, found.machine, name)["status"])
    return found, sum(status != "SUCCEEDED" for status in statuses)


def memory_growth(server: Server, executions: int = 10_000, rounds: int = 1) -> list[float]:
    """Megabytes more than before, after each round of so many tiny executions."""
    before, grown = server.megabytes, []
    for number in range(rounds):
        rate(server, executions, prefix=f"round{number}-")
        grown.append(server.megabytes - before)
    return grown


def start(started: Callable[[], AbstractContextManager[Server]], repeats: int = 5) -> Start:
    """Both counted from the process's start, p50."""
    answers, executes = [], []
    for number in range(repeats):
        with started() as server:
            answers.append(server.started_seconds)
            wire = server.wire()
            _start(wire, _create(wire, "first", _THREE), f"first{number}", {})
            executes.append(server.age_seconds)
    return Start(statistics.median(answers), statistics.median(executes))


def waiting(data: Path, executions: int = 10_000) -> Held:
    """Executions that wait for a day: memory and threads with all of them, and how soon a restart answers."""
    with servers.stepsmith(data) as server:
        machine = _create(server.wire(), "day", _DAY)
        names = [f"day{n}" for n in range(executions)]
        _at_once(server, names, lambda wire, name: _start(wire, machine, name, {}))
        megabytes, threads = server.megabytes, server.threads
        server.kill()
    with servers.stepsmith(data) as again:
        assert _described(again.wire(), machine, names[-1])["status"] == "RUNNING"
        return Held(megabytes, threads, again.age_seconds)


def large_loop(server: Server, definition: Any, input: Any, repeats: int = 9) -> float:
    """Seconds, p50, of one execution of a loop with large messages."""
    wire = server.wire()
    machine = _create(wire, "large", definition)
    return statistics.median(_timed(partial(_run, wire, machine, f"large{n}", input)) for n in range(repeats))


def _timed(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _create(wire: Wire, name: str, definition: Any) -> str:
    made = wire.call("CreateStateMachine", name=name, definition=json.dumps(definition), roleArn=ROLE)
    return str(made["stateMachineArn"])


def _run(wire: Wire, machine: str, name: str, input: Any = None) -> None:
    """Starts an execution and describes it until it has succeeded."""
    arn = _start(wire, machine, name, input or {})
    while (status := wire.call("DescribeExecution", executionArn=arn)["status"]) != "SUCCEEDED":
        if status != "RUNNING":
            raise RuntimeError(f"{arn} is {status}")


def _start(wire: Wire, machine: str, name: str, input: Any) -> str:
    return str(wire.call("StartExecution", stateMachineArn=machine, name=name, input=json.dumps(input))["executionArn"])


def _described(wire: Wire, machine: str, name: str) -> dict[str, Any]:
    return wire.call("DescribeExecution", executionArn=f"{machine.replace(':stateMachine:', ':execution:')}:{name}")


def _at_once[T](server: Server, names: Iterable[str], act: Callable[[Wire, str], T], clients: int = CLIENTS) -> list[T]:
    """`act` for every name, by so many threads with a connection each."""
    own = threading.local()

    def one(name: str) -> T:
        if not hasattr(own, "wire"):
            own.wire = server.wire()
        return act(own.wire, name)

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(one, names))
