"""Stand-ins of outside services, for runs that the scripted model plays: a demonstration needs no key and no network.

A tool that can be pointed at a stand-in lists the setting of its base URL in tool.json's ``environment``. One is
started for each such tool whose secrets are not set, or which needs none; a base URL of one's own is respected.

    with stand_ins(needed(settings, tools), settings) as there: ...     # the settings that lead there
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING

from stepsmith.contracts import ToolFunction

from .settings import Settings
from .terminal import note

if TYPE_CHECKING:
    from stand_ins.service.server import Service

_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z])")


def needed(settings: Settings, tools: Iterable[ToolFunction]) -> tuple[type[Service], ...]:
    """The stand-ins of the tools that cannot, or need not, reach their service."""
    asked = [tool for tool in tools if any(_is_open(settings, name) for name in tool.environment)]
    known = _known(settings) if asked else {}
    found = {name: known[name] for tool in asked for name in tool.environment if name in known}
    return tuple(service for name, service in found.items() if _is_open(settings, name) and _lacks(settings, service))


@contextmanager
def stand_ins(services: tuple[type[Service], ...], settings: Settings) -> Iterator[Settings]:
    """The settings with which tools ask these stand-ins, which run as long as the context is open."""
    if not services:
        yield settings
        return
    with ExitStack() as stack:
        opened = [stack.enter_context(service()) for service in services]
        note(_told(services), "yellow")
        variables = {name: value for each in opened for name, value in each.environment.items()}
        yield replace(settings, environment={**settings.environment, **variables})


def _known(settings: Settings) -> Mapping[str, type[Service]]:
    """Every stand-in below stand_ins/, by its variable; those that are no `Service` play model vendors."""
    from stand_ins.service.server import Service

    for path in sorted((settings.root / "stand_ins").glob("*/server.py")):
        import_module(f"stand_ins.{path.parent.name}.server")
    return {service.VARIABLE: service for service in Service.__subclasses__() if hasattr(service, "VARIABLE")}


def _is_open(settings: Settings, variable: str) -> bool:
    return not settings.environment.get(variable)


def _lacks(settings: Settings, service: type[Service]) -> bool:
    return not service.SECRETS or not all(settings.environment.get(name) for name in service.SECRETS)


def _told(services: tuple[type[Service], ...]) -> str:
    names = ", ".join(_WORDS.sub(" ", service.__name__) for service in services)
    verb = "is a stand-in" if len(services) == 1 else "are stand-ins"
    return f"Offline: {names} {verb} with sample data."
