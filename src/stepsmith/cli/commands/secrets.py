"""Puts keys into Secrets Manager, where deployed functions read them: each the secrets that its tool.json or
caller.json lists, and no other's.

  push      the values of the environment and .env, all that are set there or those named
  list      which secrets there are, who reads them, and whether they have a value; values are never shown

`stepsmith infra apply` makes the secrets, empty: a value goes from here to Secrets Manager alone, never through
Terraform's plan or state. A process of a function that has read one asks again after five minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Literal

from ..errors import COMPLETED, CommandError, UsageError
from ..project import Project, near
from ..settings import Settings, read
from ..target import Target, target
from ..target import arguments as target_arguments
from ..terminal import note, say, table
from ..vault import put, readers_of, state

Verb = Literal["push", "list"]
VERBS: tuple[Verb, ...] = ("push", "list")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("verb", choices=VERBS, help="what to do")
    parser.add_argument("names", metavar="NAME", nargs="*", default=[], help="these alone: ANTHROPIC_API_KEY")
    target_arguments(parser)


def main(options: argparse.Namespace) -> int:
    from botocore.exceptions import BotoCoreError, ClientError

    settings = read(options.data)
    readers = _chosen(readers_of(Project(settings.root)), options.names)
    where = target(settings, options)
    try:
        if options.verb == "list":
            _list(where, readers)
        else:
            _push(where, settings, tuple(readers), all_needed=bool(options.names))
    except (BotoCoreError, ClientError) as error:
        raise CommandError(f"Secrets Manager does not do it: {error}") from None
    return COMPLETED


def _chosen(readers: Mapping[str, tuple[str, ...]], names: list[str]) -> Mapping[str, tuple[str, ...]]:
    for name in names:
        if name not in readers:
            raise UsageError(
                f"No function reads a secret {name!r}{near(name, readers)}; there are {', '.join(readers)}."
            )
    return {name: functions for name, functions in readers.items() if name in names or not names}


def _push(where: Target, settings: Settings, names: tuple[str, ...], all_needed: bool) -> None:
    """Raises UsageError, before anything is sent, where a value is not set that was named, or none is."""
    values = {name: settings.environment.get(name, "") for name in names}
    lacking = [name for name, value in values.items() if not value]
    if lacking and (all_needed or len(lacking) == len(names)):
        raise UsageError(f"Not set here: {', '.join(lacking)}. Set it in the environment or .env, then push again.")
    manager = where.client("secretsmanager")
    for name in names:
        if values[name]:
            put(manager, where.deployment.secret_name(name), values[name])
            say(f"{name}: pushed to {where.deployment.secret_name(name)}")
    if lacking:
        note(f"Not set here and left alone: {', '.join(lacking)}", "dim")


def _list(where: Target, readers: Mapping[str, tuple[str, ...]]) -> None:
    table(("secret", "value", "in Secrets Manager", "read by"), _rows(where, readers))


def _rows(where: Target, readers: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, ...]]:
    manager = where.client("secretsmanager")
    for name, functions in readers.items():
        secret = where.deployment.secret_name(name)
        yield name, state(manager, secret), secret, ", ".join(functions)
