"""The two tools: from a call to an answer. Everything that a model can repair becomes a `ToolError`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from stepsmith.contracts.budgets import json_bytes
from stepsmith.tool import Call, File, Rows, ToolError, optional_secret

from .advice import advice
from .catalog import names, tables
from .description import describe
from .engines import embedded, reading, remote, spelling, title
from .exports import to_csv, to_parquet
from .statements import NoRows, Result, StatementFailed, StatementTimedOut, run

QUERY_SECONDS = 30.0
"""A statement's time; half of what the call has left, where that is less: the rest is for its files."""
PAGE = 100
"""Rows that are shown; a longer result is kept as Parquet, too."""
ENVELOPE = 300
"""Bytes of a result around its text."""


def schema(input: Mapping[str, Any], call: Call) -> str:
    """get_db_schema: the tables as text that fits the call's budget."""
    engine = _engine()
    with reading(engine, _seconds(call)) as connection:
        found = tables(connection)
    return describe(
        found, title(engine), spelling(engine), lambda text: json_bytes(text) + ENVELOPE <= call.max_result_bytes
    )


def query(input: Mapping[str, Any], call: Call) -> Rows:
    """execute_sql_query: a page of rows, and all of them as files."""
    engine, seconds = _engine(), _seconds(call)
    try:
        return answer(run(engine, input["sql_query"], seconds))
    except StatementFailed as error:
        raise ToolError(_advice(engine, str(error), seconds)) from error
    except StatementTimedOut:
        raise ToolError(
            f"The query was stopped after {seconds:.0f} seconds. Filter earlier, join on keys, or aggregate."
        ) from None
    except NoRows:
        raise ToolError("The statement gives no rows. Write one SELECT (or WITH, VALUES).") from None


def answer(result: Result) -> Rows:
    """A result with its files: CSV of any rows, Parquet of more than a page."""
    files = [File(to_csv(result), "query.csv", "text/csv")] if result.rows else []
    if len(result.rows) > PAGE:
        files.append(File(to_parquet(result), "query.parquet", "application/vnd.apache.parquet"))
    cut = f"There are more rows. Only the first {len(result.rows):,} were read; aggregate or filter in the query."
    return Rows(result.columns, result.rows, tuple(files), {"cut": cut} if result.cut else {}, PAGE)


def _engine() -> Engine:
    if url := optional_secret("DATABASE_URL"):
        return remote(url)
    return embedded(Path(os.environ.get("LAHMAN_DATABASE") or Path(__file__).parent / "lahman.sqlite"))


def _seconds(call: Call) -> float:
    return min(QUERY_SECONDS, call.seconds_left() / 2)


def _advice(engine: Engine, message: str, seconds: float) -> str:
    with reading(engine, seconds) as connection:
        return advice(message, names(connection), spelling(engine))
