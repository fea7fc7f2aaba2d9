"""What an ARN names, or AWS's refusal: existing, or existing and not being deleted."""

from stepsmith.local.catalog.arns import MachineArn
from stepsmith.local.catalog.errors import ReferenceNotFound, StateMachineDeleting, StateMachineDoesNotExist
from stepsmith.local.catalog.tables import Tables
from stepsmith.local.catalog.values import Alias, Machine, Version


def existing_machine(tables: Tables, arn: str) -> Machine:
    """Raises StateMachineDoesNotExist."""
    found = tables.machine(arn)
    if found is None:
        raise StateMachineDoesNotExist(arn)
    return found


def active_machine(tables: Tables, arn: str) -> Machine:
    """Raises StateMachineDoesNotExist, StateMachineDeleting."""
    found = existing_machine(tables, arn)
    if found.status == "DELETING":
        raise StateMachineDeleting(arn)
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
