"""``tool.json`` and ``caller.json``: the one description of a tool Lambda, and of a model caller.

What the model sees, IAM, Terraform, the local runtime, the docs page and the tests all read this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from .codec import AtLeast, Positive, Strict

Language = Literal["python", "typescript", "rust", "java", "go"]
Architecture = Literal["x86_64", "arm64"]


@dataclass(frozen=True)
class Annotations(Strict):
    """MCP's hints. `readOnlyHint`: changes nothing outside the run's own artifacts. All four are always written."""

    readOnlyHint: bool
    destructiveHint: bool
    idempotentHint: bool
    openWorldHint: bool

    @property
    def repeatable(self) -> bool:
        """Whether a call whose outcome is unknown may be made again."""
        return self.readOnlyHint or self.idempotentHint


@dataclass(frozen=True)
class Tool(Strict):
    """One tool as the model sees it; `input_schema` is JSON Schema of an object."""

    name: str
    description: str
    input_schema: Mapping[str, Any]
    annotations: Annotations


@dataclass(frozen=True)
class Permission(Strict):
    """One IAM statement: what the function's role may do, and on what."""

    actions: tuple[str, ...]
    resources: tuple[str, ...]


@dataclass(frozen=True)
class ToolFunction(Strict):
    """A tool Lambda: its function, its tools, and what it may reach.

    `secrets` are names; ``X?`` is optional. `serial` says that a turn which holds one of its calls runs all its calls
    one after another. `handler` is left out for Python, where it is always ``<function>.handler.handler``.
    """

    function: str
    language: Language
    timeout_seconds: Positive
    memory_mb: Annotated[int, AtLeast(128)]
    network: Literal["none", "vpc", "internet"]
    tools: tuple[Tool, ...]
    runtime: str | None = None
    handler: str | None = None
    architectures: tuple[Architecture, ...] = ("x86_64",)
    serial: bool | None = None
    permissions: tuple[Permission, ...] = ()
    secrets: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CallerFunction(Strict):
    """``caller.json``: the one description of a model caller's Lambda.

    `models` are examples of what may stand after ``<vendor>:``, the first one the best for a first try. `secrets` as
    in `ToolFunction`; `environment` are defaults that settings may replace.
    """

    vendor: str
    description: str
    timeout_seconds: Positive
    memory_mb: Annotated[int, AtLeast(128)]
    models: tuple[str, ...]
    secrets: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    architectures: tuple[Architecture, ...] = ("x86_64",)
