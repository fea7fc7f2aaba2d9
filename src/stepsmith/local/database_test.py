"""The database file: transactions, migrations, and what it says when the disk does not do as it should."""

import os
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from stepsmith.local.database import Database
from stepsmith.local.errors import DatabaseCorrupt, DatabaseLocked, DatabaseTooNew, DataReadOnly, DiskFull
from stepsmith.local.migrations import FORMAT, STEPS

PUT = "INSERT INTO definition (hash, body) VALUES (?, ?)"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "runs.db"


def write_and_fail(database: Database) -> None:
    database.execute(PUT, (b"b", b"2"))
    database.execute("INSERT INTO nowhere VALUES (1)")


def bodies(database: Database) -> list[bytes]:
    return [body for (body,) in database.execute("SELECT body FROM definition ORDER BY id")]


def test_a_transaction_is_kept_whole_or_not_at_all(path: Path) -> None:
    database = Database(path)
    with database.writing():
        database.execute(PUT, (b"a", b"1"))
    with pytest.raises(DatabaseCorrupt), database.writing():
        write_and_fail(database)
    assert bodies(database) == [b"1"]


def test_a_transaction_inside_another_is_part_of_it(path: Path) -> None:
    database = Database(path)
    with pytest.raises(DatabaseCorrupt), database.writing(), database.writing():
        write_and_fail(database)
    assert bodies(database) == []


@pytest.mark.parametrize("format", range(1, FORMAT))
def test_a_database_of_an_older_format_is_migrated_and_keeps_its_rows(path: Path, format: int) -> None:
    path.parent.mkdir()
    old = sqlite3.connect(path)
    for step in STEPS[:format]:
        old.executescript(step)
    old.execute(PUT, (b"a", b"kept"))
    old.execute(f"PRAGMA user_version = {format}")
    old.commit()
    old.close()
    migrated, new = Database(path), Database(path.with_name("new.db"))
    assert bodies(migrated) == [b"kept"]
    schema = "SELECT sql FROM sqlite_master ORDER BY name"
    assert migrated.execute(schema).fetchall() == new.execute(schema).fetchall()


def test_a_database_of_a_newer_stepsmith_is_left_alone(path: Path) -> None:
    database = Database(path)
    database.execute(f"PRAGMA user_version = {FORMAT + 1}")
    database.close()
    with pytest.raises(DatabaseTooNew, match=f"format {FORMAT + 1}.*knows {FORMAT}; use the newer Stepsmith"):
        Database(path)


def test_a_lock_held_too_long_is_named_and_loses_nothing(path: Path) -> None:
    database = Database(path, busy_seconds=0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseLocked, match=r"locked .* for 0\.01 s; close what holds it"), database.writing():
        database.execute(PUT, (b"a", b"1"))
    other.execute("ROLLBACK")
    with database.writing():
        database.execute(PUT, (b"a", b"2"))
    assert bodies(database) == [b"2"]


def test_a_new_file_may_be_opened_by_several_at_once(tmp_path: Path) -> None:
    """SQLite itself refuses about one of twenty."""
    for number in range(100):
        together = threading.Barrier(4)

        def opened(path: Path = tmp_path / f"{number}.db", together: threading.Barrier = together) -> None:
            together.wait()
            Database(path).close()

        with ThreadPoolExecutor(4) as threads:
            for opening in [threads.submit(opened) for _ in range(4)]:
                opening.result()


def test_a_full_disk_refuses_the_step_and_keeps_what_was_there(path: Path) -> None:
    database = Database(path)
    database.execute(PUT, (b"a", b"1"))
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull, match="make room"), database.writing():
        database.execute(PUT, (b"b", bytes(100_000)))
    database.execute("PRAGMA max_page_count = 1000000")
    database.execute(PUT, (b"c", b"3"))
    assert bodies(database) == [b"1", b"3"]


TOO_LONG = """
import resource, sys
from pathlib import Path
from stepsmith.local.database import Database
database = Database(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
try:
    database.execute("INSERT INTO definition (hash, body) VALUES (?, ?)", (b"a", bytes(1_000_000)))
except Exception as error:
    print(type(error).__name__, error)
"""


def test_a_disk_that_fails_is_told_as_that_and_not_as_full(path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", TOO_LONG, str(path)]
    said = subprocess.run(command, capture_output=True, text=True, env=environment, check=True).stdout
    assert said.startswith("DatabaseFault") and "disk I/O error" in said


def test_small_pages_keep_a_small_database_small(path: Path) -> None:
    Database(path).checkpoint()
    assert path.stat().st_size < 42_000


def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(DatabaseCorrupt, match=r"runs\.db.*move it away"):
        Database(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataReadOnly, match=r"choose another folder with --data"):
        Database(tmp_path / "file" / "runs.db")


def test_a_database_that_may_only_be_read_says_so(path: Path) -> None:
    database = Database(path)
    database.execute("PRAGMA query_only = ON")
    with pytest.raises(DataReadOnly, match="make it writable"):
        database.execute(PUT, (b"a", b"1"))


def test_a_checkpoint_leaves_everything_in_one_file_and_says_when_it_cannot(path: Path) -> None:
    database = Database(path, busy_seconds=0.01)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM outcome").fetchall()
    database.execute(PUT, (b"a", b"1"))
    with pytest.raises(DatabaseLocked):
        database.checkpoint()
    reader.execute("ROLLBACK")
    database.checkpoint()
    assert path.with_name("runs.db-wal").stat().st_size == 0


def test_full_durability_is_a_setting(path: Path) -> None:
    normal, full = Database(path), Database(path, "FULL")
    modes = [each.execute("PRAGMA synchronous").fetchone()[0] for each in (normal, full)]
    assert modes == [1, 2]
