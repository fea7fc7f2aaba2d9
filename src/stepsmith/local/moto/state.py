"""What moto's services hold, kept in `aws.db`: it survives a restart and a kill, and every process sees the same.

A service's state is one row: its backend's attributes, packed, under a mark that grows with each change. Whoever is
about to ask a service reads the mark, and the state where another process has written since. What grows with use is
kept as rows of its own by a `Plane`: items of tables, metrics. Decision 0005 says why it is not a journal of requests.
"""

import hashlib
import zlib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib.metadata import version
from typing import Any, Protocol

from stepsmith.local.database import Database
from stepsmith.local.errors import DatabaseCorrupt

from . import backends
from .pickling import Attributes, packed, restore, unpacked
from .request import Request

STEPS = (
    """
CREATE TABLE state (
    service TEXT NOT NULL PRIMARY KEY, mark INTEGER NOT NULL, moto TEXT NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE item (tbl TEXT NOT NULL, key TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (tbl, key)) WITHOUT ROWID;
CREATE TABLE log (
    id INTEGER PRIMARY KEY, stream TEXT NOT NULL, events INTEGER NOT NULL, bytes INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX log_stream ON log (stream, events);
CREATE TABLE metric (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE fact (
    service TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (service, name)) WITHOUT ROWID;
""",
)
"""The tables of `aws.db`, as database.py migrates them."""
MARK = "SELECT mark FROM state WHERE service = ?"
FAST = 1
"""Of zlib's levels: packed for each change, and a fifth as large."""


class Plane(Protocol):
    """The part of a service's state that grows with use."""

    def is_all(self, request: Request) -> bool:
        """Whether such a request changes this part alone."""
        ...

    def detached(self, backend: Any) -> AbstractContextManager[None]:
        """While this lasts the backend is without the part."""
        ...

    def save(self, backend: Any, request: Request) -> bool:
        """Records what the request changed; whether that was anything."""
        ...

    def load(self, backend: Any) -> None:
        """Puts the part into a backend that has none."""
        ...


class State:
    """The kept state of all services, for one process. Every method is called with `backends.LOCK` held, in the thread
    that made it; all raise StoreError."""

    def __init__(self, database: Database, planes: Mapping[str, Plane]) -> None:
        self._database = database
        self._planes = planes
        self._marks: dict[str, int] = {}
        self._digests: dict[str, bytes] = {}

    def mark(self, name: str) -> int:
        """How often the service has changed; 0 when nothing was ever kept."""
        found = self._database.execute(MARK, (name,)).fetchone()
        return int(found[0]) if found else 0

    def refresh(self, name: str) -> None:
        """Reads the service's state where it is not the kept one."""
        mark = self.mark(name)
        if self._marks.get(name) != mark:
            self._load(name)

    def save(self, requests: Sequence[Request], names: Iterable[str]) -> None:
        """Keeps what the requests changed in these services; part of the transaction that is open."""
        for name in names:
            if self._has_changed(name, requests):
                self._database.execute("UPDATE state SET mark = mark + 1 WHERE service = ?", (name,))
                self._marks[name] = self.mark(name)

    def forget(self, names: Iterable[str]) -> None:
        """What is in memory is not what is kept: it is read again when it is needed."""
        for name in names:
            self._marks.pop(name, None)

    def _load(self, name: str) -> None:
        backends.forget(name)
        backend = backends.of(name)
        row = self._database.execute("SELECT mark, body, moto FROM state WHERE service = ?", (name,)).fetchone()
        if row is not None:
            restore(backend, self._read(name, *row[1:]))
        if name in self._planes:
            self._planes[name].load(backend)
        self._marks[name] = row[0] if row else 0
        self._digests.pop(name, None)

    def _read(self, name: str, body: bytes, written_by: str) -> Attributes:
        try:
            return unpacked(zlib.decompress(body))
        except Exception as error:
            said = f"what moto {written_by} kept of {name!r} cannot be read by moto {version('moto')}: {error}"
            raise DatabaseCorrupt(self._database.path, said) from error

    def _has_changed(self, name: str, requests: Sequence[Request]) -> bool:
        plane, backend = self._planes.get(name), backends.of(name)
        if plane is None:
            return self._keep(name, packed(vars(backend)))
        is_new = False
        if not all(plane.is_all(request) for request in requests):
            with plane.detached(backend):
                is_new = self._keep(name, packed(vars(backend)))
        saved = [plane.save(backend, request) for request in requests]
        return is_new or any(saved)

    def _keep(self, name: str, body: bytes) -> bool:
        """Whether there was anything new."""
        digest = hashlib.blake2b(body).digest()
        if self._digests.get(name) == digest:
            return False
        keep = (
            "INSERT INTO state VALUES (?, 0, ?, ?) ON CONFLICT DO UPDATE SET moto = excluded.moto, body = excluded.body"
        )
        self._database.execute(keep, (name, version("moto"), zlib.compress(body, FAST)))
        self._digests[name] = digest
        return True
