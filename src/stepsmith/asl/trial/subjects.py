"""Which state is tried: one that stands alone, or one of a whole definition, inner states too.

A state that stands alone names others that do not exist here. It is loaded in a machine made for it, in which they are
empty, so that every check of a definition holds for it too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from ..dialect import JSONATA
from ..document import AnyState, Branch, Map, Parallel, Task, branches_of
from ..errors import DefinitionError, Diagnostic
from ..machine import StateMachine, load
from ..states.task import has_token

ALONE = "TestState"
"""The name of a state that came without one."""


class UnknownState(LookupError):
    """The definition has no state of this name."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A state and its name."""

    name: str
    state: AnyState


@dataclass(frozen=True, slots=True)
class Subject:
    """The state under test, behind the Maps and Parallels around it (the outermost first)."""

    placed: Placed
    around: tuple[Placed, ...]

    @property
    def state(self) -> AnyState:
        return self.placed.state

    @property
    def is_jsonata(self) -> bool:
        return self.state.query_language == JSONATA

    @property
    def is_mockable(self) -> bool:
        """Whether there is anything that a mock may stand in for."""
        return isinstance(self.state, Task | Map | Parallel)

    @property
    def needs_mock(self) -> bool:
        """Branches, iterations, and tasks that somebody else ends are never really run."""
        return isinstance(self.state, Map | Parallel) or (
            isinstance(self.state, Task) and has_token(self.state.resource)
        )

    @property
    def is_in_map(self) -> bool:
        return any(isinstance(placed.state, Map) for placed in self.around)

    def holds(self, name: str) -> bool:
        """Whether a state of this name is inside the state under test."""
        return any(_path_to(branch, name) for _, branch in branches_of(self.state))


def alone(definition: str) -> Subject:
    """A single state as JSON text. Raises DefinitionError; its paths begin at the state."""
    try:
        state = json.loads(definition)
    except (ValueError, RecursionError):
        state = None
    try:
        machine = load(_machine_around(state) if isinstance(state, dict) else definition)
    except DefinitionError as error:
        raise DefinitionError([_seen_from_the_state(problem) for problem in error.problems]) from error
    return within(machine, ALONE)


def _machine_around(state: dict[str, Any]) -> dict[str, Any]:
    empty = {target: {"Type": "Succeed"} for target in _targets(state)}
    return {"StartAt": ALONE, "States": {**empty, ALONE: state}}


def within(machine: StateMachine, name: str) -> Subject:
    """The state of this name, wherever it is in the definition. Raises UnknownState."""
    path = _path_to(machine.document, name)
    if not path:
        raise UnknownState(name)
    return Subject(path[-1], path[:-1])


def _path_to(branch: Branch, name: str) -> tuple[Placed, ...]:
    for each, state in branch.states.items():
        if each == name:
            return (Placed(each, state),)
        for _, inner in branches_of(state):
            below = _path_to(inner, name)
            if below:
                return (Placed(each, state), *below)
    return ()


def _targets(state: dict[str, Any]) -> Iterator[str]:
    """Every state that this one names, as far as its shape can be trusted before it is checked."""
    parts = [state]
    for rules in (state.get("Choices"), state.get("Catch")):
        parts += [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
    for part in parts:
        yield from (part[field] for field in ("Next", "Default") if isinstance(part.get(field), str))


def _seen_from_the_state(problem: Diagnostic) -> Diagnostic:
    return replace(problem, path=problem.path.removeprefix(f"/States/{ALONE}"))
