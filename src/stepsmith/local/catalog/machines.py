"""State machines: create, update, delete, list, with AWS's rules of what repeating a request means.

CreateStateMachine is idempotent by name, definition, type, logging, tracing, encryption, publish and the version's
description; another role or other tags on repetition are ignored (API reference). An update that changes nothing makes
no new revision. A machine that is deleted stays, DELETING, until its last execution has ended; each is ABORTED at its
next state transition ("On the next state transition, the state machine's executions are terminated").
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from stepsmith.local.catalog import arns
from stepsmith.local.catalog.definition import check_definition
from stepsmith.local.catalog.errors import (
    MissingRequiredParameter,
    StateMachineAlreadyExists,
    StateMachineDeleting,
    StateMachineLimitExceeded,
    ValidationException,
)
from stepsmith.local.catalog.lookup import active_machine, existing_machine
from stepsmith.local.catalog.records import Records
from stepsmith.local.catalog.settings import Encryption, Logging, Tracing
from stepsmith.local.catalog.tables import Tables
from stepsmith.local.catalog.tags import TagTable
from stepsmith.local.catalog.values import (
    UNPUBLISHED,
    Configuration,
    Machine,
    MachineListed,
    MachineType,
    Publication,
    Quotas,
    Tags,
    Version,
)
from stepsmith.local.catalog.versions import Versions

Published = tuple[Machine, Version | None]


@dataclass(frozen=True, slots=True)
class Change:
    """What an update changes; None stays."""

    definition: str | None = None
    role_arn: str | None = None
    logging: Logging | None = None
    tracing: Tracing | None = None
    encryption: Encryption | None = None

    def applied(self, to: Configuration) -> Configuration:
        given: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return replace(to, **{name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Machines:
    """The state machines of one account; `arn` makes the ARN of a name."""

    records: Records
    tables: Tables
    versions: Versions
    tags: TagTable
    now_ms: Callable[[], int]
    random: Random
    quotas: Quotas
    arn: Callable[[str], str]

    def create(
        self,
        name: str,
        type: MachineType,
        configuration: Configuration,
        tags: Tags | None = None,
        publication: Publication = UNPUBLISHED,
    ) -> Published:
        """CreateStateMachine: the machine, new or as it was, and the version if one was to be published.

        Raises InvalidName, InvalidArn, InvalidDefinition, ValidationException, TooManyTags, StateMachineAlreadyExists,
        StateMachineDeleting, StateMachineLimitExceeded.
        """
        arns.check_name(name)
        arns.check_role(configuration.role_arn)
        _check_publication(publication)
        check_definition(configuration.definition, type)
        with self.records.changing():
            self.tables.remove_deleted()
            found = self.tables.machine(self.arn(name))
            if found is None:
                now_ms = self.now_ms()
                machine = Machine(self.arn(name), name, type, now_ms, now_ms, configuration, publication)
                return self._add(machine, tags or {})
            _check_repeated(found, type, configuration, publication)
            return self._published(found, publication)

    def _add(self, machine: Machine, tags: Tags) -> Published:
        if self.tables.count_machines() >= self.quotas.machines:
            raise StateMachineLimitExceeded(self.quotas.machines)
        self.tables.add_machine(machine)
        self.tags.put(machine.arn, tags)
        return self._published(machine, machine.created_with)

    def update(self, arn: str, change: Change, publication: Publication = UNPUBLISHED) -> Published:
        """UpdateStateMachine: the machine as it is now, and the version if one was to be published.

        Raises InvalidArn, ValidationException, MissingRequiredParameter, InvalidDefinition, StateMachineDoesNotExist,
        StateMachineDeleting, ServiceQuotaExceededException.
        """
        machine_arn = arns.unqualified(arn)
        if change == Change():
            raise MissingRequiredParameter(
                "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be"
                " specified"
            )
        if change.role_arn is not None:
            arns.check_role(change.role_arn)
        _check_publication(publication)
        with self.records.changing():
            machine = active_machine(self.tables, machine_arn)
            if change.definition is not None:
                check_definition(change.definition, machine.type)
            return self._published(self._changed(machine, change.applied(machine.configuration)), publication)

    def _changed(self, machine: Machine, configuration: Configuration) -> Machine:
        is_new = configuration != machine.configuration
        revision_id = self._new_revision() if is_new else machine.revision_id
        changed = replace(machine, updated_ms=self.now_ms(), revision_id=revision_id, configuration=configuration)
        self.tables.update_machine(changed)
        return changed

    def delete(self, arn: str) -> None:
        """Nothing happens to a machine that is not there. Raises InvalidArn, ValidationException."""
        machine = arns.unqualified(arn)
        with self.records.changing():
            self.tables.begin_to_delete(machine)
            self.tables.remove_deleted()

    def get(self, arn: str) -> Machine:
        """By its own ARN. Raises InvalidArn, ValidationException, StateMachineDoesNotExist."""
        return existing_machine(self.tables, arns.unqualified(arn))

    def is_deleting(self, arn: str) -> bool:
        """Whether this is the ARN of a machine that is being deleted."""
        machine = self.tables.machine(arn)
        return machine is not None and machine.status == "DELETING"

    def list(self, limit: int, after: str = "") -> list[MachineListed]:
        """By name, from the first after `after`."""
        return self.tables.machines(after, limit)

    def _published(self, machine: Machine, publication: Publication) -> Published:
        if not publication.publish:
            return machine, None
        return machine, self.versions.publish(machine.arn, description=publication.description)

    def _new_revision(self) -> str:
        return str(uuid.UUID(int=self.random.getrandbits(128), version=4))


def _check_publication(publication: Publication) -> None:
    if publication.description is not None and not publication.publish:
        raise ValidationException("Version description can only be set when publish is true")


def _check_repeated(found: Machine, type: MachineType, wanted: Configuration, publication: Publication) -> None:
    if found.status == "DELETING":
        raise StateMachineDeleting(found.arn)
    same_role = replace(wanted, role_arn=found.role_arn)
    if (found.type, found.configuration, found.created_with) != (type, same_role, publication):
        raise StateMachineAlreadyExists(found.arn)
