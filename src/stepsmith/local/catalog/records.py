"""Reading and writing the catalog's part of the database, and how long what was read may be kept in memory.

Whatever changes the catalog raises `catalog.generation`; what was read holds as long as that number stands. SQLite's
`data_version` tells for a few microseconds whether another connection wrote anything at all, and only then the number
is read again: other processes' executions cost nothing here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from stepsmith.local.database import Database

CACHED = 256
"""How many answers of one question stay in memory: a definition of an agent has 30 KB."""


class Records:
    """One database's catalog. Raises StoreErrors only."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._data_version = self._generation = -1
        self._caches: list[Callable[[], None]] = []

    def remembered[**Q, A](self, read: Callable[Q, A]) -> Callable[Q, A]:
        """The same question, answered from memory as long as nothing has changed."""
        cached: Any = lru_cache(CACHED)(read)
        self._caches.append(cached.cache_clear)

        def ask(*args: Q.args, **kwargs: Q.kwargs) -> A:
            self._refresh()
            answer: A = cached(*args, **kwargs)
            return answer

        return ask

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction for what is read and written in it; inside another one, part of it."""
        try:
            with self.database.writing():
                self.write("UPDATE catalog SET generation = generation + 1")
                yield
        except BaseException:
            self._forget()
            raise

    def write(self, statement: str, values: tuple[Any, ...] = ()) -> None:
        """One statement, inside `changing`."""
        self.database.execute(statement, values)
        self._forget()

    def all(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        with self.database.typed():
            return self.database.execute(query, values).fetchall()

    def count(self, what: str, *values: str) -> int:
        """`what` is a table, and a condition if there is one."""
        return int(self.all(f"SELECT count(*) FROM {what}", values)[0][0])

    def _refresh(self) -> None:
        """Forgets what was read if another connection has changed the catalog since."""
        seen = self.all("PRAGMA data_version")[0][0]
        if seen != self._data_version:
            self._data_version = seen
            generation = self.all("SELECT generation FROM catalog")[0][0]
            if generation != self._generation:
                self._generation = generation
                self._forget()

    def _forget(self) -> None:
        for clear in self._caches:
            clear()
