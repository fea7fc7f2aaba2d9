"""Times between the turns of a loop, measured and told alike for all."""

from __future__ import annotations

import itertools
import json
import statistics
import time
from pathlib import Path


class Laps:
    """One stamp a turn, in wall-clock and in processor time."""

    def __init__(self) -> None:
        self._stamps: list[float] = []
        self._processor: list[float] = []

    def add(self) -> None:
        self._stamps.append(time.perf_counter())
        self._processor.append(time.process_time())

    def figures(self, stored: int) -> dict[str, float]:
        """Milliseconds of wall clock (`p50`, `p95`) and of processor time (`cpu`, mean) a turn; bytes stored."""
        laps = sorted(1000 * (later - earlier) for earlier, later in itertools.pairwise(self._stamps))
        processor = 1000 * (self._processor[-1] - self._processor[0]) / len(laps)
        p95 = laps[int(0.95 * len(laps))]
        return {"p50": statistics.median(laps), "p95": p95, "cpu": processor, "stored": stored}

    def show(self, file: Path) -> None:
        """Prints the figures as JSON, for whoever started this process."""
        print(json.dumps(self.figures(file.stat().st_size)))
