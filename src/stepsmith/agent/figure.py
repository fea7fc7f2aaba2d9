"""A machine as a Mermaid state diagram, for people: docs/reference/state-machine.md shows one.

Solid ways are taken in order; those labelled `error` are what a Catch does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .machine.events import successors
from .machine.expressions import State

INDENT = "    "


def mermaid(definition: Mapping[str, Any]) -> str:
    """The diagram's source, inner states of Map and Parallel as composite states."""
    return "\n".join(["stateDiagram-v2", *(INDENT + line for line in _branch(definition))])


def _branch(branch: Mapping[str, Any]) -> Iterator[str]:
    yield f"[*] --> {_id(branch['StartAt'])}"
    for name, state in branch["States"].items():
        yield from _declaration(name, state)
        yield from _ways(name, state)


def _declaration(name: str, state: State) -> Iterator[str]:
    inner = [state["ItemProcessor"]] if "ItemProcessor" in state else state.get("Branches", [])
    said = f'state "{name}" as {_id(name)}' if " " in name or inner else ""
    if inner:
        yield f"{said} {{"
        for branch in inner:
            yield from (INDENT + line for line in _branch(branch))
        yield "}"
    elif said:
        yield said


def _ways(name: str, state: State) -> Iterator[str]:
    caught = {catcher["Next"] for catcher in state.get("Catch", ())}
    ordinary = {key: value for key, value in state.items() if key != "Catch"}
    following = dict.fromkeys(successors(ordinary))
    for target in following:
        yield f"{_id(name)} --> {_id(target)}"
    for target in sorted(caught - set(following)):
        yield f"{_id(name)} --> {_id(target)} : error"
    if state["Type"] in ("Succeed", "Fail") or state.get("End"):
        yield f"{_id(name)} --> [*]"


def _id(name: str) -> str:
    return name.replace(" ", "_")
