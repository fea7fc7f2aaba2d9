"""The values of a trial: what surrounds the state, what stands in for the world, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..context import ExecutionContext
from ..errors import StateError
from ..maprun import Item
from ..values import Json


@dataclass(frozen=True, slots=True)
class Setting:
    """What surrounds the state under test.

    `execution` says when and in which execution the trial takes place, `context` what the state sees in place of that.
    `retries` are those that the Retrier which covers the error has made, `failed_iterations` those of the Map that is
    tried, or that the state is in. `items` are what an ItemReader would read.
    """

    input: Json
    execution: ExecutionContext
    seed: int
    variables: Mapping[str, Json] = field(default_factory=dict)
    context: Mapping[str, Json] | None = None
    retries: int = 0
    failed_iterations: int = 0
    items: tuple[Item, ...] = ()


@dataclass(frozen=True, slots=True)
class Mocked:
    """In place of the task, the branches or the iterations: their result."""

    result: Json


@dataclass(frozen=True, slots=True)
class MockedError:
    """In place of them: their error."""

    error: str
    cause: str | None = None


Mock = Mocked | MockedError


@dataclass(frozen=True, slots=True)
class Succeeded:
    """The state was left: `next` is None at an end."""

    output: Json
    next: str | None


@dataclass(frozen=True, slots=True)
class Retriable:
    """The state would be tried again by its Retrier `index`, after this time."""

    error: StateError
    index: int
    delay_ms: int


@dataclass(frozen=True, slots=True)
class Caught:
    """The Catcher `index` took the error."""

    error: StateError
    index: int
    output: Json
    next: str | None


@dataclass(frozen=True, slots=True)
class Failed:
    """Nothing handled the error."""

    error: StateError


Verdict = Succeeded | Retriable | Caught | Failed


@dataclass(frozen=True, slots=True)
class Report:
    """What came of a trial. `seen` are the values on the way, by their names in InspectionData, up to the failure."""

    verdict: Verdict
    seen: Mapping[str, Json]
    variables: Mapping[str, Json]
