"""The built tool clustering over 1,000 series of 500 points: one call, as the machine makes it.

    ./pants package tools/rust/clustering:lambda
    build-support/python benchmarks/clustering.py [--calls 5]

Measured is `Processes.invoke` of dist/tools/rust/clustering.zip: the event, the file from the artifact store on
loopback, clustering, the answer. The first call meets a new process and is shown by itself. The median of the others
must be under 2 seconds.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from stepsmith.lambdas import Function, Processes
from stepsmith.local.s3 import Buckets, ObjectServer
from tests.tools.clustering_test import BUCKET, PREFIX, ROLE

ARTIFACT = Path(__file__).parents[1] / "dist/tools/rust/clustering.zip"
SERIES, POINTS, TARGET = 1_000, 500, 2.0


def file() -> bytes:
    """Twenty families of random walks."""
    chance = random.Random(1)
    leaders = [_walk(chance) for _ in range(20)]
    curves = ([value + chance.gauss(0, 0.5) for value in leaders[index % 20]] for index in range(SERIES))
    return "\n".join(f"S{index}," + ",".join(f"{x:.4f}" for x in curve) for index, curve in enumerate(curves)).encode()


def _walk(chance: random.Random) -> list[float]:
    value, steps = 100.0, []
    for _ in range(POINTS):
        value += chance.gauss(0, 1)
        steps.append(value)
    return steps


def event() -> bytes:
    context: dict[str, Any] = {"run_id": "r1", "agent": "clustering", "turn": 1, "effect_id": "e1"}
    context |= {"artifacts": f"s3://{BUCKET}/{PREFIX}", "max_result_bytes": 32_768, "deadline": "2999-01-01T00:00:00Z"}
    call = {
        "name": "calculate_hdbscan_clusters",
        "id": "call_1",
        "input": {"bucket": BUCKET, "key": PREFIX + "prices.csv"},
    }
    return json.dumps({**call, "context": context}).encode()


async def seconds(calls: int, folder: Path) -> list[float]:
    (at := folder / "s3" / BUCKET / PREFIX).mkdir(parents=True)
    (at / "prices.csv").write_bytes(file())
    store = ObjectServer(Buckets(folder / "s3"), lambda: round(time.time() * 1000))
    async with store as objects, Processes(cache=folder / "cache") as processes:
        session = objects.session(ROLE)
        function = Function("clustering", ARTIFACT, "bootstrap", runtime="provided.al2023", environment=session)
        return [await _timed(processes, function) for _ in range(calls + 1)]


async def _timed(processes: Processes, function: Function) -> float:
    began = time.perf_counter()
    answer = await processes.invoke(function, event())
    assert answer.error is None, answer.payload
    found = json.loads(json.loads(answer.payload)["content"][0]["text"])
    assert found["series"] == SERIES and len(found["clusters"]) > 1, found
    return time.perf_counter() - began


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--calls", type=int, default=5)
    with tempfile.TemporaryDirectory() as folder:
        first, *others = asyncio.run(seconds(options.parse_args().calls, Path(folder)))
    print(
        f"{SERIES} series of {POINTS} points: first call {first:.2f} s, then {statistics.median(others):.2f} s (median)"
    )
    if statistics.median(others) >= TARGET:
        raise SystemExit(f"Over the target of {TARGET:.0f} s.")


if __name__ == "__main__":
    main()
