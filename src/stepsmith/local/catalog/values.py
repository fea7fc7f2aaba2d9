"""The nouns of the catalog, as frozen values; times are in milliseconds since 1970.

A machine has one current `Configuration`; a `Version` is a numbered configuration that never changes; an `Alias` routes
to one or two versions. `Resolved` is what an execution starts with, whichever of the three its caller named.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from stepsmith.local.catalog.settings import AWS_OWNED_KEY, NO_LOGGING, NO_TRACING, Encryption, Logging, Tracing

MachineType = Literal["STANDARD", "EXPRESS"]
MachineStatus = Literal["ACTIVE", "DELETING"]
Tags = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Configuration:
    """What an update may change. All of it together is a revision."""

    definition: str
    role_arn: str
    logging: Logging = NO_LOGGING
    tracing: Tracing = NO_TRACING
    encryption: Encryption = AWS_OWNED_KEY


@dataclass(frozen=True, slots=True)
class Publication:
    """Whether to publish a version on the way, and what to say of it."""

    publish: bool = False
    description: str | None = None


UNPUBLISHED = Publication()


@dataclass(frozen=True, slots=True)
class Machine:
    """A state machine; `revision_id` is None until its first update, `created_with` what its creation published."""

    arn: str
    name: str
    type: MachineType
    created_ms: int
    updated_ms: int
    configuration: Configuration
    created_with: Publication = UNPUBLISHED
    revision_id: str | None = None
    status: MachineStatus = "ACTIVE"

    @property
    def definition(self) -> str:
        return self.configuration.definition

    @property
    def role_arn(self) -> str:
        return self.configuration.role_arn


@dataclass(frozen=True, slots=True)
class MachineListed:
    """What a list tells of a machine: reading a thousand definitions for it would take a second."""

    arn: str
    name: str
    type: MachineType
    created_ms: int


@dataclass(frozen=True, slots=True)
class VersionListed:
    """What a list tells of a version."""

    arn: str
    number: int
    created_ms: int


@dataclass(frozen=True, slots=True)
class Version:
    """A published configuration of a machine."""

    machine: str
    number: int
    created_ms: int
    description: str | None
    revision_id: str | None
    configuration: Configuration

    @property
    def arn(self) -> str:
        return f"{self.machine}:{self.number}"


@dataclass(frozen=True, slots=True)
class Route:
    """A version, and how many of a hundred executions it gets."""

    version_arn: str
    weight: int


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for one or two versions of a machine; the `id` grows with each new one."""

    id: int
    machine: str
    name: str
    description: str | None
    routes: tuple[Route, ...]
    created_ms: int
    updated_ms: int

    @property
    def arn(self) -> str:
        return f"{self.machine}:{self.name}"

    def routes_to(self, version_arn: str) -> bool:
        return any(route.version_arn == version_arn for route in self.routes)


@dataclass(frozen=True, slots=True)
class Activity:
    """Work that a program outside polls for."""

    arn: str
    name: str
    created_ms: int
    encryption: Encryption = AWS_OWNED_KEY


@dataclass(frozen=True, slots=True)
class Resolved:
    """What an execution runs: `version_arn` and `alias_arn` as far as it was started by one."""

    machine: Machine
    configuration: Configuration
    revision_id: str | None = None
    version_arn: str | None = None
    alias_arn: str | None = None

    @property
    def arn(self) -> str:
        """The machine's own ARN."""
        return self.machine.arn

    @property
    def type(self) -> MachineType:
        return self.machine.type

    @property
    def definition(self) -> str:
        return self.configuration.definition

    @property
    def role_arn(self) -> str:
        return self.configuration.role_arn


@dataclass(frozen=True, slots=True)
class Quotas:
    """How many there may be (Step Functions service quotas; AWS's defaults)."""

    machines: int = 100_000
    activities: int = 100_000
    versions: int = 1_000
    aliases: int = 100
    tags: int = 50


AWS_QUOTAS = Quotas()
