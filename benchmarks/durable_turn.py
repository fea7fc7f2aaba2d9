"""What a durable turn of an agent costs in the engine, in milliseconds and in bytes.

    python -m benchmarks.durable_turn [--full] [--peers]

The loop of loop.py with functions in process: a turn is a call of the model and one of a tool, both recorded before
anything follows from them. Time is between two calls of the model; bytes are those of runs.db after a checkpoint.
`--full` adds `synchronous=FULL`. `--peers` runs LangGraph (SqliteSaver) and DBOS (SQLite) beside it, each with the same
answers and the same `synchronous`, in an environment of their own under the cache (peers/).
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks import loop, peers
from benchmarks.peers.laps import Laps
from stepsmith.local import Runtime
from stepsmith.local.database import Database, Synchronous


@dataclass(frozen=True)
class Figures:
    """What one run cost: the laps of its turns and bytes on disk; its history's events and the seconds to read them."""

    turns: Mapping[str, float]
    events: int
    history_seconds: float


async def measure(turns: int, synchronous: Synchronous = "NORMAL") -> Figures:
    """One run of so many turns, in a new data folder."""
    laps = Laps()
    functions = loop.in_process(turns, laps.add)
    with tempfile.TemporaryDirectory() as folder:
        async with Runtime(Path(folder), functions=functions, synchronous=synchronous) as runtime:
            run = runtime.start(loop.MACHINE, loop.definition(turns), loop.INPUT)
            ending = await run.wait()
            assert ending.status == "SUCCEEDED" and ending.result["turns"] == turns + 1, ending
            began = time.perf_counter()
            events = [event.to_json() for event in runtime.history(run.name)]
            seconds = time.perf_counter() - began
        return Figures(laps.figures(_stored(Path(folder))), len(events), seconds)


def _stored(folder: Path) -> int:
    database = Database(folder / "runs.db")
    database.checkpoint()
    database.close()
    return (folder / "runs.db").stat().st_size


def show(name: str, turns: Mapping[str, float], more: str = "") -> None:
    """One line: wall clock and processor time a turn, bytes of the whole run."""
    wall = f"p50 {turns['p50']:6.2f}  p95 {turns['p95']:6.2f}  processor {turns['cpu']:6.2f} ms a turn"
    print(f"{name:<36} {wall}  {turns['stored'] / 1000:8.1f} KB  {more}", flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--full", action="store_true", help="also with synchronous=FULL")
    arguments.add_argument("--peers", action="store_true", help="also LangGraph and DBOS")
    chosen = arguments.parse_args()
    asyncio.run(measure(5))  # once for what is loaded and compiled once
    for synchronous in ("NORMAL", "FULL") if chosen.full else ("NORMAL",):
        for turns in (20, 100, 500):
            found = asyncio.run(measure(turns, synchronous))
            more = f"history of {found.events} events in {found.history_seconds:.2f} s"
            show(f"Stepsmith, {turns} turns, {synchronous}", found.turns, more)
    if chosen.peers:
        for name, turns, figures in peers.measure((20, 100, 500)):
            show(f"{name}, {turns} turns, NORMAL", figures)


if __name__ == "__main__":
    main()
