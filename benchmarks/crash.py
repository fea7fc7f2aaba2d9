"""Kills runs with `kill -9` and resumes them: nothing that was recorded may be lost or repeated.

    python -m benchmarks.crash [KILLS] [TURNS]        # default 200 kills of a run of 5 turns

Half of the kills fall on an event, drawn over all events of the run; the other half fall while a task runs, drawn
over all tasks, which a real Lambda process then holds. After each kill a new process resumes the run. What must hold:
the run completes, its output is that of an undisturbed run, and no call whose result was in the journal at the kill
runs again.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from benchmarks import loop, scripted
from stepsmith.lambdas import Function, LogLine
from stepsmith.local import Ending, Hosted, Runtime
from stepsmith.local.database import Database
from stepsmith.local.invoked import Invoked
from stepsmith.local.journal import from_entry
from stepsmith.local.store import Store

NAME = "crashrun"
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Kill:
    """When: at the n-th event of the run, or while its n-th task runs (both from 1)."""

    on: Literal["event", "task"]
    n: int


@dataclass(frozen=True)
class Undisturbed:
    """A run that nobody killed."""

    output: Any
    events: int
    tasks: int


@dataclass(frozen=True)
class Outcome:
    """What became of a killed run. `repeated` are digests of recorded answers that were computed again."""

    kill: Kill
    recorded: int
    output: Any
    repeated: tuple[str, ...]


def undisturbed(turns: int) -> Undisturbed:
    """The run as it is when nobody kills it."""
    with tempfile.TemporaryDirectory() as folder:
        with _engine(Path(folder), turns, "start") as engine:
            *events, output = _lines(engine)
        assert engine.returncode == 0, f"the undisturbed run failed: {output}"
        return Undisturbed(json.loads(output), len(events), len(_ends(Path(folder))))


def draw(kills: int, of: Undisturbed, seed: int = 0) -> list[Kill]:
    """The moments: half on events, half while tasks run."""
    chance = random.Random(seed)
    on_events = [Kill("event", chance.randint(1, of.events - 1)) for _ in range(kills - kills // 2)]
    return on_events + [Kill("task", chance.randint(1, of.tasks)) for _ in range(kills // 2)]


def crash(kill: Kill, turns: int) -> Outcome:
    """Starts a run, kills its process at the moment, resumes it in another one."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        _run_until(kill, folder, turns)
        finished = _recorded(folder)
        with _engine(folder, turns, "resume") as engine:
            *_, output = _lines(engine)
        ends = Counter(_ends(folder))
        repeated = tuple(each for each in finished if ends[each] != 1)
        return Outcome(kill, len(finished), json.loads(output), repeated)


def _run_until(kill: Kill, folder: Path, turns: int) -> None:
    hold = kill.n if kill.on == "task" else 0
    with _engine(folder, turns, "start", hold) as engine:
        for number, line in enumerate(_lines(engine), 1):
            if line == scripted.HELD or (kill.on == "event" and number == kill.n):
                break
        engine.kill()


@contextmanager
def _engine(folder: Path, turns: int, action: str, hold: int = 0) -> Iterator[subprocess.Popen[str]]:
    """A process that runs the loop and prints a line per event, then its output."""
    command = [sys.executable, "-m", "benchmarks.crash", "engine", str(folder), str(turns), action, str(hold)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as engine:
        yield engine


def _lines(engine: subprocess.Popen[str]) -> Iterator[str]:
    assert engine.stdout is not None
    return (line.rstrip("\n") for line in engine.stdout)


def _recorded(folder: Path) -> list[str]:
    """Digests of the answers that the journal holds."""
    database = Database(folder / "data" / "runs.db")
    store = Store(database)
    entries = [entry for row in store.executions() for entry in store.journal(row.id)]
    database.close()
    happenings = map(from_entry, entries)
    return [scripted.digest(each.payload) for each in happenings if isinstance(each, Invoked)]


def _ends(folder: Path) -> list[str]:
    """Digests of the answers that functions gave, as often as they gave them."""
    ledger = folder / "ledger"
    lines = ledger.read_text().splitlines() if ledger.exists() else []
    return [line.removeprefix("end ") for line in lines if line.startswith("end ")]


async def engine(folder: Path, turns: int, action: str, hold: int) -> None:
    """What the killed process does."""
    environment = {"LEDGER": str(folder / "ledger"), "TURNS": str(turns), "HOLD": str(hold)}
    handlers = {loop.MODEL: "scripted.model_handler", loop.TOOL: "scripted.tool_handler"}
    functions = {
        arn: Hosted(Function(arn.rpartition(":")[2], FOLDER, handler, timeout_seconds=700, environment=environment))
        for arn, handler in handlers.items()
    }
    async with Runtime(folder / "data", functions=functions, log=_print_log) as runtime:
        ending = await _end(runtime, turns, action)
        print(json.dumps(ending.result), flush=True)


async def _end(runtime: Runtime, turns: int, action: str) -> Ending:
    """The run's end: of a new run, of one that goes on, or of one that was recorded just before the kill."""
    recorded = list(runtime.list())
    if recorded and (ending := runtime.ending(NAME)):
        return ending
    if action == "start" or not recorded:  # killed before the run was accepted: nothing to resume
        run = runtime.start(loop.MACHINE, loop.definition(turns), loop.INPUT, NAME)
    else:
        run = runtime.resume(NAME)
    async for event in run.events():
        print(event.type, flush=True)
    return await run.wait()


def _print_log(line: LogLine) -> None:
    print(line.text, flush=True)


def main(kills: int = 200, turns: int = 5) -> None:
    whole = undisturbed(turns)
    began, bad = time.monotonic(), 0
    for number, kill in enumerate(draw(kills, whole), 1):
        outcome = crash(kill, turns)
        fine = outcome.output == whole.output and not outcome.repeated
        bad += not fine
        if not fine:
            print(f"{kill}: output {outcome.output}, repeated {outcome.repeated}")
        if number % 20 == 0:
            print(f"{number} kills, {bad} bad, {time.monotonic() - began:.0f} s", flush=True)
    print(
        f"{kills} kills over {whole.events} events and {whole.tasks} tasks: {kills - bad} ended as an undisturbed run"
    )
    sys.exit(bad > 0)


if __name__ == "__main__":
    if sys.argv[1:2] == ["engine"]:
        asyncio.run(engine(Path(sys.argv[2]), int(sys.argv[3]), sys.argv[4], int(sys.argv[5])))
    else:
        main(*map(int, sys.argv[1:]))
