"""The tool clustering as it is built (`./pants package tools/rust/clustering:lambda`), behind Lambda's Runtime API.

Over files in the artifact store on loopback it finds the clusters that scikit-learn finds, and tells what is wrong of a
file.
"""

from __future__ import annotations

import asyncio
import json
import statistics
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

import pytest

from stepsmith.contracts import ToolFunction
from stepsmith.lambdas import Function, LogLine, Processes
from stepsmith.local import Role
from stepsmith.local.s3 import Buckets, ObjectServer
from tests.tools.curves import SEEDS, adjusted_rand_index, data_set, digest, expected

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools/rust/clustering/tool.json"
ARTIFACTS = (ROOT / "tools/rust/clustering.zip", ROOT / "dist/tools/rust/clustering.zip")
BUCKET = "stepsmith-local-000000000000-us-east-1"
ROLE = Role((f"{BUCKET}/artifacts/",))
PREFIX = "artifacts/clustering/r1/"
MEAN, LEAST = 0.95, 0.85


@dataclass
class Tool:
    """The function at work for one run."""

    processes: Processes
    function: Function
    folder: Path
    log: list[LogLine]

    async def ask(self, file: bytes, key: str = PREFIX + "prices.csv") -> Any:
        """The result for a file; as it is for a name of the model's own."""
        (self.folder / "prices.csv").write_bytes(file)
        context = {
            "run_id": "r1",
            "agent": "clustering",
            "turn": 1,
            "effect_id": "e1",
            "artifacts": f"s3://{BUCKET}/{PREFIX}",
            "max_result_bytes": 32_768,
            "deadline": "2999-01-01T00:00:00Z",
        }
        call = {"name": "calculate_hdbscan_clusters", "id": "call_1", "input": {"bucket": BUCKET, "key": key}}
        answer = await self.processes.invoke(self.function, json.dumps({**call, "context": context}).encode())
        assert answer.error is None, answer.payload
        return json.loads(answer.payload)

    async def clusters(self, file: bytes) -> Any:
        result = await self.ask(file)
        assert not result["is_error"], result
        return json.loads(result["content"][0]["text"])

    async def advice(self, file: bytes, **reference: str) -> str:
        result = await self.ask(file, **reference)
        assert result["is_error"], result
        return str(result["content"][0]["text"])


@asynccontextmanager
async def working(folder: Path) -> AsyncIterator[Tool]:
    built = next((path for path in ARTIFACTS if path.exists()), None)
    if built is None:
        pytest.skip("The artifact is not built: ./pants package tools/rust/clustering:lambda")
    described = ToolFunction.from_json(json.loads(TOOL.read_text()))
    log: list[LogLine] = []
    (files := folder / "s3" / BUCKET / PREFIX).mkdir(parents=True)
    store = ObjectServer(Buckets(folder / "s3"), lambda: round(time() * 1000))
    async with store as objects, Processes(cache=folder / "cache", log=log.append) as processes:
        function = Function(
            "stepsmith-local-clustering",
            built,
            "bootstrap",
            runtime="provided.al2023",
            timeout_seconds=described.timeout_seconds,
            memory_mb=described.memory_mb,
            environment=objects.session(ROLE),
        )
        yield Tool(processes, function, files, log)


def labels(answer: Any, count: int) -> list[int]:
    """The cluster of each series S0, S1, ...; -1 is noise."""
    of = {ticker: number for number, cluster in enumerate(answer["clusters"]) for ticker in cluster}
    assert len(of) + len(answer["noise"]) == answer["series"] == count
    return [of.get(f"S{index}", -1) for index in range(count)]


def test_it_finds_the_clusters_that_scikit_learn_finds(tmp_path: Path) -> None:
    async def agreements() -> list[float]:
        found = []
        async with working(tmp_path) as tool:
            for seed, peer in zip(SEEDS, expected(), strict=True):
                file = data_set(seed)
                assert digest(file) == peer.sha256, f"Python draws other data of seed {seed}: see curves.py."
                answer = await tool.clusters(file)
                assert answer["min_cluster_size"] == peer.min_cluster_size
                found.append(adjusted_rand_index(labels(answer, len(peer.labels)), peer.labels))
        return found

    found = asyncio.run(agreements())
    assert statistics.mean(found) >= MEAN and min(found) >= LEAST, found


def test_scikit_learn_found_something_to_agree_on() -> None:
    """Labellings of nothing but noise would agree, too."""
    assert all(len(set(peer.labels) - {-1}) >= 2 for peer in expected())
    assert sum(-1 in peer.labels for peer in expected()) > len(SEEDS) / 2


def test_groupings_that_differ_agree_less() -> None:
    assert adjusted_rand_index([0, 0, 1, 1], [5, 5, 3, 3]) == 1
    assert adjusted_rand_index([0, 0, 1, 1], [0, 1, 0, 1]) < 0
    assert adjusted_rand_index([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2]) == pytest.approx(0.2424, abs=1e-4)


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (b"A,1,2\nB,2,1\n", "The file has 2 series; at least 3 are needed"),
        (b"ticker,d1,d2\nA,1,2\nB,2,1\nC,3,3\n", 'Row 1 (ticker), column 2: "d1" is no number'),
        (b"A,1,2\nB,,\nC,3,3\n", "Row 2 (B) has no numbers"),
        (b"A,1,2\nB,2,1\nC,3,3,3\n", "row 1 (A) has 2 values, row 3 (C) has 3"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "The file is no CSV text"),
    ],
)
def test_what_is_wrong_of_a_file_is_told(tmp_path: Path, file: bytes, told: str) -> None:
    async def scenario() -> str:
        async with working(tmp_path) as tool:
            return await tool.advice(file)

    assert told in asyncio.run(scenario())


def test_gaps_and_series_that_are_equal_are_clustered(tmp_path: Path) -> None:
    async def scenario() -> Any:
        async with working(tmp_path) as tool:
            up, down = "1,2,,4,5,6", "6,,4,3,2,1"
            rows = [f"UP{n},{up}" for n in range(3)] + [f"DOWN{n},{down}" for n in range(4)]
            return await tool.clusters("\n".join(rows).encode())

    found = asyncio.run(scenario())
    assert found["clusters"] == [["DOWN0", "DOWN1", "DOWN2", "DOWN3"], ["UP0", "UP1", "UP2"]]
    assert found["noise"] == []


def test_a_file_of_another_run_is_refused_and_nothing_of_a_file_is_logged(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with working(tmp_path) as tool:
            told = await tool.advice(b"", key="artifacts/clustering/r2/prices.csv")
            assert "is not one of this run's files" in told
            await tool.advice(b"PRIVATE,1,2")
            assert len(tool.log) >= 2 and "PRIVATE" not in str(tool.log)

    asyncio.run(scenario())
