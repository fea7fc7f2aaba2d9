"""Claims on the two tools, asked as the machine asks them."""

import json
from pathlib import Path
from typing import Any

import pytest

from stepsmith.contracts.budgets import json_bytes
from stepsmith.objects import Objects

SERIES = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c LIMIT {}) SELECT n, 'é' || n AS text FROM c"


def test_rows_come_as_objects_with_their_count_and_a_csv_file(ask: Any, objects: Objects) -> None:
    result, answer = ask("execute_sql_query", sql_query="SELECT teamID, W FROM Teams ORDER BY W")
    assert answer["rows"] == [{"teamID": "NYA", "W": 88}, {"teamID": "BOS", "W": 93}]
    assert answer["row_count"] == 2
    (file,) = result["content"][1:]
    assert file["uri"].endswith(answer["files"][0])
    assert objects.get(file["uri"]) == b'"teamID","W"\n"NYA",88\n"BOS",93\n'


def test_no_rows_are_an_answer_with_the_columns(ask: Any) -> None:
    result, answer = ask("execute_sql_query", sql_query="SELECT * FROM Teams WHERE W > 1000")
    assert answer == {"row_count": 0, "columns": ["teamID", "name", "W", "2B"], "rows": []}
    assert len(result["content"]) == 1


def test_a_long_result_is_a_page_and_the_whole_as_json_csv_and_parquet(ask: Any, objects: Objects) -> None:
    result, answer = ask("execute_sql_query", sql_query=SERIES.format(5_000))
    assert (answer["row_count"], answer["rows_shown"], len(answer["rows"])) == (5_000, 100, 100)
    whole, table, parquet = (objects.get(block["uri"]) for block in result["content"][1:])
    assert json.loads(whole)["rows"][4_999] == {"n": 5_000, "text": "é5000"}
    assert table.count(b"\n") == 5_001
    assert parquet[:4] == parquet[-4:] == b"PAR1"
    assert answer["all_rows"] == result["content"][1]["uri"]
    assert result["content"][1]["title"] == "execute_sql_query.json"


@pytest.mark.parametrize("budget", [4_915, 32_768])
def test_a_result_keeps_its_budget(ask: Any, budget: int) -> None:
    result, answer = ask("execute_sql_query", max_result_bytes=budget, sql_query=SERIES.format(5_000))
    assert json_bytes(result) <= budget
    assert answer["rows"]


def test_over_the_row_bound_the_answer_says_that_rows_are_missing(ask: Any) -> None:
    _, answer = ask("execute_sql_query", sql_query=SERIES.format(100_001))
    assert answer["row_count"] == 100_000
    assert "Only the first 100,000 were read" in answer["cut"]


@pytest.mark.parametrize(
    ("statement", "hint"),
    [
        ("SELECT nme FROM Teams", "Nearest names: Teams.name, Winners.name."),
        ("SELECT * FROM Team", "Nearest names: Teams."),
        ("SELECT * FROM Players ORDER BY ordr", 'Nearest names: Players."order".'),
        ("DELETE FROM Teams", "The database can only be read"),
        ("SELECT 1; SELECT 2", "Send one statement in each call"),
        ("-- nothing", "The statement gives no rows."),
        ("SELEC 1", 'near "SELEC": syntax error'),
    ],
)
def test_a_statement_that_fails_is_told_with_what_to_change(ask: Any, statement: str, hint: str) -> None:
    result, text = ask("execute_sql_query", sql_query=statement)
    assert result["is_error"]
    assert hint in text


def test_a_query_ends_before_the_calls_deadline(ask: Any) -> None:
    endless = "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT count(*) FROM c"
    result, text = ask("execute_sql_query", deadline="2001-01-01T00:00:00Z", sql_query=endless)
    assert result["is_error"]
    assert "was stopped after" in text


def test_the_schema_tells_tables_types_keys_counts_and_samples(ask: Any) -> None:
    _, text = ask("get_db_schema")
    assert text.splitlines() == [
        "3 tables in a SQLite database, read-only. Names are spelled as SQL wants them.",
        "",
        "Players: 2 rows",
        '  id INTEGER, teamID TEXT, "order" REAL, photo BLOB',
        "  primary key (id); (teamID) -> Teams",
        "  1, 'BOS', 1.5, '0x00ff'",
        "  2, 'NYA', NULL, NULL",
        "",
        "Teams: 2 rows",
        '  teamID TEXT, name TEXT, W INTEGER, "2B" INTEGER',
        "  primary key (teamID)",
        "  'BOS', 'Böston', 93, 1",
        "  'NYA', 'New York', 88, NULL",
        "",
        "Winners: 1 rows",
        "  name TEXT",
        "  'Böston'",
    ]


def test_a_schema_that_does_not_fit_keeps_every_name(ask: Any) -> None:
    result, text = ask("get_db_schema", max_result_bytes=650)
    assert json_bytes(result) <= 650
    assert '"2B"' in text
    assert "Böston" not in text


def test_a_url_replaces_the_embedded_database(ask: Any, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAHMAN_DATABASE", "/nowhere")
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{path}")
    assert ask("execute_sql_query", sql_query="SELECT count(*) AS n FROM Teams")[1]["rows"] == [{"n": 2}]
