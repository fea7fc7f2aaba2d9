"""Definitions as the catalog looks at them: whether one may become a state machine, and what its states refer to."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from stepsmith import asl
from stepsmith.asl.document import parts_of
from stepsmith.local.catalog.errors import InvalidDefinition
from stepsmith.local.catalog.resources import unrecognized
from stepsmith.local.catalog.values import MachineType
from stepsmith.local.journal import load


def diagnose(definition: str, type: MachineType) -> tuple[asl.Diagnostic, ...]:
    """What `asl.diagnose` finds and, in a definition that can be loaded, the Resources that AWS does not know."""
    found = asl.diagnose(definition, express=type == "EXPRESS")
    try:
        return (*unrecognized(load(definition)), *found)
    except asl.DefinitionError:
        return found


def check_definition(definition: str, type: MachineType) -> None:
    """Raises InvalidDefinition, with everything that is wrong with it."""
    found = diagnose(definition, type)
    errors = [each.in_aws_words() for each in found if each.severity == "ERROR"]
    if errors:
        raise InvalidDefinition(", ".join(errors))


@lru_cache(64)
def variable_references(definition: str) -> dict[str, list[str]]:
    """The variables that the expressions of each state read, by name; states that read none are left out."""
    found: dict[str, list[str]] = {}
    for _, name, state in load(definition).states():
        templates = (template for _, part in parts_of(state) for template in part.templates())
        read = {each for template in templates for one in template.expressions for each in one.expression.variables}
        read.discard("states")
        if read:
            found[name] = sorted(read)
    return found


def distributed_map(definition: str, label: str) -> str | None:
    """The processor of the distributed Map with this Label, as a definition of its own."""
    for state in _states(json.loads(definition)):
        processor = state.get("ItemProcessor")
        if state.get("Label") == label and processor:
            return json.dumps(processor)
    return None


def _states(branch: Any) -> Iterator[dict[str, Any]]:
    for state in branch.get("States", {}).values():
        yield state
        for inner in (*state.get("Branches", ()), state.get("ItemProcessor", {})):
            yield from _states(inner)
