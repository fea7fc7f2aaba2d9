"""The desk of a data folder: the table in this machine's DynamoDB, the runs of its journal.

The answer to a run is a letter (local/inbox.py), so it does not matter who works on the run, or whether anybody does.
Nothing is asked of DynamoDB, which takes most of a second to load, as long as nothing was ever kept there.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from stepsmith.asl import tokens
from stepsmith.contracts import ApprovalRequest
from stepsmith.contracts.approval import DELETE_AT, KEPT_DAYS, UNDECIDED, WAITING
from stepsmith.local.database import Database
from stepsmith.local.inbox import Inbox
from stepsmith.local.journal import replay
from stepsmith.local.moto import Fault, Moto
from stepsmith.local.run import nothing
from stepsmith.local.store import Store

from .desk import Approvals
from .table import EXPIRES_AT, REQUEST, Item, Refused, Table


def desk(
    table: Table, database: Database, now_ms: Callable[[], int], deliver: Callable[[], None] = nothing
) -> Approvals:
    """`deliver` tells a runtime of this process that there is a letter; the runtimes of others see it."""
    return Approvals(table, HereRuns(database, now_ms, deliver), now_ms)


def table_of(moto: Moto, name: str) -> Table:
    """The table in this machine's DynamoDB."""

    async def ask(action: str, given: Mapping[str, Any]) -> Any:
        try:
            return await moto.ask("dynamodb", action, given)
        except Fault as fault:
            raise Refused(fault.code, fault.message) from fault

    return Table(name, ask, lambda: moto.mark("dynamodb"))


class HereRuns:
    """The runs of a data folder."""

    def __init__(self, database: Database, now_ms: Callable[[], int], deliver: Callable[[], None]) -> None:
        self._store, self._inbox = Store(database), Inbox(database)
        self._now_ms, self._deliver = now_ms, deliver

    def execution(self, request: ApprovalRequest, token: str) -> str:
        said = tokens.read(token)
        return "" if said is None else said.arn

    def status(self, execution: str) -> str:
        row = self._store.execution(execution)
        return row.status if row else "UNKNOWN"

    def lineage(self, execution: str) -> Iterator[str]:
        arn: str | None = execution
        while arn is not None:
            yield arn
            row = self._store.execution(arn)
            arn = row.started_by.rpartition("#")[0] if row and row.started_by else None

    def history(self, execution: str) -> Sequence[Mapping[str, Any]]:
        """By replay. Raises InterpreterChanged."""
        row = self._store.execution(execution)
        if row is None:
            return ()
        events = replay(self._store.beginning(row.id), self._store.journal(row.id)).execution.events
        return [event.to_json() for event in events]

    def answer(self, token: str, output: Any) -> None:
        self._inbox.put(token, output, self._now_ms())
        self._deliver()

    def verdict(self, token: str) -> str | None:
        return self._inbox.verdict(token)


async def carry_over(database: Database, table: Table) -> None:
    """Brings requests that an older version kept in `runs.db` into the table. Done twice it is done once."""
    for tbl, key, body in database.execute("SELECT tbl, key, body FROM carried").fetchall():
        await table.put(_with_index(json.loads(body)))
        database.execute("DELETE FROM carried WHERE tbl = ? AND key = ?", (tbl, key))


def _with_index(item: Item) -> Item:
    """The item with the attributes that requests have today."""
    expires_at = str(json.loads(item[REQUEST]["S"])[EXPIRES_AT])
    forgotten = int(datetime.fromisoformat(expires_at).timestamp()) + KEPT_DAYS * 86_400
    return {**item, WAITING: {"S": UNDECIDED}, DELETE_AT: {"N": str(forgotten)}, EXPIRES_AT: {"S": expires_at}}
