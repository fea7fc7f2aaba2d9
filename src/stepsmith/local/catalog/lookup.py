"""What an ARN names, or AWS's refusal: existing, or existing and not being deleted."""

from stepsmith.local.catalog.arns import MachineArn
from stepsmith.local.catalog.errors import ReferenceNotFound, StateMachineDeleting, StateMachineDoesNotExist
from stepsmith.local.catalog.tables import Tables
from stepsmith.local.catalog.values import Alias, Machine, Version


def existing_machine(tables: Tables, machine: str, asked: str | None = None) -> Machine:
    """The error names the ARN that was `asked` for, qualified or not. Raises StateMachineDoesNotExist."""
    found = tables.machine(machine)
    if found is None:
        raise StateMachineDoesNotExist(asked or machine)
    return found


def active_machine(tables: Tables, machine: str, asked: str | None = None) -> Machine:
    """Raises StateMachineDoesNotExist, StateMachineDeleting."""
    found = existing_machine(tables, machine, asked)
    if found.status == "DELETING":
        raise StateMachineDeleting(machine)
    return found


def existing_version(tables: Tables, arn: MachineArn) -> Version:
    """Raises StateMachineDoesNotExist."""
    assert arn.version is not None
    found = tables.version(arn.machine, arn.version)
    if found is None:
        raise StateMachineDoesNotExist(f"{arn.machine}:{arn.version}")
    return found


def existing_alias(tables: Tables, arn: MachineArn) -> Alias:
    """Raises ResourceNotFound."""
    assert arn.alias is not None
    found = tables.alias(arn.machine, arn.alias)
    if found is None:
        raise ReferenceNotFound(f"{arn.machine}:{arn.alias}")
    return found
