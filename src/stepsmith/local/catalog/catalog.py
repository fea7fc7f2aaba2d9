"""The catalog of one data folder: what there is to run, and what an ARN of it means.

catalog = Catalog(database, clock.now_ms, random)
machine = catalog.put("sql", definition, role_arn)
resolved = catalog.resolve("arn:aws:states:us-east-1:000000000000:stateMachine:sql:PROD")
runtime.start(resolved.arn, resolved.definition, input)
"""

from collections.abc import Callable
from dataclasses import replace
from random import Random

from stepsmith.local.catalog import arns
from stepsmith.local.catalog.activities import Activities
from stepsmith.local.catalog.aliases import Aliases
from stepsmith.local.catalog.arns import MachineArn
from stepsmith.local.catalog.errors import StateMachineDoesNotExist
from stepsmith.local.catalog.lookup import active_machine, existing_machine, existing_version
from stepsmith.local.catalog.machines import Change, Machines
from stepsmith.local.catalog.records import Records
from stepsmith.local.catalog.tables import Tables
from stepsmith.local.catalog.tags import TagTable
from stepsmith.local.catalog.values import (
    AWS_QUOTAS,
    Alias,
    Configuration,
    Machine,
    MachineType,
    Quotas,
    Resolved,
    Version,
)
from stepsmith.local.catalog.versions import Versions
from stepsmith.local.database import Database


class Catalog:
    """State machines, versions, aliases, tags and activities, each with its own rules; and what they are together."""

    def __init__(
        self,
        database: Database,
        now_ms: Callable[[], int],
        random: Random,
        account: str = "000000000000",
        region: str = "us-east-1",
        quotas: Quotas = AWS_QUOTAS,
    ) -> None:
        self._random = random
        self._home = f"arn:aws:states:{region}:{account}"
        self._records = records = Records(database)
        self._tables = tables = Tables(records)
        self.tags = TagTable(records, tables, quotas)
        self.versions = Versions(records, tables, now_ms, quotas)
        self.aliases = Aliases(records, tables, now_ms, quotas)
        self.machines = Machines(records, tables, self.versions, self.tags, now_ms, random, quotas, self.machine_arn)
        self.activities = Activities(records, self.tags, now_ms, quotas, self.activity_arn)

    def machine_arn(self, name: str) -> str:
        return f"{self._home}:stateMachine:{name}"

    def activity_arn(self, name: str) -> str:
        return f"{self._home}:activity:{name}"

    def put(self, name: str, definition: str, role_arn: str, type: MachineType = "STANDARD") -> Machine:
        """A machine of this name with this definition and role: created, updated or as it is. Publishes nothing.

        Raises InvalidName, InvalidArn, InvalidDefinition, StateMachineDeleting, StateMachineLimitExceeded.
        """
        found = self._tables.machine(self.machine_arn(name))
        if found and (found.status, found.definition, found.role_arn) == ("ACTIVE", definition, role_arn):
            return found
        with self._records.changing():
            found = self._tables.machine(self.machine_arn(name))
            if found is None:
                return self.machines.create(name, type, Configuration(definition, role_arn))[0]
            return self.machines.update(found.arn, Change(definition, role_arn))[0]

    def describe(self, arn: str) -> tuple[Machine, Version | None]:
        """A machine, being deleted or not, and the version if the ARN names one; for an alias the version that it
        routes most to. A label is left to the caller. Raises InvalidArn, StateMachineDoesNotExist.
        """
        named = arns.machine_arn(arn)
        machine = existing_machine(self._tables, named.machine, arn)
        if named.alias is not None:
            routes = self._alias(named, arn).routes
            named = arns.machine_arn(max(routes, key=lambda route: route.weight).version_arn)
        return machine, None if named.version is None else existing_version(self._tables, named)

    def resolve(self, arn: str) -> Resolved:
        """What an execution of a state machine, a version or an alias runs; an alias draws one of its routes.

        Raises InvalidArn, ValidationException (a label), StateMachineDoesNotExist, StateMachineDeleting.
        """
        named = arns.unlabelled(arn)
        machine = active_machine(self._tables, named.machine, arn)
        if named.alias is not None:
            return replace(self._version(machine, self._draw(self._alias(named, arn))), alias_arn=arn)
        if named.version is not None:
            return self._version(machine, arn)
        return Resolved(machine, machine.configuration, machine.revision_id)

    def _alias(self, named: MachineArn, arn: str) -> Alias:
        found = self._tables.alias(named.machine, named.alias or "")
        if found is None:
            raise StateMachineDoesNotExist(arn)
        return found

    def _version(self, machine: Machine, arn: str) -> Resolved:
        version = existing_version(self._tables, arns.machine_arn(arn))
        return Resolved(machine, version.configuration, version.revision_id, version_arn=version.arn)

    def _draw(self, alias: Alias) -> str:
        weights = [route.weight for route in alias.routes]
        return self._random.choices(alias.routes, weights)[0].version_arn
