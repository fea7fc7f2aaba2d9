"""Opens the database so that the database itself refuses to be written, and bounds the time of a statement.

    SQLite       the file is opened read-only (the embedded one also as immutable: no locks, no journal), and an
                 authorizer lets nothing through but reading: no ATTACH, no PRAGMA that sets, no transaction, no
                 function that loads code. A progress handler ends a statement at its time.
    PostgreSQL   the server holds the transaction read-only, under ``statement_timeout``. The driver is always psycopg:
                 its server-side cursors take one query, so no statement can end that transaction and go on. (pg8000
                 sends them by the simple protocol: there ``select 1; commit; drop table t`` drops the table.) What the
                 server's own functions may do is what its user may: give one that can only read.

Another kind of database is refused: nothing here would keep it from being written.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import QueuePool

MEGABYTE = 1_000_000


class UnsupportedDatabase(Exception):
    """A URL of a database that cannot be held read-only here; an operator must act."""


@cache
def embedded(path: Path) -> Engine:
    """The SQLite file at `path`, which nobody writes. Raises FileNotFoundError."""
    if not path.is_file():
        raise FileNotFoundError(
            f"There is no database {str(path)!r}. Make it by `python -m db_interface.lahman FILE`, "
            "and set LAHMAN_DATABASE to that file."
        )
    return _sqlite(path, immutable=True)


@cache
def remote(url: str) -> Engine:
    """The database of a SQLAlchemy URL. Raises `UnsupportedDatabase`, or ArgumentError for what is no URL."""
    parsed = make_url(url)
    if parsed.get_backend_name() not in _BOUNDS:
        raise UnsupportedDatabase(
            f"{parsed.get_backend_name()!r} cannot be held read-only here. Use one of {', '.join(_BOUNDS)}."
        )
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(Path(parsed.database or ""), immutable=False)
    return _pooled(parsed)


def title(engine: Engine) -> str:
    """The kind of database, as people write it."""
    return {"sqlite": "SQLite", "postgresql": "PostgreSQL"}[engine.dialect.name]


def spelling(engine: Engine) -> Callable[[str], str]:
    """How a name is written in a statement: in double quotes only where this database wants them."""
    preparer = engine.dialect.identifier_preparer
    if engine.dialect.name != "sqlite":
        return preparer.quote
    # SQLAlchemy quotes every name with a capital; to SQLite they are all the same.
    return lambda name: name if preparer.quote(name.lower()) == name.lower() else preparer.quote_identifier(name)


@contextmanager
def reading(engine: Engine, seconds: float) -> Iterator[Connection]:
    """A connection that can only read, each statement for at most `seconds`; rolled back at the end."""
    with engine.connect() as connection:
        _BOUNDS[engine.dialect.name](connection, seconds)
        yield connection
        connection.rollback()


def _pooled(url: URL) -> Engine:
    psycopg = url.set(drivername="postgresql+psycopg")
    try:
        return create_engine(psycopg, poolclass=QueuePool, pool_size=1, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise UnsupportedDatabase(f"The driver {error.name!r} is not installed; add psycopg[binary].") from None


def _sqlite(path: Path, *, immutable: bool) -> Engine:
    mode = "?mode=ro&immutable=1" if immutable else "?mode=ro"
    opened = partial(_open, f"file:{quote(str(path.resolve()))}{mode}")
    return create_engine("sqlite://", creator=opened, poolclass=QueuePool, pool_size=1)


def _open(uri: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False)
    connection.text_factory = _text
    for switch, on in _SWITCHES.items():
        connection.setconfig(switch, on)
    for limit, most in _LIMITS.items():
        connection.setlimit(limit, most)
    for setting in _SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    connection.set_authorizer(_authorize)
    return connection


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


_SWITCHES = {
    sqlite3.SQLITE_DBCONFIG_DQS_DML: False,  # Else "nme", where no such column is, means the text 'nme'.
    sqlite3.SQLITE_DBCONFIG_DEFENSIVE: True,
    sqlite3.SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION: False,
}
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: 16 * MEGABYTE,  # Of one value or row: zeroblob(1e9) would fill the memory.
    sqlite3.SQLITE_LIMIT_LIKE_PATTERN_LENGTH: 1_000,  # Long patterns take long, and no progress is reported inside one.
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
}
# Sorting and temporary tables in memory, and no more of it than this: then the disk stays as it is.
_SETTINGS = ("query_only = ON", "trusted_schema = OFF", "temp_store = MEMORY", f"hard_heap_limit = {256 * MEGABYTE}")

_READING = {
    sqlite3.SQLITE_SELECT,
    sqlite3.SQLITE_READ,
    sqlite3.SQLITE_RECURSIVE,
}
_PRAGMAS = {"table_info", "table_xinfo", "index_list", "index_info", "index_xinfo", "foreign_key_list"}
_ASKED = {"table_list", "read_uncommitted"}
"""Without a value these only tell; SQLAlchemy asks for the second one."""
_REFUSED = {"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"}


def _authorize(action: int, first: str | None, second: str | None, database: str | None, trigger: str | None) -> int:
    """SQLite asks this for each thing that a statement would do (https://sqlite.org/c3ref/c_alter_table.html)."""
    match action:
        case sqlite3.SQLITE_FUNCTION:
            allowed = (second or "").lower() not in _REFUSED
        case sqlite3.SQLITE_PRAGMA:
            allowed = (first or "").lower() in (_PRAGMAS if second else _ASKED)
        case _:
            allowed = action in _READING
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _bound_sqlite(connection: Connection, seconds: float) -> None:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    end = time.monotonic() + seconds
    driver.set_progress_handler(lambda: time.monotonic() > end, 20_000)


def _bound_postgresql(connection: Connection, seconds: float) -> None:
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    connection.exec_driver_sql(f"SET LOCAL statement_timeout = {max(1, round(seconds * 1000))}")


_BOUNDS: dict[str, Callable[[Connection, float], None]] = {"sqlite": _bound_sqlite, "postgresql": _bound_postgresql}
