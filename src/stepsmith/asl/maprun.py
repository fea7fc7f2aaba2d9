"""What a Map Run works on, as values: where its items come from, when it fails, where its results go.

The items of a state's own input are known when the Map Run begins (`Given`). Those of an ItemReader are not: the
effect carries what is to be read (`Dataset`) together with `children`, which makes the children's inputs of items one
by one, by ItemSelector and ItemBatcher. That is a pure function: whoever reads the data set records what it gives.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Literal, NamedTuple

from .distribution import OutputType, ReaderConfig, Transformation
from .values import Json

STATE_DATA = "STATE_DATA"
"""Where items come from that no ItemReader has read (Developer Guide, "Context object data for Map states")."""


class Item(NamedTuple):
    """One item, its key where the items are an object, and where it comes from: `S3://bucket/key`."""

    value: Json
    key: str | None = None
    source: str = STATE_DATA


class Child(NamedTuple):
    """The input of a child execution, and how many items there are in it."""

    input: Json
    items: int = 1


@dataclass(frozen=True, slots=True)
class Given:
    """Children whose inputs are known."""

    children: tuple[Child, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    """An ItemReader: the action of S3 with its arguments, how its answer is read, how many items are wanted at most.

    `children` raises StateError where an item gives no input.
    """

    action: Literal["getObject", "listObjectsV2"]
    arguments: dict[str, Json]
    config: ReaderConfig
    max_items: int | None
    children: Callable[[Iterable[Item]], Iterator[Child]] = field(compare=False)

    @property
    def place(self) -> str:
        """Where its items come from, as the context object has it: `S3://bucket/key`, of a listing `S3://bucket`."""
        names = ("Bucket", "Key") if self.action == "getObject" else ("Bucket",)
        return f"S3://{'/'.join(str(self.arguments.get(name, '')) for name in names)}"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How many items may fail: the smaller of the two bounds, none without a bound."""

    count: int | None = None
    percentage: float | None = None

    def of(self, total: int) -> int:
        """The same as a number of items. In decimals: 32.3 % of 1000 are 323."""
        percentage = None if self.percentage is None else int(Decimal(str(self.percentage)) * total // 100)
        return min((bound for bound in (self.count, percentage) if bound is not None), default=0)


@dataclass(frozen=True, slots=True)
class Results:
    """A ResultWriter: what becomes of the outputs, and the arguments of s3:putObject (None: they are the result)."""

    transformation: Transformation = "COMPACT"
    output_type: OutputType = "JSON"
    arguments: dict[str, Json] | None = None
