"""One visit of a state: what its expressions may see, and how it is entered and left.

`Frame` is one branch of the execution: its variables, and the item it works on. `Visit` is one state entered in it.
`Place` is where a branch stands: all that a redrive needs to go on from there.
Sizes are checked where a value first appears: an output that becomes the next input is not measured again.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn, TypeVar

from .document import AnyState
from .errors import DATA_LIMIT_EXCEEDED, QUERY_EVALUATION_ERROR, EvaluationError, StateError
from .maprun import Dataset, Given
from .template import Template
from .values import MAX_BYTES, Json, NotJson, size, timestamp
from .wants import Record, Steps
from .world import World

MAX_VARIABLES_BYTES = 10 * 1024 * 1024

T = TypeVar("T")


@dataclass(slots=True)
class Frame:
    """A branch: variables of its own and those it can read, their sizes, its Map item, the world outside."""

    world: World
    variables: dict[str, Json] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    item: Json = None

    def inner(self, item: Json = None) -> Frame:
        """A frame that reads what this one has and assigns for itself."""
        return Frame(self.world, self.variables.copy(), self.sizes.copy(), item if item is not None else self.item)


@dataclass(slots=True)
class Place:
    """Where a branch stands: before or in the state `state` with its input; after its end (None), with its output.

    `visit` is there while the branch is inside the state.
    """

    frame: Frame
    state: str | None
    input: Json
    visit: Visit | None = None


@dataclass(slots=True)
class MapRun:
    """The children of a distributed Map as the parent knows them; a redrive runs those again that did not succeed."""

    arn: str
    source: Given | Dataset
    redrives: int = 0


class Transition(NamedTuple):
    """Where a state leads: the next state's name, None at an end, and the output."""

    next: str | None
    output: Json


@dataclass(slots=True)
class Visit:
    """A state entered: with which input, when, as which event (0: not yet); `retries` so far, the token of its task.

    `inner` is how far the branches inside have come: the places of a Parallel's or an inline Map's, or the Map Run.
    """

    frame: Frame
    name: str
    state: AnyState
    input: Json
    entered_ms: int
    entered_id: int = 0
    retries: int | None = None
    token: str | None = None
    inner: list[Place] | MapRun | None = None

    def variables(self, **more: Json) -> dict[str, Json]:
        """All variables and `$states`, with `result` or `errorOutput` where there is one."""
        states = {"input": self.input, "context": self.context(), **more}
        return {**self.frame.variables, "states": states}

    def context(self) -> dict[str, Json]:
        """The context object. What the world's constants say of the state or its task stands: a trial's may."""
        state: dict[str, Json] = {"Name": self.name, "EnteredTime": timestamp(self.entered_ms)}
        if self.retries is not None:
            state["RetryCount"] = self.retries
        context = self.frame.world.constants.copy()
        context.setdefault("State", state)
        if self.token is not None:
            context.setdefault("Task", {"Token": self.token})
        if self.frame.item is not None:
            context["Map"] = {"Item": self.frame.item}
        return context

    def render(self, template: Template, **more: Json) -> Json:
        """The value of one field."""
        return template.render(self.variables(**more), self.frame.world.moment)

    def checked(self, value: Json, location: str) -> Json:
        """The value, if it is JSON and within the bound."""
        if self.measure(value, location) > MAX_BYTES:
            raise self.too_large(_too_large(self.name))
        return value

    def measure(self, value: Json, location: str) -> int:
        try:
            return size(value)
        except NotJson as error:
            cause = f"The field '{location}' evaluated to a value that is not JSON: {error}."
            raise EvaluationError(location, cause) from error

    def too_large(self, cause: str) -> StateError:
        return StateError(DATA_LIMIT_EXCEEDED, cause)

    def leave(
        self,
        next: str | None,
        default: Json,
        output: Template | None = None,
        assign: Template | None = None,
        **more: Json,
    ) -> Steps[Transition]:
        """Renders Output and Assign on the same variables, assigns, and records the exit."""
        facts: dict[str, Any] = {"name": self.name}
        if output is None and assign is None:
            facts["output"] = default
        else:
            variables = self.variables(**more)
            facts["output"] = default if output is None else self._output(output, variables)
            if assign is not None:
                facts["assignedVariables"] = self._assign(assign, variables)
        yield Record(f"{self.state.type}StateExited", facts)
        return Transition(next, facts["output"])

    def _output(self, template: Template, variables: dict[str, Json]) -> Json:
        """A value made by expressions is a new one: what is the very input shows that nobody touched it (history)."""
        if not template.expressions:
            return template.source
        value = template.render(variables, self.frame.world.moment)
        return self.checked(copy(value) if value is self.input else value, "Output")

    def _assign(self, template: Template, variables: dict[str, Json]) -> Json:
        assigned = template.render(variables, self.frame.world.moment)
        sizes = {name: self.measure(value, f"Assign/{name}") for name, value in assigned.items()}
        if sum(sizes.values()) > MAX_BYTES:
            raise self.too_large(
                f"The variables assigned by the state '{self.name}' are larger than {MAX_BYTES} bytes."
            )
        frame = self.frame
        if sum({**frame.sizes, **sizes}.values()) > MAX_VARIABLES_BYTES:
            raise self.too_large(f"All variables together are larger than {MAX_VARIABLES_BYTES} bytes.")
        frame.sizes.update(sizes)
        frame.variables.update(assigned)
        return assigned

    def recorded(self, steps: Steps[T]) -> Steps[T]:
        """The steps; an expression of theirs that fails is an event, and from then on an ordinary error."""
        try:
            return (yield from steps)
        except EvaluationError as error:
            return (yield from self._record(error))

    def evaluated(self, value: Callable[[], T]) -> Steps[T]:
        """The same for what only evaluates expressions and wants nothing."""
        try:
            return value()
        except EvaluationError as error:
            return (yield from self._record(error))

    def _record(self, error: EvaluationError) -> Steps[NoReturn]:
        cause = f"{self.whereabouts()}{error.cause}"
        facts = {"error": error.error, "cause": cause, "location": error.location, "state": self.name}
        yield Record("EvaluationFailed", facts)
        raise StateError(QUERY_EVALUATION_ERROR, cause) from error

    def whereabouts(self) -> str:
        """How AWS begins the cause of an error of the interpreter's own."""
        return (
            f"An error occurred while executing the state '{self.name}' (entered at the event id #{self.entered_id}). "
        )


def _too_large(name: str) -> str:
    """AWS's words for an output over the bound."""
    return f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
