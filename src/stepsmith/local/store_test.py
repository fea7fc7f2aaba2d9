"""Executions in the database: what is kept of them, how small, and what is told of damage."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from stepsmith.local.database import Database
from stepsmith.local.errors import DatabaseCorrupt, RunExists
from stepsmith.local.store import Beginning, Ending, Entry, Store

MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:m"
BEGINNING = Beginning(
    arn="arn:aws:states:us-east-1:000000000000:execution:m:first",
    name="first",
    machine=MACHINE,
    role="arn:aws:iam::000000000000:role/m",
    definition='{"StartAt":"A"}',
    input={"prompt": "Grüße"},
    input_text='{ "prompt" : "Grüße" }'.encode(),
    seed=2**62 + 1,
    started_ms=1_700_000_000_000,
    interpreter="asl 1",
)
ENTRY = Entry(0, 1, 1_700_000_000_005, 1, {"Payload": [1, None, "é"]})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new folder" / "runs.db"


@pytest.fixture
def database(path: Path) -> Database:
    return Database(path)


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def begin(store: Store, beginning: Beginning, ending: Ending | None) -> int:
    return store.begin(beginning, ending, lambda id: None)


def named(name: str) -> Beginning:
    return replace(BEGINNING, name=name, arn=BEGINNING.arn.replace("first", name))


def test_a_beginning_and_its_outcomes_come_back_as_they_were(path: Path, store: Store) -> None:
    id = begin(store, BEGINNING, None)
    store.append(id, ENTRY, None)
    store.append(id, Entry(1, 2, 5, 0, None), Ending("SUCCEEDED", 9, {"ok": True}))
    again = Store(Database(path))
    assert again.beginning(id) == BEGINNING
    assert again.journal(id) == [ENTRY, Entry(1, 2, 5, 0, None)]
    assert again.ending(id) == Ending("SUCCEEDED", 9, {"ok": True})


def test_a_definition_is_kept_once(path: Path, database: Database, store: Store) -> None:
    big = replace(BEGINNING, definition="".join(str(n) for n in range(30_000)))
    begin(store, big, None)
    database.checkpoint()
    before = path.stat().st_size
    for n in range(20):
        begin(store, replace(big, name=f"r{n}", arn=f"a:r{n}"), None)
    database.checkpoint()
    assert path.stat().st_size - before < 20_000


def test_the_same_name_twice_is_refused_in_one_machine_only(store: Store) -> None:
    begin(store, BEGINNING, None)
    with pytest.raises(RunExists, match="'first'"):
        begin(store, BEGINNING, None)
    begin(store, replace(BEGINNING, machine=MACHINE + "2", arn="arn:other:first"), None)


def test_runs_are_found_by_the_beginning_of_their_name_and_listed_latest_first(store: Store) -> None:
    ids = [begin(store, named(name), None) for name in ("abc", "abd", "b")]
    assert [row.name for row in store.beginning_with("ab")] == ["abc", "abd"]
    assert [row.name for row in store.executions(limit=2)] == ["b", "abd"]
    assert [row.name for row in store.executions(before=ids[1])] == ["abc"]
    assert store.executions(status="FAILED") == []
    found = store.execution(named("abd").arn)
    assert found is not None and found.id == ids[1]


def test_two_connections_write_side_by_side(path: Path) -> None:
    Database(path).close()

    def write(worker: int) -> None:
        database = Database(path)
        store = Store(database)
        id = begin(store, named(f"w{worker}"), None)
        for n in range(50):
            store.append(id, Entry(n, n, n, 1, {"n": n}), None)
        database.close()

    workers = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    store = Store(Database(path))
    assert [len(store.journal(row.id)) for row in store.executions()] == [50, 50, 50]


def test_a_damaged_row_is_an_error_and_no_other_value(database: Database, store: Store) -> None:
    id = begin(store, BEGINNING, None)
    store.append(id, ENTRY, None)
    database.execute("UPDATE outcome SET body = substr(body, 1, length(body) - 3)")
    with pytest.raises(DatabaseCorrupt, match="damaged"):
        store.journal(id)
