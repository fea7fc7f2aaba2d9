"""The items of a Map, and what iterations or children are given of them: selected, batched.

"Step Functions applies each option in the following order": ItemReader, Items, ItemSelector, ItemBatcher (Developer
Guide, "Map state input and output fields").
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

from ..document import Map
from ..errors import located_in
from ..maprun import STATE_DATA, Child, Item
from ..template import literal
from ..values import MAX_BYTES, Json
from ..visit import Frame, Visit
from ..world import World
from .numbers import whole
from .typed import an_object, unexpected

MAX_ITEMS = 100_000_000
_INPUT = literal("$states.input", "Items")
"""What a Map without Items works on."""

Children = Callable[[Iterable[Item]], Iterator[Child]]


def own_items(visit: Visit, state: Map) -> list[Item]:
    """The items of the state's input, or of Items."""
    value = visit.input
    if state.items is not None:
        value = visit.render(state.items)
        visit.measure(value, "Items")
    match value:
        case list():
            return [Item(each) for each in value]
        case dict():
            return [Item(each, key) for key, each in value.items()]
        case _:
            raise unexpected(state.items or _INPUT, value, "'array' or 'object'")


def shown(index: int, item: Item) -> dict[str, Json]:
    """The item as the context object shows it (Developer Guide, "Context object data for Map states")."""
    key = {} if item.key is None else {"Key": item.key}
    return {"Index": index, **key, "Value": item.value, "Source": item.source}


def selected(visit: Visit, state: Map, frame: Frame) -> Json:
    """What an iteration starts with: its item's value, or what ItemSelector makes of it."""
    if state.item_selector is None:
        return frame.item["Value"]
    inside = Visit(frame, visit.name, state, visit.input, visit.entered_ms, visit.entered_id, visit.retries)
    return inside.checked(inside.render(state.item_selector), "ItemSelector")


def children_of(visit: Visit, state: Map, world: World) -> Children:
    """How items become children. Batches are bounded now, each item is selected when it comes, in that world."""
    batches = _batches(visit, state)
    frame = replace(visit.frame.inner(), world=world)
    visit = replace(visit)  # as it is now: its retries may change

    def children(items: Iterable[Item]) -> Iterator[Child]:
        inputs = _inputs(visit, state, frame, items)
        return batches.of(inputs) if batches else (Child(input) for input in inputs)

    return children


def _inputs(visit: Visit, state: Map, frame: Frame, items: Iterable[Item]) -> Iterator[Json]:
    for index, item in enumerate(islice(items, MAX_ITEMS)):
        frame.item = shown(index, item)
        input = selected(visit, state, frame)
        if state.item_selector is None and item.source != STATE_DATA:
            visit.checked(input, "ItemReader")
        yield input


@dataclass(frozen=True, slots=True)
class _Batches:
    """At most `count` items and `room` bytes each; an item that is larger alone is a batch of its own."""

    count: int
    room: int
    around: dict[str, Any]
    measure: Callable[[Json, str], int]

    def of(self, inputs: Iterable[Json]) -> Iterator[Child]:
        batch: list[Json] = []
        left = self.room
        for input in inputs:
            needed = self.measure(input, "ItemBatcher") + 1
            if batch and (len(batch) == self.count or needed > left):
                yield self._child(batch)
                batch, left = [], self.room
            batch.append(input)
            left -= needed
        if batch:
            yield self._child(batch)

    def _child(self, batch: list[Json]) -> Child:
        return Child({**self.around, "Items": batch}, len(batch))


def _batches(visit: Visit, state: Map) -> _Batches | None:
    batcher = state.item_batcher
    if batcher is None:
        return None
    with located_in("ItemBatcher"):
        count = whole(visit, batcher.max_items_per_batch, 1, MAX_ITEMS) or MAX_ITEMS
        size = whole(visit, batcher.max_input_bytes_per_batch, 1, MAX_BYTES) or MAX_BYTES
        around = {"BatchInput": an_object(visit, batcher.batch_input)} if batcher.batch_input is not None else {}
        room = size - visit.measure({**around, "Items": []}, "BatchInput") + 1  # the last item has no comma
        return _Batches(count, room, around, visit.measure)
