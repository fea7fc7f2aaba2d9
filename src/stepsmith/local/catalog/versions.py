"""Versions: numbered configurations of a machine that never change, numbers never used again.

A revision is published once: publishing it again gives the version that is there (Developer Guide, "State machine
versions"). The revision of a machine that was never updated is called INITIAL.
"""

from collections.abc import Callable
from dataclasses import dataclass

from stepsmith.local.catalog import arns
from stepsmith.local.catalog.errors import ConflictException, ServiceQuotaExceededException
from stepsmith.local.catalog.lookup import active_machine, existing_version
from stepsmith.local.catalog.records import Records
from stepsmith.local.catalog.tables import Tables
from stepsmith.local.catalog.values import Machine, Quotas, Version, VersionListed

INITIAL = "INITIAL"


@dataclass(frozen=True, slots=True)
class Versions:
    """The versions of all machines."""

    records: Records
    tables: Tables
    now_ms: Callable[[], int]
    quotas: Quotas

    def publish(self, arn: str, revision_id: str | None = None, description: str | None = None) -> Version:
        """PublishStateMachineVersion; a `revision_id` must be the machine's current one, or it is a ConflictException.

        Raises InvalidArn, ValidationException, StateMachineDoesNotExist, StateMachineDeleting, ConflictException,
        ServiceQuotaExceededException.
        """
        with self.records.changing():
            machine = active_machine(self.tables, arns.unqualified(arn))
            current = machine.revision_id or INITIAL
            if revision_id not in (None, current):
                raise ConflictException(
                    f"Failed to publish the State Machine version for revision {revision_id}."
                    f" The current State Machine revision is {current}."
                )
            return self.tables.version_of(machine) or self._add(machine, description)

    def _add(self, machine: Machine, description: str | None) -> Version:
        if self.tables.count_versions(machine.arn) >= self.quotas.versions:
            raise ServiceQuotaExceededException(
                f"The state machine '{machine.arn}' has {self.quotas.versions} versions, as many as may be."
                " Delete versions that are not used."
            )
        number = self.tables.next_number(machine.arn)
        version = Version(machine.arn, number, self.now_ms(), description, machine.revision_id, machine.configuration)
        self.tables.add_version(version)
        return version

    def get(self, arn: str) -> Version:
        """Raises InvalidArn, ValidationException, StateMachineDoesNotExist."""
        return existing_version(self.tables, arns.version_arn(arn))

    def list(self, arn: str, limit: int, before: int | None = None) -> list[VersionListed]:
        """The latest first; `before` is the number after which the page before ended. None of a machine that is not
        there: the service model has no error for it. Raises InvalidArn, ValidationException."""
        machine = arns.unqualified(arn)
        return self.tables.versions(machine, before, limit) if self.tables.machine(machine) else []

    def delete(self, arn: str) -> None:
        """Nothing happens to a version that is not there. Raises InvalidArn, ValidationException, ConflictException."""
        version = arns.version_arn(arn)
        assert version.version is not None
        with self.records.changing():
            routing = [alias.name for alias in self.tables.aliases(version.machine) if alias.routes_to(arn)]
            if routing:
                raise ConflictException(
                    "Version to be deleted must not be referenced by an alias."
                    f" Current list of aliases referencing this version: [{', '.join(routing)}]"
                )
            self.tables.remove_version(version.machine, version.version)
