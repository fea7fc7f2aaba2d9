"""The recorded runs of a data folder, to be read: who wants no more needs no runtime, and loads none.

    with archive(data) as recorded:
        row = recorded.find("7f3k")
        for event in recorded.history(row.arn): ...

Methods take a run by its name, its ARN, or as much of the name as is unique. Raise StoreError.
"""

from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from pathlib import Path

from stepsmith import asl
from stepsmith.local.database import Database
from stepsmith.local.errors import AmbiguousRun, UnknownRun
from stepsmith.local.histories import Histories
from stepsmith.local.inbox import Inbox
from stepsmith.local.ownership import Ownership
from stepsmith.local.packing import encode
from stepsmith.local.store import Beginning, Ending, Row, Status, Store

RUNS, LOCKS = "runs.db", "runs.lock"


class Archive:
    """See the module."""

    def _open_records(self, opening: ExitStack | AsyncExitStack, database: Database, locks: Path) -> None:
        """Everything is closed with `opening`."""
        opening.callback(database.close)
        self.database, self.store, self.inbox = database, Store(database), Inbox(database)
        self._owned = Ownership(locks)
        opening.callback(self._owned.close)
        self._histories = Histories(self.store)

    def find(self, run: str) -> Row:
        """The run with this name or ARN, or the only one whose name begins so. Raises UnknownRun, AmbiguousRun."""
        if not run.isprintable():  # no name has these letters, and the database takes no lone surrogate
            raise UnknownRun(run)
        if run.startswith("arn:"):
            found = self.store.execution(run)
            rows = [found] if found else []
        else:
            rows = self.store.beginning_with(run)
            rows = [row for row in rows if row.name == run] or rows
        if len(rows) > 1:
            raise AmbiguousRun(run, tuple(row.name for row in rows))
        if not rows:
            raise UnknownRun(run)
        return rows[0]

    def list(self, limit: int = 100, status: Status | None = None, before: int | None = None) -> Sequence[Row]:
        """The latest runs first; `before` is the `id` of the last row of the page before."""
        return self.store.executions(limit, status, before)

    def is_owned(self, row: Row) -> bool:
        """Whether a living process, this one included, works on the run."""
        return self._owned.is_owned(row.id)

    def beginning(self, run: str) -> Beginning:
        """What a run began with: definition, input, time, seed."""
        return self.store.beginning(self.find(run).id)

    def ending(self, run: str) -> Ending | None:
        """How a run ended; None while it has not."""
        return self.store.ending(self.find(run).id)

    def history(self, run: str) -> Sequence[asl.HistoryEvent]:
        """Every recorded event of a run. InterpreterChanged when this interpreter tells another story."""
        return self._histories.of(self.find(run))

    def input_text(self, row: Row) -> str:
        """The input of an execution as it was written."""
        beginning = self.store.beginning(row.id)
        return (beginning.input_text or encode(beginning.input)).decode()


@contextmanager
def archive(data: Path) -> Iterator[Archive]:
    """The archive of a data folder."""
    with ExitStack() as opening:
        made = Archive()
        made._open_records(opening, Database(data / RUNS), data / LOCKS)
        yield made
