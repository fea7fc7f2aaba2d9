"""The nouns: a state machine as states and the ways between them, read from a definition in the States Language.

    Graph                where it starts, its states, its ways
    └── State            name, type, what it does in a few words
        └── Graph ...    the branches of a Parallel, the processor of a Map
    Way                  from one state to another of the same graph: ordinary, or what a Catch does

Whatever a definition says twice is one way with several labels: the rules of a Choice that lead to the same state.
A definition is one that Step Functions accepted; nothing is checked again here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .saying import condition, doing

Definition = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class State:
    """`does` is one short line (``lambda stepsmith-sql``), "" where the type says it all."""

    name: str
    type: str
    does: str = ""
    comment: str = ""
    is_last: bool = False
    branches: tuple[Graph, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """`labels` are conditions, ``Default`` or names of errors, in the definition's order; none for a plain Next."""

    source: str
    target: str
    is_caught: bool = False
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    start: str
    states: tuple[State, ...]
    ways: tuple[Way, ...]

    def walk(self) -> Iterator[tuple[State, Graph]]:
        """Every state, those inside others too, with the graph that it stands in."""
        for state in self.states:
            yield state, self
            for branch in state.branches:
                yield from branch.walk()


def graph(definition: Definition) -> Graph:
    """The graph of a definition, or of a branch of one."""
    states = tuple(_state(name, state) for name, state in definition["States"].items())
    ways = tuple(way for name, state in definition["States"].items() for way in _ways(name, state))
    return Graph(definition["StartAt"], states, ways)


def _state(name: str, state: Definition) -> State:
    type = state["Type"]
    is_last = type in ("Succeed", "Fail") or bool(state.get("End"))
    return State(name, type, doing(state), state.get("Comment", ""), is_last, tuple(map(graph, _branches(state))))


def _branches(state: Definition) -> list[Definition]:
    processor = state.get("ItemProcessor") or state.get("Iterator")  # `Iterator` is the old name of the same.
    return [processor] if processor else state.get("Branches", [])


def _ways(name: str, state: Definition) -> list[Way]:
    """One way a target and kind, in the order in which the definition names them first."""
    labels: dict[tuple[str, bool], list[str]] = {}
    for target, is_caught, label in _leads(state):
        labels.setdefault((target, is_caught), []).extend(label)
    return [Way(name, target, caught, tuple(dict.fromkeys(said))) for (target, caught), said in labels.items()]


def _leads(state: Definition) -> Iterator[tuple[str, bool, list[str]]]:
    if "Next" in state:
        yield state["Next"], False, []
    for rule in state.get("Choices", ()):
        yield rule["Next"], False, [condition(rule)]
    if "Default" in state:
        yield state["Default"], False, ["Default"]
    for catcher in state.get("Catch", ()):
        yield catcher["Next"], True, list(catcher["ErrorEquals"])
