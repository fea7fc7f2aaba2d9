"""Claims on what a database refuses, whatever the statement is."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from db_interface.engines import UnsupportedDatabase, embedded, reading, remote
from db_interface.statements import NoRows, StatementFailed, StatementTimedOut, run

ENDLESS = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO Teams VALUES ('X', 'x', 1, 1)",
        "INSERT INTO Teams VALUES ('X', 'x', 1, 1) RETURNING *",
        "UPDATE Teams SET W = 0",
        "DELETE FROM Teams",
        "REPLACE INTO Teams VALUES ('BOS', 'x', 1, 1)",
        "DROP TABLE Teams",
        "CREATE TABLE x (a)",
        "CREATE TEMP TABLE x (a)",
        "CREATE INDEX i ON Teams (W)",
        "ALTER TABLE Teams ADD COLUMN x",
        "ATTACH '/tmp/other.sqlite' AS other",
        "ATTACH ':memory:' AS other",
        "DETACH main",
        "VACUUM",
        "VACUUM INTO '/tmp/copy.sqlite'",
        "REINDEX",
        "ANALYZE",
        "BEGIN",
        "COMMIT",
        "SAVEPOINT a",
        "PRAGMA query_only = OFF",
        "PRAGMA writable_schema = ON",
        "PRAGMA journal_mode = WAL",
        "PRAGMA hard_heap_limit = 0",
        "PRAGMA read_uncommitted = 1",
        "PRAGMA user_version = 5",
        "PRAGMA temp_store_directory = '/tmp'",
        "SELECT * FROM pragma_database_list",
        "SELECT load_extension('/tmp/x.so')",
        "SELECT writefile('/tmp/x', 'y')",
        "SELECT readfile('/etc/passwd')",
        "SELECT edit('x')",
        "SELECT fts3_tokenizer('simple')",
        "SELECT 1; DELETE FROM Teams",
        "SELECT 1; SELECT 2",
        "SELECT zeroblob(1000000000)",
    ],
)
@pytest.mark.parametrize("kind", ["embedded", "by URL"])
def test_nothing_but_one_reading_statement_gets_through(path: Path, statement: str, kind: str) -> None:
    before = path.read_bytes()
    engine = embedded(path) if kind == "embedded" else remote(f"sqlite:///{path}")
    with pytest.raises((StatementFailed, NoRows)):
        run(engine, statement, 5)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("open_engine", [embedded, lambda path: remote(f"sqlite:///{path}")])
def test_the_file_is_open_for_reading_even_without_the_authorizer(path: Path, open_engine: Any) -> None:
    with reading(open_engine(path), 5) as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        driver.set_authorizer(None)
        driver.execute("PRAGMA query_only = OFF")
        with pytest.raises(sqlite3.OperationalError, match="readonly database"):
            driver.execute("DELETE FROM Teams")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "  -- a comment\n SELECT ';' ;",
        "WITH t AS (SELECT 1 AS a) SELECT a FROM t",
        "VALUES (1), (2)",
        "EXPLAIN QUERY PLAN SELECT * FROM Teams",
        "SELECT * FROM Winners",
        "SELECT * FROM sqlite_schema",
        "PRAGMA table_info(Teams)",
        "SELECT json_extract('{\"a\":1}', '$.a'), median FROM (SELECT avg(W) OVER () AS median FROM Teams)",
    ],
)
def test_every_kind_of_reading_gets_through(path: Path, statement: str) -> None:
    assert run(embedded(path), statement, 5).rows


def test_a_statement_that_never_ends_is_stopped_at_its_time(path: Path) -> None:
    with pytest.raises(StatementTimedOut):
        run(embedded(path), ENDLESS, 0.1)
    assert run(embedded(path), "SELECT 1", 5).rows == [(1,)]


def test_a_statement_that_would_fill_the_memory_is_stopped(path: Path) -> None:
    hungry = ENDLESS.replace("count(*)", "hex(randomblob(1000000)) AS big").replace("FROM c)", "FROM c LIMIT 900)")
    with pytest.raises(StatementFailed, match="memory"):
        run(embedded(path), f"{hungry} ORDER BY big", 30)
    assert run(embedded(path), "SELECT 1", 5).rows == [(1,)]


def test_a_name_in_double_quotes_that_is_no_column_is_an_error_not_a_text(path: Path) -> None:
    with pytest.raises(StatementFailed, match="no such column"):
        run(embedded(path), 'SELECT "nme" FROM Teams', 5)


def test_a_database_that_others_write_to_is_read_afresh(path: Path) -> None:
    engine = remote(f"sqlite:///{path}")
    before = run(engine, "SELECT count(*) FROM Teams", 5).rows
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("INSERT INTO Teams VALUES ('CHA', 'Chicago', 99, 0)")
    assert (before, run(engine, "SELECT count(*) FROM Teams", 5).rows) == ([(2,)], [(3,)])


def test_a_database_that_cannot_be_held_read_only_is_refused() -> None:
    with pytest.raises(UnsupportedDatabase, match=r"'mysql' cannot be held read-only here\. Use one of sqlite"):
        remote("mysql://u:secret@h/d")


def test_a_missing_file_is_said_with_the_way_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"python -m db_interface\.lahman"):
        embedded(tmp_path / "none.sqlite")
