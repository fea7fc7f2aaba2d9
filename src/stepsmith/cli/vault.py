"""Secrets of deployed functions: who reads which, whether one has a value in Secrets Manager, and putting one there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import CommandError
from .project import Project

CURRENT = "AWSCURRENT"


def readers_of(project: Project) -> Mapping[str, tuple[str, ...]]:
    """Every secret that a tool.json or caller.json lists, and the functions that do."""
    tools = [(tool.function, tool.secrets) for tool in map(project.tool, project.tools)]
    callers = [(f"caller-{vendor}", project.caller(vendor).secrets) for vendor in project.vendors]
    readers: dict[str, tuple[str, ...]] = {}
    for function, secrets in (*tools, *callers):
        for name in (secret.removesuffix("?") for secret in secrets):
            readers[name] = (*readers.get(name, ()), function)
    return dict(sorted(readers.items()))


def put(manager: Any, secret: str, value: str) -> None:
    try:
        manager.put_secret_value(SecretId=secret, SecretString=value)
    except manager.exceptions.ResourceNotFoundException:
        raise CommandError(
            f"There is no secret {secret!r}: `stepsmith infra apply` makes it, then push again."
        ) from None


def state(manager: Any, secret: str) -> str:
    """``set``, ``empty``, or ``not deployed``."""
    try:
        stages = manager.describe_secret(SecretId=secret).get("VersionIdsToStages", {})
    except manager.exceptions.ResourceNotFoundException:
        return "not deployed"
    return "set" if any(CURRENT in each for each in stages.values()) else "empty"
