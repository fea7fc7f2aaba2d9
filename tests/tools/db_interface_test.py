"""The database tool as a Lambda on this machine: its process, its tool.json, artifacts on loopback S3.

The same claims over its folder and, where it has been built (`./pants package tools/python/db_interface:lambda`),
over its artifact with the whole Lahman database in it.
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sysconfig
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any

import pytest

from stepsmith.contracts import ToolFunction, ToolResult
from stepsmith.contracts.budgets import json_bytes
from stepsmith.lambdas import Answer, Function, LogLine, Processes
from stepsmith.local import Role
from stepsmith.local.s3 import Buckets, ObjectServer

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools/python/db_interface"
ARTIFACTS = (ROOT / "tools/python/db_interface.zip", ROOT / "dist/tools/python/db_interface.zip")
BUCKET = "stepsmith-local-000000000000-us-east-1"
ROLE = Role((f"{BUCKET}/artifacts/",))
PREFIX = f"s3://{BUCKET}/artifacts/sql/r1/"
SECRET = "postgresql-is-not-here"

SMALL = """
    CREATE TABLE Teams (yearID INTEGER, teamID TEXT, name TEXT, W INTEGER, PRIMARY KEY (yearID, teamID));
    WITH RECURSIVE c(n) AS (SELECT 1871 UNION ALL SELECT n + 1 FROM c LIMIT 2000)
    INSERT INTO Teams SELECT n, 'BS1', 'Boston', 20 FROM c;
"""


@dataclass(frozen=True)
class Code:
    """What of a function depends on its kind of code, and the folders that it works in."""

    settings: dict[str, Any]
    folder: Path
    cache: Path


@dataclass
class Tool:
    """The function at work for one run."""

    processes: Processes
    function: Function
    bucket: Path
    log: list[LogLine]

    async def invoke(self, event: Any) -> Answer:
        return await self.processes.invoke(self.function, json.dumps(event).encode())

    async def ask(self, name: str, max_result_bytes: int = 32_768, **input: Any) -> ToolResult:
        context = {
            "run_id": "r1",
            "agent": "sql",
            "turn": 1,
            "effect_id": "e1",
            "artifacts": PREFIX,
            "max_result_bytes": max_result_bytes,
            "deadline": "2999-01-01T00:00:00Z",
        }
        answer = await self.invoke({"name": name, "id": "call_1", "input": input, "context": context})
        assert answer.error is None, answer.payload
        assert json_bytes(json.loads(answer.payload)) <= max_result_bytes
        return ToolResult.from_json(json.loads(answer.payload))

    def read(self, uri: str) -> bytes:
        return (self.bucket / uri.removeprefix(f"s3://{BUCKET}/")).read_bytes()


def as_folder(folder: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(folder / "small.sqlite")) as database:
        database.executescript(SMALL)
    return {
        "code": ROOT,
        "python_path": (ROOT / "src", ROOT / "tools/python", Path(sysconfig.get_path("purelib"))),
        "watch": (TOOL,),
        "environment": {"LAHMAN_DATABASE": str(folder / "small.sqlite")},
    }


def as_artifact(_: Path) -> dict[str, Any]:
    built = next((path for path in ARTIFACTS if path.exists()), None)
    if built is None:
        pytest.skip("The artifact is not built: ./pants package tools/python/db_interface:lambda")
    return {"code": built, "environment": {}}


@pytest.fixture(params=[as_folder, as_artifact])
def code(request: pytest.FixtureRequest, tmp_path: Path, unpacked: Path) -> Code:
    return Code(request.param(tmp_path), tmp_path, unpacked)


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where artifacts are unpacked, once for all tests: 200 MB."""
    return tmp_path_factory.mktemp("unpacked")


@asynccontextmanager
async def tool(code: Code, **environment: str) -> AsyncIterator[Tool]:
    log: list[LogLine] = []
    (bucket := code.folder / "s3" / BUCKET).mkdir(parents=True)
    described = ToolFunction.from_json(json.loads((TOOL / "tool.json").read_text()))
    settings = code.settings
    store = ObjectServer(Buckets(code.folder / "s3"), lambda: round(time() * 1000))
    async with store as objects, Processes(cache=code.cache, log=log.append) as processes:
        settings["environment"] |= {**objects.session(ROLE), **environment}
        function = Function(
            "stepsmith-local-db_interface",
            handler="db_interface.handler.handler" if settings["code"] == ROOT else "lambda_function.handler",
            timeout_seconds=described.timeout_seconds,
            memory_mb=described.memory_mb,
            **settings,
        )
        yield Tool(processes, function, bucket, log)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())  # type: ignore[arg-type]  # It takes a coroutine, which an async function gives.


def test_a_long_result_is_shown_in_part_and_kept_whole(code: Code) -> None:
    async def scenario() -> None:
        async with tool(code) as db:
            result = await db.ask("execute_sql_query", sql_query="SELECT * FROM Teams ORDER BY yearID, teamID")
            text, whole, csv, parquet = (block.to_json() for block in result.content)
            shown = json.loads(text["text"])
            assert shown["rows"][0]["yearID"] == 1871
            assert shown["row_count"] > shown["rows_shown"] == len(shown["rows"])
            assert len(json.loads(db.read(whole["uri"]))["rows"]) == shown["row_count"]
            assert db.read(csv["uri"]).count(b"\n") == shown["row_count"] + 1
            assert db.read(parquet["uri"]).startswith(b"PAR1")
            assert [csv["uri"], parquet["uri"]] == [f"{PREFIX}{name}" for name in shown["files"]]

    run(scenario)


@pytest.mark.parametrize("budget", [32_768, 4_915])
def test_the_schema_fits_its_budget_and_names_the_tables(code: Code, budget: int) -> None:
    async def scenario() -> None:
        async with tool(code) as db:
            (block,) = (await db.ask("get_db_schema", budget)).content
            assert "SQLite database, read-only" in block.to_json()["text"]
            assert "\n\nTeams: " in block.to_json()["text"]

    run(scenario)


def test_a_statement_that_fails_is_told_and_nothing_of_it_is_logged(code: Code) -> None:
    async def scenario() -> None:
        async with tool(code) as db:
            result = await db.ask("execute_sql_query", sql_query="SELECT nme AS private FROM Teams")
            assert result.is_error
            assert "Teams.name" in str(result.to_json())
            assert "private" not in str(db.log)

    run(scenario)


def test_a_malformed_call_is_a_contract_error(code: Code) -> None:
    async def scenario() -> None:
        async with tool(code) as db:
            answer = await db.invoke({"name": "get_db_schema"})
            error = json.loads(answer.payload)
            assert (error["errorType"], error["errorMessage"]) == ("ContractError", "id: it is missing")

    run(scenario)


def test_a_wrong_database_url_is_an_error_that_does_not_show_it(code: Code) -> None:
    async def scenario() -> None:
        async with tool(code, DATABASE_URL=f"mysql://u:{SECRET}@h/d") as db:
            context = {"run_id": "r", "agent": "a", "turn": 1, "effect_id": "e", "artifacts": PREFIX}
            context |= {"max_result_bytes": 9_000, "deadline": "2999-01-01T00:00:00Z"}
            answer = await db.invoke({"name": "get_db_schema", "id": "c", "input": {}, "context": context})
            assert json.loads(answer.payload)["errorType"] == "UnsupportedDatabase"
            assert SECRET not in answer.payload.decode() + str(db.log)

    run(scenario)
