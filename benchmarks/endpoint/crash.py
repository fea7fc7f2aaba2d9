"""Kills the endpoint at moments drawn over the events of agent runs: nothing may be lost, repeated or done twice.

    python -m benchmarks.endpoint.crash [RUNS]        # default 200 runs, and as many kills; about 15 minutes

`stepsmith up` serves a repository whose agent writes four lines into a ledger by a tool, a real Lambda process
(project.py). Each run is started over HTTP and the server gets a `kill -9` once the run has come to an event drawn from
all its events, a little later or earlier; then it is started again on the same folder, and the run must end. What must
hold, for every run:

    not lost      an execution whose start was answered ends as SUCCEEDED, with the undisturbed run's output
    not repeated  a task whose result was in the journal at the kill is never called again
    not doubled   four effects, each once
    told alike    the history is the undisturbed run's, but for times and for attempts that the kill cut short
"""

from __future__ import annotations

import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import orjson

from benchmarks.endpoint import project, servers, story
from benchmarks.endpoint.servers import Server
from benchmarks.endpoint.wire import Wire
from stepsmith.local.database import Database
from stepsmith.local.invoked import Invoked
from stepsmith.local.journal import from_entry
from stepsmith.local.store import Store

PATIENCE_SECONDS = 120.0
JITTER_SECONDS = 0.04
INPUT = orjson.dumps({"prompt": "Write four lines.", "model": project.MODEL}).decode()


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody killed: its answer, what its history tells, and how many events it has."""

    answer: str
    told: Counter[str]
    events: int


@dataclass(frozen=True)
class Verdict:
    """What is wrong with a killed run; all 0 is as it must be."""

    lost: int
    repeated: int
    doubled: int
    told_otherwise: int

    @property
    def is_fine(self) -> bool:
        return not any(getattr(self, each.name) for each in fields(self))


@dataclass(frozen=True)
class Place:
    """The folders of one harness: the repository, the data of its endpoint, the ledger of its tool."""

    root: Path
    data: Path
    ledger: Path

    @staticmethod
    def made(folder: Path) -> Place:
        place = Place(project.make(folder / "project"), folder / "data", folder / "ledger")
        place.ledger.mkdir()
        return place

    def served(self) -> AbstractContextManager[Server]:
        return servers.stepsmith(self.data, self.root, {"LEDGER": str(self.ledger)})

    def noted(self, name: str) -> Counter[str]:
        """How often each effect_id is in a file of the ledger."""
        path = self.ledger / name
        return Counter(path.read_text().split() if path.exists() else ())


def undisturbed(place: Place) -> Undisturbed:
    with place.served() as server:
        wire = server.wire()
        arn = _start(wire, "undisturbed")
        described = _ended(wire, arn)
        assert described["status"] == "SUCCEEDED", described
        events = _history(wire, arn)
        return Undisturbed(_answer(described), story.told(events, "undisturbed"), len(events))


def killed(place: Place, name: str, event: int, jitter: float, whole: Undisturbed) -> Verdict:
    """Starts a run, kills the server at an event of it (or that much later), and sees how it ends on another server."""
    before = place.noted("effects")
    with place.served() as server:
        wire = server.wire()
        arn = _start(wire, name)
        _wait_for_event(wire, arn, event)
        time.sleep(jitter)
        server.kill()
    finished, calls = _finished(place.data, arn), place.noted("calls")
    with place.served() as server:
        wire = server.wire()
        described = _ended(wire, arn)
        again, effects = place.noted("calls"), place.noted("effects") - before
        return Verdict(
            lost=int(described["status"] != "SUCCEEDED" or _answer(described) != whole.answer),
            repeated=sum(again[each] != calls[each] for each in finished),
            doubled=int(sorted(effects.values()) != [1] * project.CALLS),
            told_otherwise=int(story.told(_history(wire, arn), name) != whole.told),
        )


def verdicts(place: Place, runs: int, seed: int = 0) -> Iterator[tuple[int, float, Verdict]]:
    """A verdict for each run, and at which event it was killed."""
    whole, chance = undisturbed(place), random.Random(seed)
    for number in range(runs):
        event, jitter = chance.randint(1, whole.events), chance.uniform(0, JITTER_SECONDS)
        yield event, jitter, killed(place, f"run{number}", event, jitter, whole)


def _start(wire: Wire, name: str) -> str:
    machines = wire.call("ListStateMachines")["stateMachines"]
    arn = next(each["stateMachineArn"] for each in machines if each["name"].endswith(project.AGENT))
    return str(wire.call("StartExecution", stateMachineArn=arn, name=name, input=INPUT)["executionArn"])


def _wait_for_event(wire: Wire, arn: str, event: int) -> None:
    """Until the history has so many events, or the run has ended."""
    while True:
        (last,) = wire.call("GetExecutionHistory", executionArn=arn, reverseOrder=True, maxResults=1)["events"]
        if last["id"] >= event or last["type"].startswith("ExecutionSucceeded"):
            return


def _ended(wire: Wire, arn: str) -> dict[str, Any]:
    until = time.monotonic() + PATIENCE_SECONDS
    while (described := wire.call("DescribeExecution", executionArn=arn))["status"] == "RUNNING":
        if time.monotonic() > until:
            break
        time.sleep(0.01)
    return described


def _answer(described: dict[str, Any]) -> str:
    return str(orjson.loads(described.get("output", "{}")).get("output"))


def _history(wire: Wire, arn: str) -> list[dict[str, Any]]:
    page = wire.call("GetExecutionHistory", executionArn=arn, maxResults=1000, includeExecutionData=True)
    events: list[dict[str, Any]] = page["events"]
    assert "nextToken" not in page, "a longer run than this script reads"
    return events


def _finished(data: Path, arn: str) -> list[str]:
    """The effects whose results are in the journal of a run."""
    database = Database(data / "runs.db")
    store = Store(database)
    row = store.execution(arn)
    entries = [from_entry(entry) for entry in store.journal(row.id)] if row else []
    database.close()
    results = [entry.payload for entry in entries if isinstance(entry, Invoked)]
    texts = [block["text"] for result in results for block in result.get("content", ()) if "text" in block]
    return [orjson.loads(text)["effect"] for text in texts]


def main(runs: int = 200) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whatever ends this ends the server, too
    began, wrong = time.monotonic(), Counter[str]()
    with tempfile.TemporaryDirectory() as folder:
        for number, (event, jitter, verdict) in enumerate(verdicts(Place.made(Path(folder)), runs), 1):
            wrong.update({each.name: getattr(verdict, each.name) for each in fields(verdict)})
            if not verdict.is_fine:
                print(f"run{number - 1}, event {event} + {1000 * jitter:.0f} ms: {verdict}", flush=True)
            if number % 20 == 0:
                print(f"{number} runs, {time.monotonic() - began:.0f} s: {dict(wrong)}", flush=True)
    print(f"{runs} runs, each killed once: {', '.join(f'{count} {name}' for name, count in wrong.items())}")
    sys.exit(any(wrong.values()))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
