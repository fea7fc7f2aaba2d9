"""The branches inside a Parallel or an inline Map state, side by side; a redrive runs those that had not ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from ..document import Branch
from ..values import Json
from ..visit import Place
from ..wants import Fork, Joined, Steps

RunBranch = Callable[[Branch, Place], Steps[Json]]


def run_open(
    places: Sequence[Place], run: Callable[[int, Place], Steps[Json]], at_once: int = 0, tolerated: int = 0
) -> Steps[list[Json]]:
    """Runs `run(index, place)` for every branch that has not ended.

    Returns the outputs of all, in their order, without the failures that were tolerated; raises StateError.
    """
    outputs = {index: place.input for index, place in enumerate(places) if place.state is None}
    going = [index for index, place in enumerate(places) if place.state is not None]
    joined: Joined = yield Fork([partial(run, index, places[index]) for index in going], at_once, tolerated)
    for number, index in enumerate(going):
        if number not in joined.failures:
            outputs[index] = joined.results[number]
    return [outputs[index] for index in sorted(outputs)]
