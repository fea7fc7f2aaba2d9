"""The database of runs: what it keeps, how small, and what it says when the disk does not do as it should."""

import sqlite3
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from stepsmith.local.errors import (
    DatabaseCorrupt,
    DatabaseLocked,
    DatabaseTooNew,
    DataReadOnly,
    DiskFull,
    RunExists,
)
from stepsmith.local.store import FORMAT, Beginning, Ending, Entry, Store

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
BEGINNING = Beginning(
    arn="arn:aws:states:us-east-1:000000000000:execution:m:first",
    name="first",
    machine=MACHINE,
    role="arn:aws:iam::000000000000:role/m",
    definition='{"StartAt":"A"}',
    input={"prompt": "Grüße"},
    seed=2**62 + 1,
    started_ms=1_700_000_000_000,
    interpreter="asl 1",
)
ENTRY = Entry(0, 1, 1_700_000_000_005, 1, {"Payload": [1, None, "é"]})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "runs.db"


def named(name: str) -> Beginning:
    return replace(BEGINNING, name=name, arn=BEGINNING.arn.replace("first", name))


def test_a_beginning_and_its_outcomes_come_back_as_they_were(path: Path) -> None:
    store = Store(path)
    id = store.begin(BEGINNING, None)
    store.append(id, ENTRY, None)
    store.append(id, Entry(1, 2, 5, 0, None), Ending("SUCCEEDED", 9, {"ok": True}))
    store.close()
    again = Store(path)
    assert again.beginning(id) == BEGINNING
    assert again.journal(id) == [ENTRY, Entry(1, 2, 5, 0, None)]
    assert again.ending(id) == Ending("SUCCEEDED", 9, {"ok": True})


def test_a_definition_is_kept_once(path: Path) -> None:
    store = Store(path)
    big = replace(BEGINNING, definition="".join(str(n) for n in range(30_000)))
    store.begin(big, None)
    store.checkpoint()
    before = path.stat().st_size
    for n in range(20):
        store.begin(replace(big, name=f"r{n}", arn=f"a:r{n}"), None)
    store.checkpoint()
    assert path.stat().st_size - before < 20_000


def test_the_same_name_twice_is_refused_in_one_machine_only(path: Path) -> None:
    store = Store(path)
    store.begin(BEGINNING, None)
    with pytest.raises(RunExists, match="'first'"):
        store.begin(BEGINNING, None)
    store.begin(replace(BEGINNING, machine=MACHINE + "2", arn="arn:other:first"), None)


def test_runs_are_found_by_the_beginning_of_their_name_and_listed_latest_first(path: Path) -> None:
    store = Store(path)
    ids = [store.begin(named(name), None) for name in ("abc", "abd", "b")]
    assert [row.name for row in store.beginning_with("ab")] == ["abc", "abd"]
    assert [row.name for row in store.executions(limit=2)] == ["b", "abd"]
    assert [row.name for row in store.executions(before=ids[1])] == ["abc"]
    assert store.executions(status="FAILED") == []
    found = store.execution(named("abd").arn)
    assert found is not None and found.id == ids[1]


def test_two_connections_write_side_by_side(path: Path) -> None:
    Store(path).close()

    def write(worker: int) -> None:
        store = Store(path)
        id = store.begin(named(f"w{worker}"), None)
        for n in range(50):
            store.append(id, Entry(n, n, n, 1, {"n": n}), None)
        store.close()

    workers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    store = Store(path)
    assert [len(store.journal(row.id)) for row in store.executions()] == [50, 50, 50]


def test_a_lock_held_too_long_is_named_and_loses_nothing(path: Path) -> None:
    store = Store(path, busy_seconds=0.01)
    id = store.begin(BEGINNING, None)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(DatabaseLocked, match=r"locked .* for 0\.01 s; close what holds it"):
        store.append(id, ENTRY, None)
    other.execute("ROLLBACK")
    store.append(id, ENTRY, None)
    assert store.journal(id) == [ENTRY]


def test_a_full_disk_refuses_the_step_and_keeps_what_was_there(path: Path) -> None:
    store = Store(path)
    id = store.begin(BEGINNING, None)
    store.append(id, ENTRY, None)
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull, match="make room, then resume the run"):
        store.append(id, Entry(1, 2, 3, 1, [f"{n:x}" * 3 for n in range(30_000)]), None)
    store._db.execute("PRAGMA max_page_count = 1000000")
    assert store.journal(id) == [ENTRY]
    store.append(id, Entry(1, 2, 3, 1, "small"), None)


def test_a_file_that_is_no_database_is_named(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"this is no database at all" * 100)
    with pytest.raises(DatabaseCorrupt, match=r"runs\.db.*move it away"):
        Store(path)


def test_a_damaged_row_is_an_error_and_no_other_value(path: Path) -> None:
    store = Store(path)
    id = store.begin(BEGINNING, None)
    store.append(id, ENTRY, None)
    store._db.execute("UPDATE outcome SET body = substr(body, 1, length(body) - 3)")
    with pytest.raises(DatabaseCorrupt, match="damaged"):
        store.journal(id)


def test_a_database_of_a_newer_stepsmith_is_left_alone(path: Path) -> None:
    store = Store(path)
    store._db.execute(f"PRAGMA user_version = {FORMAT + 1}")
    store.close()
    with pytest.raises(DatabaseTooNew, match=f"format {FORMAT + 1}.*knows {FORMAT}; use the newer Stepsmith"):
        Store(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataReadOnly, match=r"choose another folder with --data"):
        Store(tmp_path / "file" / "runs.db")


def test_a_database_that_may_only_be_read_says_so(path: Path) -> None:
    store = Store(path)
    store._db.execute("PRAGMA query_only = ON")
    with pytest.raises(DataReadOnly, match="make it writable"):
        store.begin(BEGINNING, None)


def test_a_checkpoint_leaves_everything_in_one_file_and_says_when_it_cannot(path: Path) -> None:
    store = Store(path, busy_seconds=0.01)
    id = store.begin(BEGINNING, None)
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM outcome").fetchall()
    store.append(id, ENTRY, None)
    with pytest.raises(DatabaseLocked):
        store.checkpoint()
    reader.execute("ROLLBACK")
    store.checkpoint()
    assert path.with_name("runs.db-wal").stat().st_size == 0


def test_full_durability_is_a_setting(path: Path) -> None:
    normal, full = Store(path), Store(path, "FULL")
    modes = [store._db.execute("PRAGMA synchronous").fetchone()[0] for store in (normal, full)]
    assert modes == [1, 2]
