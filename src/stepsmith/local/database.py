"""A SQLite file of a data folder, `runs.db` if nothing else is said: opened, migrated, its faults told in words.

    with database.writing():                                  # one transaction; inside another one, part of it
        database.execute("INSERT INTO tag VALUES (?, ?)", (arn, value))
    rows = database.execute("SELECT ...").fetchall()          # outside of one: a read, or a transaction of its own

WAL lets several processes use one file at once. With `synchronous=NORMAL` what was committed survives the death of the
process, with `FULL` that of the machine. Every fault of SQLite is a `StoreError` that says what to do. The tables are
those of migrations.py, or of the `steps` that are given; a file of a newer format is refused.
"""

import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from stepsmith.local.errors import (
    DatabaseCorrupt,
    DatabaseFault,
    DatabaseLocked,
    DatabaseTooNew,
    DataReadOnly,
    DiskFull,
    StoreError,
)
from stepsmith.local.migrations import STEPS
from stepsmith.local.packing import Damaged
from stepsmith.local.private import make_private

Synchronous = Literal["NORMAL", "FULL"]
BUSY_SECONDS = 5.0
AGAIN_SECONDS = 0.005
PAGE_BYTES = 1024
"""Every table and index has at least one page, and outcomes are small: with SQLite's 4,096 a run of 100 tiny turns
takes twice the bytes. A file that is there keeps its own."""
LOG_BYTES = 4 * 1024 * 1024
"""How long the write-ahead log grows before SQLite moves it into the file."""


class Database:
    """The open file. Every method raises `StoreError`s only."""

    def __init__(
        self,
        path: Path,
        synchronous: Synchronous = "NORMAL",
        busy_seconds: float = BUSY_SECONDS,
        steps: Sequence[str] = STEPS,
    ) -> None:
        self.path = path
        self._steps = steps
        self._busy_seconds = busy_seconds
        with self.typed():
            make_private(path.parent)
            self._db = sqlite3.connect(path, timeout=busy_seconds, isolation_level=None)
            try:
                self._prepare(synchronous)
            except BaseException:
                self._db.close()
                raise

    def _prepare(self, synchronous: Synchronous) -> None:
        self._db.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of a file that is new
        self._keep_a_log()
        self._db.execute(f"PRAGMA wal_autocheckpoint = {LOG_BYTES // PAGE_BYTES}")
        self._db.execute(f"PRAGMA synchronous = {synchronous}")
        if self._format() != len(self._steps):
            self._migrate()

    def _keep_a_log(self) -> None:
        """Turns to WAL. Of two that open a new file at once, one hears at once that it is locked, without a wait:
        each holds what the other needs (SQLite's sqlite3_busy_handler). Then it is tried again."""
        until = time.monotonic() + self._busy_seconds
        while True:
            try:
                self._db.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
            time.sleep(AGAIN_SECONDS)

    def _format(self) -> int:
        return int(self._db.execute("PRAGMA user_version").fetchone()[0])

    def _migrate(self) -> None:
        with self.writing():
            found = self._format()
            newest = len(self._steps)
            if found > newest:
                raise DatabaseTooNew(self.path, found, newest)
            for step in self._steps[found:]:
                for statement in step.split(";"):
                    self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {newest}")

    def close(self) -> None:
        self._db.close()

    def checkpoint(self) -> None:
        """Moves what the write-ahead log holds into the file and empties the log. DatabaseLocked: somebody reads."""
        is_busy, _, _ = self.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if is_busy:
            raise DatabaseLocked(self.path, self._busy_seconds)

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """One statement. Read the rows before the next `await`: an open cursor keeps the log from being emptied."""
        try:
            return self._db.execute(statement, values)
        except sqlite3.Error as error:
            raise self._fault(error) from error

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction that takes the write lock at once, so that it waits here and nowhere later."""
        if self._db.in_transaction:
            yield
            return
        self.execute("BEGIN IMMEDIATE")
        try:
            yield
            self.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self.execute("ROLLBACK")
            raise

    @contextmanager
    def typed(self) -> Iterator[None]:
        """Errors of SQLite, of the file system and of damaged rows as ours: for whoever reads rows and unpacks them."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._fault(error) from error
        except Damaged as error:
            raise DatabaseCorrupt(self.path, str(error)) from error
        except OSError as error:
            raise DataReadOnly(self.path, error.strerror or str(error)) from error

    def _fault(self, error: sqlite3.Error) -> StoreError:
        extended = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
        match extended & 0xFF:
            case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
                return DatabaseLocked(self.path, self._busy_seconds)
            case sqlite3.SQLITE_FULL:
                return DiskFull(self.path)
            case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
                return DataReadOnly(self.path, str(error))
            case sqlite3.SQLITE_IOERR:
                full = extended in _WRITES and shutil.disk_usage(self.path.parent).free < LEAST_ROOM
                return DiskFull(self.path) if full else DatabaseFault(self.path, str(error))
            case _:
                return DatabaseCorrupt(self.path, str(error))


LEAST_ROOM = 1024 * 1024
"""Bytes. A full disk is SQLITE_FULL, but for the log's index and a file system that reports it late: these are known by
how much room is left."""

_WRITES = frozenset({sqlite3.SQLITE_IOERR_WRITE, sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_SHMSIZE})
