"""Whether a definition may become a state machine, in the words of CreateStateMachine."""

from stepsmith import asl
from stepsmith.local.catalog.errors import InvalidDefinition
from stepsmith.local.catalog.values import MachineType
from stepsmith.local.journal import load


def check_definition(definition: str, type: MachineType) -> None:
    """Raises InvalidDefinition. What passes is compiled, and stays so in memory for its first execution."""
    try:
        load(definition)
    except asl.DefinitionError as error:
        raise InvalidDefinition(", ".join(f"{p.message} at {p.path or '/'}" for p in error.problems)) from error
