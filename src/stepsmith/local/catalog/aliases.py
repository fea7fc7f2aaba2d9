"""Aliases: names that route to one version of a machine, or to two by weight."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from stepsmith.local.catalog import arns
from stepsmith.local.catalog.errors import (
    ConflictException,
    InvalidArn,
    ReferenceNotFound,
    ServiceQuotaExceededException,
    StateMachineDeleting,
    ValidationException,
)
from stepsmith.local.catalog.lookup import active_machine, existing_alias
from stepsmith.local.catalog.records import Records
from stepsmith.local.catalog.tables import Tables
from stepsmith.local.catalog.values import Alias, Quotas, Route

Routes = tuple[Route, ...]


@dataclass(frozen=True, slots=True)
class Aliases:
    """The aliases of all machines. `routes` are one or two; the machine of the first is the alias's."""

    records: Records
    tables: Tables
    now_ms: Callable[[], int]
    quotas: Quotas

    def create(self, name: str, routes: Routes, description: str | None = None) -> Alias:
        """The same name, routes and description again are the same alias.

        Raises InvalidArn, ValidationException, StateMachineDeleting, ResourceNotFound (of a machine that is not there,
        too), ConflictException, ServiceQuotaExceededException.
        """
        machine = _machine(routes)
        with self.records.changing():
            self._check_versions(machine, routes)
            found = self.tables.alias(machine, name)
            if found is None:
                return self._add(machine, name, description, routes)
            if (found.routes, found.description) != (routes, description):
                raise ConflictException(
                    "Failed to create alias because an alias with the same name and a different routing configuration"
                    " already exists."
                )
            return found

    def _add(self, machine: str, name: str, description: str | None, routes: Routes) -> Alias:
        if len(self.tables.aliases(machine)) >= self.quotas.aliases:
            raise ServiceQuotaExceededException(
                f"The state machine '{machine}' has {self.quotas.aliases} aliases, as many as may be."
                " Delete aliases that are not used."
            )
        now_ms = self.now_ms()
        return self.tables.add_alias(Alias(0, machine, name, description, routes, now_ms, now_ms))

    def update(self, arn: str, routes: Routes | None = None, description: str | None = None) -> Alias:
        """What is None stays. Raises as `create`, and ResourceNotFound for an alias that is not there."""
        named = arns.alias_arn(arn)
        if routes is None and description is None:
            raise ValidationException(
                "Either the description or the routing configuration must be specified.", "MISSING_REQUIRED_PARAMETER"
            )
        with self.records.changing():
            alias = existing_alias(self.tables, named)
            if routes is not None:
                if _machine(routes) != alias.machine:
                    raise _bad_routes("An alias routes to versions of its own state machine only.")
                self._check_versions(alias.machine, routes)
            changed = replace(
                alias,
                routes=alias.routes if routes is None else routes,
                description=alias.description if description is None else description,
                updated_ms=self.now_ms(),
            )
            self.tables.update_alias(changed)
            return changed

    def get(self, arn: str) -> Alias:
        """Raises InvalidArn, ValidationException, ResourceNotFound."""
        return existing_alias(self.tables, arns.alias_arn(arn))

    def list(self, arn: str, limit: int, before: int | None = None) -> Sequence[Alias]:
        """The latest first, of a machine or of those that route to one version; `before` is the id after which the
        page before ended. Raises InvalidArn, StateMachineDoesNotExist, StateMachineDeleting, ResourceNotFound.
        """
        named = arns.unlabelled(arn)
        active_machine(self.tables, named.machine, arn)
        if named.alias is not None:
            raise InvalidArn(f"The ARN of an alias is not valid in this context: {arn}")
        if named.version is not None and self.tables.version(named.machine, named.version) is None:
            raise ReferenceNotFound(arn)
        found = [alias for alias in self.tables.aliases(named.machine) if before is None or alias.id < before]
        return [alias for alias in found if named.version is None or alias.routes_to(arn)][:limit]

    def delete(self, arn: str) -> None:
        """Raises InvalidArn, ValidationException, ResourceNotFound."""
        named = arns.alias_arn(arn)
        with self.records.changing():
            alias = existing_alias(self.tables, named)
            self.tables.remove_alias(alias.machine, alias.name)

    def _check_versions(self, machine: str, routes: Routes) -> None:
        found = self.tables.machine(machine)
        if found and found.status == "DELETING":
            raise StateMachineDeleting(machine)
        for route in routes:
            version = arns.version_arn(route.version_arn).version
            if version is None or self.tables.version(machine, version) is None:
                raise ReferenceNotFound(route.version_arn)


def _machine(routes: Routes) -> str:
    """The one machine that all routes lead to. Raises InvalidArn, ValidationException."""
    versions = [arns.version_arn(route.version_arn) for route in routes]
    received = ", ".join(route.version_arn for route in routes)
    if len(set(versions)) < len(versions):
        raise _bad_routes(
            f"Routing configuration must contain distinct state machine version ARNs. Received: [{received}]"
        )
    if len({version.machine for version in versions}) > 1:
        raise _bad_routes(f"Routing configuration must name versions of one state machine. Received: [{received}]")
    total = sum(route.weight for route in routes)
    if total != 100:
        raise _bad_routes(f"Sum of routing configuration weights must equal 100. Received: {total}")
    return versions[0].machine


def _bad_routes(message: str) -> ValidationException:
    return ValidationException(message, "INVALID_ROUTING_CONFIGURATION")
