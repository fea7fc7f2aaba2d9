"""Families of curves to cluster, and what scikit-learn's HDBSCAN makes of them.

A data set is random walks, each followed by a family of curves at other levels and scales, with noise, and some walks
that nobody follows. They come of a seed by Python's own generator alone.

    uv run --with scikit-learn==1.9.1 python -m tests.tools.curves      (from the root; scikit-learn is no dependency)

writes testdata/scikit_learn.json anew: per seed the hash of the file, `min_cluster_size`, and scikit-learn's label of
each series (-1 is noise) for series standardised as the tool does it.
"""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

SEEDS = range(20)
EXPECTED = Path(__file__).parent / "testdata/scikit_learn.json"


@dataclass(frozen=True)
class Labelled:
    """scikit-learn's answer for one data set."""

    sha256: str
    min_cluster_size: int
    labels: tuple[int, ...]


def data_set(seed: int) -> bytes:
    """A CSV file of 30 to 200 series, 20 to 120 values each."""
    chance = random.Random(seed)
    length = chance.randint(20, 120)
    leaders = [_walk(chance, length) for _ in range(chance.randint(2, 6))]
    curves = [_follower(chance, leader) for leader in leaders for _ in range(chance.randint(8, 30))]
    curves += [_walk(chance, length) for _ in range(len(curves) // 10 + 3)]
    chance.shuffle(curves)
    return csv_file(curves)


def csv_file(curves: Iterable[Sequence[float]]) -> bytes:
    lines = (f"S{index}," + ",".join(f"{value:.4f}" for value in curve) for index, curve in enumerate(curves))
    return "\n".join(lines).encode()


def digest(file: bytes) -> str:
    return hashlib.sha256(file).hexdigest()


def expected() -> list[Labelled]:
    return [Labelled(**each) for each in json.loads(EXPECTED.read_text())]


def adjusted_rand_index(one: Sequence[int], other: Sequence[int]) -> float:
    """How far two labellings agree (Hubert and Arabie, 1985): 1 for the same groups, about 0 by chance."""
    both, first, second = map(_pairs, (zip(one, other, strict=True), one, other))
    by_chance = first * second / math.comb(len(one), 2)
    most = (first + second) / 2
    return 1.0 if most == by_chance else (both - by_chance) / (most - by_chance)


def _pairs(labels: Iterable[object]) -> int:
    """Pairs of the same label."""
    return sum(math.comb(count, 2) for count in Counter(labels).values())


def _walk(chance: random.Random, length: int) -> list[float]:
    value, steps = 100.0, []
    for _ in range(length):
        value += chance.gauss(0, 1)
        steps.append(value)
    return steps


def _follower(chance: random.Random, leader: Sequence[float]) -> list[float]:
    scale, level, noise = chance.uniform(0.2, 5), chance.uniform(0, 500), chance.uniform(0.1, 0.8)
    return [level + scale * (value + chance.gauss(0, noise)) for value in leader]


def _scikit_learn(file: bytes) -> Labelled:
    import numpy as np
    from sklearn.cluster import HDBSCAN  # type: ignore[import-not-found, unused-ignore]

    curves: Any = np.array([line.split(",")[1:] for line in file.decode().splitlines()], dtype=float)
    shapes = (curves - curves.mean(axis=1, keepdims=True)) / curves.std(axis=1, keepdims=True)
    size = min(max(len(curves) // 10, 2), 5)
    labels = HDBSCAN(min_cluster_size=size, copy=True).fit_predict(shapes)
    return Labelled(digest(file), size, tuple(map(int, labels)))


def main() -> None:
    labelled = [json.dumps(asdict(_scikit_learn(data_set(seed)))) for seed in SEEDS]
    EXPECTED.parent.mkdir(exist_ok=True)
    EXPECTED.write_text("[\n" + ",\n".join(labelled) + "\n]\n")


if __name__ == "__main__":
    main()
