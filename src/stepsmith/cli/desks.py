"""Where requests wait and are decided: on this machine, or in a deployed environment.

desk = chosen(settings, options)                 # --deployed --env dev
async with desk.opened() as (approvals, approver):
    for waiting in await approvals.waiting(): ...
"""

from __future__ import annotations

import argparse
import getpass
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from stepsmith.local.approvals import Approvals, Refused, Table, here
from stepsmith.local.database import Database
from stepsmith.local.moto import Moto

from . import deployed_desk
from .client import DYNAMODB, Refusal, running
from .laptop import LOCAL, SEEDS
from .settings import Settings
from .target import Target, target
from .target import arguments as target_arguments


@dataclass(frozen=True)
class Desk:
    """`opened` gives its approvals and the name of whoever decides there, for one thread. `options` are what a command
    says to mean it, `look_seconds` how often it is polite to look what waits."""

    opened: Callable[[], AbstractAsyncContextManager[tuple[Approvals, str]]]
    options: str = ""
    look_seconds: float = 0.25


def at_hand(settings: Settings) -> Desk:
    """Of the data folder; who decides is the user of the operating system."""
    return Desk(partial(_at_hand, settings))


def deployed(where: Target) -> Desk:
    """Of a deployed environment; who decides is whoever the key belongs to."""
    return Desk(partial(deployed_desk.opened, where), f" --deployed {where.options}", look_seconds=1)


def chosen(settings: Settings, options: argparse.Namespace) -> Desk:
    """The one that the options name."""
    return deployed(target(settings, options)) if options.deployed else at_hand(settings)


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options that name a desk."""
    parser.add_argument("--deployed", action="store_true", help="requests of a deployed environment (docs/deploy.md)")
    target_arguments(parser)


@asynccontextmanager
async def _at_hand(settings: Settings) -> AsyncIterator[tuple[Approvals, str]]:
    database, moto = Database(settings.data / "runs.db"), Moto(settings.data, seeds=SEEDS)
    try:
        table = _table(settings, moto)
        await here.carry_over(database, table)
        yield here.desk(table, database, lambda: time.time_ns() // 1_000_000), getpass.getuser()
    finally:
        await moto.close()
        database.close()


def _table(settings: Settings, moto: Moto) -> Table:
    """The table, asked at the folder's endpoint where there is one: it has loaded what takes a second here."""
    endpoint = running(settings.data)
    if endpoint is None:
        return here.table_of(moto, LOCAL.approvals_table)

    async def ask(action: str, given: Mapping[str, Any]) -> Any:
        try:
            return endpoint.ask(DYNAMODB, action, given)
        except Refusal as refusal:
            raise Refused(refusal.code, str(refusal)) from None

    return Table(LOCAL.approvals_table, ask, lambda: moto.mark("dynamodb"))
