"""What is seen on the way through a state, by the names of InspectionData (API reference).

The same stage has other names in the two query languages: a definition without any is read as JSONPath, whose every
filter is the identity here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from ..document import Fail, Map, Pass
from ..maprun import Item
from ..states.map import MAX_COUNT, tolerance_of
from ..states.numbers import whole
from ..values import Json
from ..visit import Visit

_ARGUMENTS = {True: ("afterArguments",), False: ("afterParameters",)}
_RESULT = {True: ("result",), False: ("result", "afterResultSelector", "afterResultPath")}


@dataclass(slots=True)
class Inspection:
    """`seen` grows while the state runs, and so ends where it failed."""

    is_jsonata: bool
    seen: dict[str, Json] = field(default_factory=dict)

    def entered(self, visit: Visit) -> None:
        if not self.is_jsonata and not isinstance(visit.state, Fail):
            self.seen["afterInputPath"] = visit.input
            if isinstance(visit.state, Pass):
                self._constant(visit.state, visit.input)

    def arguments(self, value: Json) -> None:
        """What a task, or every branch, starts with."""
        self.seen |= dict.fromkeys(_ARGUMENTS[self.is_jsonata], value)

    def result(self, value: Json) -> None:
        self.seen |= dict.fromkeys(_RESULT[self.is_jsonata], value)

    def iterations(self, visit: Visit, state: Map, inputs: list[Json], read: Sequence[Item]) -> None:
        """What every iteration starts with, and the bounds of a Map; those it does not have are None. Batches hold what
        the selector gave."""
        selected = inputs
        if state.item_reader is not None and state.item_reader.points:
            keyed = {item.key: item.value for item in read if item.key is not None}
            self.seen["afterItemsPointer"] = keyed or [item.value for item in read]
        if state.item_batcher is not None:
            selected = [item for batch in inputs for item in batch["Items"]]
            self.seen["afterItemBatcher"] = inputs
        tolerance = tolerance_of(visit, state)
        self.seen |= {
            "afterItemSelector": selected,
            "toleratedFailureCount": tolerance.count,
            "toleratedFailurePercentage": tolerance.percentage,
            "maxConcurrency": whole(visit, state.max_concurrency, 0, MAX_COUNT),
        }

    def _constant(self, state: Pass, input: Json) -> None:
        """A Pass without a query language: its Result takes the place of a task's result."""
        output = state.result if "result" in state.model_fields_set else input
        self.seen |= {"afterParameters": input, "afterResultSelector": output, "afterResultPath": output}
