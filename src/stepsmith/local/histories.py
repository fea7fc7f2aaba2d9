"""Histories by replay, a few of them kept: whoever reads one page of a history soon reads the next one."""

from collections import OrderedDict
from collections.abc import Sequence

from stepsmith import asl
from stepsmith.local.errors import InterpreterChanged
from stepsmith.local.journal import replay
from stepsmith.local.store import Row, Store

KEPT = 2
"""Histories in memory; one holds 25,000 events at most."""

_Key = tuple[int, int, int | None]


class Histories:
    """The histories of executions that are not at work in this process."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: OrderedDict[_Key, Sequence[asl.HistoryEvent]] = OrderedDict()

    def of(self, row: Row) -> Sequence[asl.HistoryEvent]:
        """Every recorded event. InterpreterChanged when this interpreter tells another story."""
        key = (row.id, self._store.outcomes(row.id), row.stopped_ms)
        if key not in self._kept:
            self._kept[key] = self._read(row)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return self._kept[key]

    def _read(self, row: Row) -> Sequence[asl.HistoryEvent]:
        ending = self._store.ending(row.id)  # before the journal: a run at work may end in between
        replica = replay(self._store.beginning(row.id), self._store.journal(row.id))
        if ending is not None and replica.ending() != ending:
            raise InterpreterChanged(row.name, row.interpreter, asl.INTERPRETER)
        return replica.execution.events
