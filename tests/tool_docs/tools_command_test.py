"""Claims on `stepsmith tools` and `stepsmith tools try`, run as a person would."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ("src", "tools/python", ".")
KEYS = ("PPLX_API_KEY", "NYT_API_KEY", "DATABASE_URL")
SQL = "SELECT 41 + 1 AS answer"


@pytest.fixture
def tools(tmp_path):
    """Runs `stepsmith tools WORDS` with nobody's keys; keywords are variables of its environment."""
    kept = {name: value for name, value in os.environ.items() if name not in KEYS}
    path = os.pathsep.join([*(str(ROOT / source) for source in SOURCES), *sys.path])

    def run(*words, **variables):
        command = [sys.executable, "-m", "stepsmith.cli", "tools", *words, "--data", str(tmp_path)]
        given = {**kept, "PYTHONPATH": path, "COLUMNS": "100", "NO_COLOR": "1", **variables}
        return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False, env=given)

    return run


def needs(name):
    """A tool's artifact must be there: a test that builds is for `./pants test`."""
    there = any((folder / f"tools/{name}.zip").is_file() for folder in (ROOT, ROOT / "dist"))
    return pytest.mark.skipif(not there, reason=f"nothing is built: `./pants package tools/{name}:lambda`")


def test_the_table_has_every_tool_of_every_language(tools):
    shown = tools()
    assert shown.returncode == 0, shown.stderr
    for path in ROOT.glob("tools/*/*/tool.json"):
        described = json.loads(path.read_text())
        assert f"{described['language']}/{described['function']}" in shown.stdout
        assert all(tool["name"] in shown.stdout for tool in described["tools"])


def test_a_secret_is_said_to_be_set_and_never_shown(tools):
    assert "PPLX_API_KEY: not set" in tools().stdout
    shown, document = tools(PPLX_API_KEY="pplx-hush"), tools("--json", PPLX_API_KEY="pplx-hush")
    assert "PPLX_API_KEY: set" in shown.stdout
    research = next(each for each in json.loads(document.stdout) if each["function"] == "web_research")
    assert research["secrets_set"] == {"PPLX_API_KEY": True}
    assert "pplx-hush" not in shown.stdout + document.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("execute_sql", "{}"), "There is no tool 'execute_sql' (did you mean 'execute_sql_query'?)"),
        (("execute_sql_query", "{"), "is no JSON (Expecting property name"),
        (("execute_sql_query", "[1]"), "'[1]' is no JSON object: write one object with the fields sql_query."),
        (("get_db_schema", "x"), "write {}, for it takes no input"),
        ((), "Which tool?"),
    ],
)
def test_what_is_tried_wrongly_is_one_sentence(tools, words, sentence):
    tried = tools("try", *words)
    assert (tried.returncode, tried.stdout) == (2, "")
    assert sentence in tried.stderr
    assert "Traceback" not in tried.stderr


@needs("python/db_interface")
def test_a_try_shows_result_artifacts_and_logs(tools, tmp_path):
    tried = tools("try", "execute_sql_query", json.dumps({"sql_query": SQL}), "--logs")
    assert tried.returncode == 0, tried.stderr
    assert '"rows":[{"answer":42}]' in tried.stdout
    written = next(line.removeprefix("wrote ") for line in tried.stderr.splitlines() if line.startswith("wrote "))
    assert Path(written).is_relative_to(tmp_path)
    assert Path(written).read_text().split() == ['"answer"', "42"]
    assert "tool call" in tried.stderr and "is_error: false" in tried.stderr


@needs("python/db_interface")
def test_an_error_of_the_tool_is_shown_and_is_exit_code_1(tools):
    tried = tools("try", "execute_sql_query", '{"sql": "SELECT 1"}', "--json")
    assert tried.returncode == 1
    document = json.loads(tried.stdout)
    assert document["is_error"] and document["artifacts"] == [] and document["bytes"] > 100
    assert "does not fit its schema" in document["result"]["content"][0]["text"]


@needs("go/web_research")
def test_without_its_secret_a_tool_asks_the_stand_in_and_that_is_said(tools):
    tried = tools("try", "research_company", '{"company": "Apple", "topics": ["risks"]}')
    assert tried.returncode == 0, tried.stderr
    assert "Offline: Perplexity is a stand-in" in tried.stderr
    assert json.loads(tried.stdout)["company"] == "Apple"


@needs("java/stock_analyzer")
@needs("python/market_data")
def test_one_try_reads_what_another_wrote(tools):
    asked = {"tickers": ["AAPL", "MSFT", "IBM"], "days": 60}
    prices = json.loads(tools("try", "download_tickers_data", json.dumps(asked), "--json").stdout)
    assert not prices["is_error"], prices
    bucket, _, key = prices["result"]["content"][-1]["uri"].removeprefix("s3://").partition("/")
    tried = tools("try", "calculate_volatility", json.dumps({"bucket": bucket, "key": key}))
    assert tried.returncode == 0, tried.stderr + tried.stdout
    assert "AAPL" in tried.stdout
