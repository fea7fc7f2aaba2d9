"""The nouns of functions that were created through the API, as they are kept."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .names import LATEST, function_arn

DEFAULT_ARCHITECTURE = "x86_64"


@dataclass(frozen=True, slots=True)
class Code:
    """A zip: its SHA-256 as Lambda writes it (base64), and its size."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Layer:
    """A version of a layer that a function has: its code stays the function's when the version is deleted."""

    arn: str
    code: Code


@dataclass(frozen=True, slots=True)
class Settings:
    """What a function is configured to. `kept` are members that this machine gives back as they came and does not act
    on (VpcConfig, TracingConfig, ...), by their names in the API."""

    role: str
    runtime: str
    handler: str
    description: str = ""
    timeout_seconds: int = 3
    memory_mb: int = 128
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    layers: tuple[Layer, ...] = ()
    architectures: tuple[str, ...] = (DEFAULT_ARCHITECTURE,)
    kept: Mapping[str, Any] = field(default_factory=dict)

    @property
    def log_group(self) -> str:
        """The one that LoggingConfig names; empty: the function's own."""
        return str(self.kept.get("LoggingConfig", {}).get("LogGroup", ""))


@dataclass(frozen=True, slots=True)
class Version:
    """A function as it is now (number 0, `$LATEST`), or as it was when it was published."""

    function: str
    number: int
    settings: Settings
    code: Code
    modified_ms: int
    revision_id: str

    @property
    def name(self) -> str:
        return str(self.number) if self.number else LATEST

    @property
    def arn(self) -> str:
        return function_arn(self.function, self.name if self.number else None)


@dataclass(frozen=True, slots=True)
class Created:
    """A function: how many versions it ever had, and its reserved concurrency, None without."""

    name: str
    versions: int
    reserved: int | None


@dataclass(frozen=True, slots=True)
class Alias:
    """A name for a version; `weights` send a share of its calls to another one (its number: 0 to 1)."""

    function: str
    name: str
    version: str
    description: str
    weights: Mapping[str, float]
    revision_id: str

    def chosen(self, chance: Callable[[], float]) -> str:
        """The version that a call gets; `chance` is asked, from 0 to 1, where there are two."""
        drawn = chance() if self.weights else 1.0
        return next((number for number, weight in self.weights.items() if drawn < weight), self.version)


@dataclass(frozen=True, slots=True)
class Policy:
    """Who else may call a function, or one version or alias of it (qualifier, empty without): kept and shown."""

    function: str
    qualifier: str
    statements: tuple[Mapping[str, Any], ...]
    revision_id: str


@dataclass(frozen=True, slots=True)
class EventInvoke:
    """How asynchronous calls of a function (or of a version or alias) are retried, and whom their end is told."""

    function: str
    qualifier: str
    modified_ms: int
    retries: int | None = None
    age_seconds: int | None = None
    on_success: str | None = None
    on_failure: str | None = None


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """A zip that functions find under /opt. `about` are the members that say what it is for."""

    layer: str
    number: int
    code: Code
    created_ms: int
    about: Mapping[str, Any]
