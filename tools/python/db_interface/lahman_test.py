"""Claims on the sample database and how it is made."""

import sqlite3
import threading
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from db_interface.lahman import PRIMARY_KEYS, cached, make

FILES = {
    "People": "playerID,debut,nameGiven,weight\nzoë01,1999-04-05,Zoë,70\nbob01,,NA,\n",
    "PitchingPost": "playerID,yearID,round,ERA,ZR\nzoë01,1999,WS,1.50,\nbob01,1999,WS,inf,\n",
    "Salaries": "yearID,teamID,lgID,playerID,salary\n1999,BOS,AL,zoë01,100\n1999,BOS,AL,ghost,007\n",
}


@pytest.fixture
def source(tmp_path: Path) -> Any:
    path = tmp_path / "source.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            archive.writestr(f"databank/core/{name}.csv", text)
        archive.writestr("databank/upstream/Teams.csv", "yearID\n1871\n")
        archive.writestr("databank/core/readme.txt", "no table")
    return path


@pytest.fixture
def ask(source: Path, tmp_path: Path) -> Any:
    make(tmp_path / "small.sqlite", source)
    with closing(sqlite3.connect(tmp_path / "small.sqlite")) as database:
        yield lambda sql: database.execute(sql).fetchall()


def test_every_csv_file_of_the_folder_core_becomes_a_table(ask: Any) -> None:
    assert {name for (name,) in ask("SELECT name FROM sqlite_schema WHERE type = 'table'")} >= set(FILES)
    assert not ask("SELECT 1 FROM sqlite_schema WHERE name IN ('Teams', 'readme')")


@pytest.mark.parametrize(
    ("table", "types"),
    [
        ("People", ["TEXT", "DATE", "TEXT", "INTEGER"]),
        ("PitchingPost", ["TEXT", "INTEGER", "TEXT", "REAL", "INTEGER"]),
        ("Salaries", ["INTEGER", "TEXT", "TEXT", "TEXT", "TEXT"]),
    ],
)
def test_a_type_comes_from_all_values_of_its_column(ask: Any, table: str, types: Any) -> None:
    assert [row[2] for row in ask(f"PRAGMA table_info({table})")] == types


def test_values_keep_their_meaning(ask: Any) -> None:
    assert ask("SELECT * FROM People") == [("zoë01", "1999-04-05", "Zoë", 70), ("bob01", None, "NA", None)]
    assert ask("SELECT ERA, typeof(ERA) FROM PitchingPost") == [(1.5, "real"), (float("inf"), "real")]
    assert ask("SELECT salary FROM Salaries WHERE playerID = 'ghost'") == [("007",)]


def test_keys_are_declared_and_a_foreign_key_only_where_every_row_keeps_it(ask: Any) -> None:
    assert [row[1] for row in ask("PRAGMA table_info(Salaries)") if row[5]] == ["yearID", "teamID", "lgID", "playerID"]
    assert [row[2] for row in ask("PRAGMA foreign_key_list(PitchingPost)")] == ["People"]
    assert ask("PRAGMA foreign_key_list(Salaries)") == []
    assert ask("PRAGMA foreign_key_check") == []


def test_columns_that_people_join_on_are_indexed(ask: Any) -> None:
    indexes = {row[1] for row in ask("PRAGMA index_list(Salaries)")}
    assert indexes >= {"Salaries_playerID", "Salaries_teamID"}


def test_the_same_input_gives_the_same_bytes_also_when_two_make_it_at_once(source: Path, tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.sqlite"
    makers = [threading.Thread(target=make, args=(path, source)) for _ in range(2)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    make(tmp_path / "again.sqlite", source)
    assert path.read_bytes() == (tmp_path / "again.sqlite").read_bytes()
    assert [file.name for file in path.parent.iterdir()] == ["b.sqlite"]


def test_a_failure_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = tmp_path / "broken.zip"
    with zipfile.ZipFile(broken, "w") as archive:
        archive.writestr("x/core/People.csv", "playerID,weight\nbob01\n")
    with pytest.raises(ValueError, match="zip"):
        make(tmp_path / "out" / "x.sqlite", broken)
    assert list((tmp_path / "out").iterdir()) == []


def test_the_whole_database_has_27_tables_with_every_row(tmp_path: Path) -> None:
    path = cached(tmp_path)
    assert cached(tmp_path) == path
    with closing(sqlite3.connect(path)) as database:
        tables = database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        assert len(names := {name for (name,) in tables}) == 27
        assert names > set(PRIMARY_KEYS)
        assert database.execute("SELECT count(*) FROM Fielding").fetchone() == (144_768,)
        assert database.execute("SELECT min(yearID), max(yearID) FROM Salaries").fetchone() == (1985, 2016)
        assert database.execute("PRAGMA foreign_key_check").fetchall() == []
        assert database.execute("PRAGMA quick_check").fetchall() == [("ok",)]
