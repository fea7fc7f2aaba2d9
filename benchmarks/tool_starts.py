"""Cold and warm calls of every built tool behind Lambda's Runtime API on this machine, and the sizes of the artifacts.

    python benchmarks/tool_starts.py [--rounds 5] [--write]

Each round starts a new process of each tool (cold: from Invoke to the answer, the start of the process with it) and
calls it once more (warm). The call names a tool of the function with an input that its schema refuses, so that what is
timed is the runtime, the kit and its validation, and no outside service. Medians are printed; `--write` puts them with
date and machine into tools/measured.json, from which build-support/tool_pages.py makes the table in tools/README.md.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import tempfile
import time
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from stepsmith.asl.outcome import Succeeded
from stepsmith.cli.laptop import LOCAL
from stepsmith.cli.native import artifact, named
from stepsmith.cli.project import Project
from stepsmith.cli.settings import Settings, read
from stepsmith.cli.trying import event
from stepsmith.cli.wiring import Workshop
from stepsmith.contracts import ToolFunction
from stepsmith.local import Runtime
from stepsmith.local.functions import Call, outcome_of
from stepsmith.local.packing import encode

HOW = "medians of {rounds} rounds behind the Runtime API of `stepsmith`, a refused input as the call"


async def calls(project: Project, settings: Settings, function: ToolFunction, built: Path) -> tuple[float, float]:
    """Milliseconds of a cold call and of the warm one after it. The process ends with the runtime."""
    workshop = Workshop(project, settings, built=built)
    async with workshop.runtime() as runtime:
        return await timed(runtime, function), await timed(runtime, function)


async def timed(runtime: Runtime, function: ToolFunction) -> float:
    target = runtime.functions.find(LOCAL.tool_arn(function.function))
    call = Call(encode(event(function.tools[0].name, {"no such field": True})))
    started = time.perf_counter()
    reply = await runtime.functions.invoke(target, call)
    took = (time.perf_counter() - started) * 1000
    match outcome_of(target.arn, reply):
        case Succeeded({"is_error": True}):
            return took
        case other:
            raise SystemExit(f"{named(function)} did not refuse the input: {other}")


def sizes(path: Path) -> dict[str, float]:
    with zipfile.ZipFile(path) as archive:
        unzipped = sum(entry.file_size for entry in archive.infolist())
    return {"zip_bytes": path.stat().st_size, "unzipped_bytes": unzipped}


def measure(rounds: int) -> dict[str, dict[str, float]]:
    """The numbers of each built tool. One round before them unpacks the artifact and warms the disk."""
    found: dict[str, dict[str, float]] = {}
    settings = read()
    project = Project(settings.root)
    for function in map(project.tool, project.tools):
        path = artifact(settings.root, function)
        if not path.is_file():
            print(f"{named(function)}: not built (./pants package tools::)")
            continue
        with tempfile.TemporaryDirectory() as data:
            own = replace(settings, data=Path(data))
            times = [asyncio.run(calls(project, own, function, path.parents[2])) for _ in range(rounds + 1)][1:]
        cold, warm = (round(statistics.median(each), 1) for each in zip(*times, strict=True))
        found[named(function)] = {**sizes(path), "cold_ms": cold, "warm_ms": warm}
        print(f"{named(function):<26} cold {cold:>7.0f} ms   warm {warm:>6.1f} ms")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="put the numbers into tools/measured.json")
    options = parser.parse_args()
    found = measure(options.rounds)
    if options.write:
        load = f"load average {os.getloadavg()[0]:.1f}"
        machine = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {load}"
        today = datetime.now(UTC).date().isoformat()
        head = {"date": today, "machine": machine, "how": HOW.format(rounds=options.rounds)}
        path = read().root / "tools/measured.json"
        path.write_text(json.dumps({**head, "tools": found}, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
