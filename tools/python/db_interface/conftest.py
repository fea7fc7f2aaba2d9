"""A small SQLite database, and calls to the tools over it."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from db_interface.database import query, schema
from stepsmith.objects import MemoryObjects, Objects
from stepsmith.tool import serve

TABLES = """
    CREATE TABLE Teams (teamID TEXT PRIMARY KEY, name TEXT NOT NULL, W INTEGER, "2B" INTEGER);
    CREATE TABLE Players (id INTEGER PRIMARY KEY, teamID TEXT REFERENCES Teams, "order" REAL, photo BLOB);
    CREATE VIEW Winners AS SELECT name FROM Teams WHERE W > 90;
    INSERT INTO Teams VALUES ('BOS', 'Böston', 93, 1), ('NYA', 'New York', 88, NULL);
    INSERT INTO Players VALUES (1, 'BOS', 1.5, x'00ff'), (2, 'NYA', NULL, NULL);
"""


@pytest.fixture
def path(tmp_path: Path) -> Any:
    path = tmp_path / "a b#é.sqlite"
    with closing(sqlite3.connect(path)) as database:
        database.executescript(TABLES)
    return path


@pytest.fixture
def objects() -> Any:
    return MemoryObjects()


class Context:
    def get_remaining_time_in_millis(self) -> Any:
        return 60_000


@pytest.fixture
def ask(path: Path, objects: Objects, monkeypatch: pytest.MonkeyPatch) -> Any:
    """ask(tool, input) answers the tool's result and its text parsed as JSON where it is that."""
    monkeypatch.setenv("LAHMAN_DATABASE", str(path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    handler = serve({"get_db_schema": schema, "execute_sql_query": query}, objects=objects)

    def ask(tool: str, max_result_bytes: int = 32_768, deadline: str = "2999-01-01T00:00:00Z", **input: Any) -> Any:
        context = {
            "run_id": "r1",
            "agent": "sql",
            "turn": 1,
            "effect_id": "e1",
            "artifacts": "s3://b/artifacts/sql/r1/",
            "max_result_bytes": max_result_bytes,
            "deadline": deadline,
        }
        result = handler({"name": tool, "id": "id1", "input": input, "context": context}, Context())
        text = result["content"][0]["text"]
        return result, json.loads(text) if text.startswith("{") else text

    return ask
