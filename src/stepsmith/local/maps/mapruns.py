"""All Map Runs of a runtime: performed, looked at, changed while they run."""

import asyncio
from contextlib import suppress

from stepsmith import asl
from stepsmith.local.errors import RunError, RunIsOwned
from stepsmith.local.executions import Executions
from stepsmith.local.maps.children import Children, Counts
from stepsmith.local.maps.records import Record, Records
from stepsmith.local.maps.run import A_TURN, MapRun, World
from stepsmith.local.roles.machines import Rights
from stepsmith.local.run import Run, Stop
from stepsmith.local.s3 import Buckets
from stepsmith.local.starting import Starting
from stepsmith.local.store import Row, Store
from stepsmith.local.task import MapTask


class MapRuns:
    """See the module."""

    def __init__(
        self,
        records: Records,
        store: Store,
        executions: Executions,
        starting: Starting,
        buckets: Buckets,
        rights: Rights,
    ) -> None:
        self.records = records
        self._children = Children(store, records)
        self._world = World(records, self._children, store, executions, starting, buckets, rights)
        self._at_work: dict[str, MapRun] = {}

    def close(self) -> None:
        self.records.close()

    def perform(self, task: MapTask) -> Stop:
        """Begins a Map Run, or goes on with one that is recorded: once it has stopped its children, where its execution
        was stopped and redriven meanwhile ("the running Map Run completes its operations before attempting to redrive",
        Developer Guide)."""
        assert isinstance(task.run, Run)
        arn = task.effect.arn
        before, run = self._at_work.get(arn), MapRun(task, task.run, self._world)
        self._at_work[arn] = run

        def forget() -> None:
            if self._at_work.get(arn) is run:
                del self._at_work[arn]

        run.when_done(forget)
        if before is None:
            run.begin()
        else:
            before.when_done(run.begin)
        return run.stop

    def abort_orphans(self) -> None:
        """Ends Map Runs whose parent has ended: the process died before it could. Raises StoreError."""
        for record in self.records.running():
            parent = self._world.store.execution(record.execution)
            if parent is not None and parent.stopped_ms is not None:
                self.records.end(record, "ABORTED", parent.stopped_ms, is_written=False)
                self._stop(self._children.running(record))

    def _stop(self, rows: list[Row]) -> None:
        """Stops children that nobody follows, some a turn."""
        for row in rows[:A_TURN]:
            with suppress(RunError):  # another process works on it, or it has ended
                self._world.executions.take(row).stop()
        if rows[A_TURN:]:
            asyncio.get_running_loop().call_soon(self._stop, rows[A_TURN:])

    def counts(self, record: Record) -> tuple[Counts, Counts]:
        """Of the children of a Map Run, and of the items in them."""
        return self._children.counts(record)

    def bound(self, record: Record, at_once: int | None, tolerance: asl.Tolerance) -> None:
        """Changes the bounds of a Map Run, at once. RunIsOwned: another process works on it."""
        run = self._at_work.get(record.arn)
        if run is None:
            raise RunIsOwned(record.arn)
        run.bound(self.records.bound(record, at_once, tolerance))
