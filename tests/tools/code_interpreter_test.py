"""The code interpreter as a Lambda on this machine: its process, its tool.json, artifacts on loopback S3."""

from __future__ import annotations

import asyncio
import json
import sysconfig
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from typing import Any

import pytest
from code_interpreter import prepare, sandbox

from stepsmith.contracts import ToolFunction, ToolResult
from stepsmith.lambdas import Function, LogLine, Processes
from stepsmith.local import Role
from stepsmith.local.s3 import Buckets, ObjectServer

ROOT = Path(__file__).parents[2]
TOOL = ROOT / "tools/python/code_interpreter"
BUCKET = "stepsmith-local-000000000000-us-east-1"
ROLE = Role((f"{BUCKET}/artifacts/",))


@dataclass
class Tool:
    """The function at work for one run."""

    processes: Processes
    function: Function
    bucket: Path
    log: list[LogLine]
    turn: int = 0

    async def cell(self, code: str, effect_id: str | None = None) -> ToolResult:
        self.turn += 1
        answer = await self.processes.invoke(self.function, self.event(code, effect_id or f"effect-{self.turn}"))
        assert answer.error is None, answer.payload
        return ToolResult.from_json(json.loads(answer.payload))

    def event(self, code: str, effect_id: str) -> bytes:
        deadline = (datetime.now(UTC) + timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
        context = {
            "run_id": "r1",
            "agent": "sql",
            "turn": self.turn,
            "effect_id": effect_id,
            "artifacts": f"s3://{BUCKET}/artifacts/sql/r1/",
            "max_result_bytes": 32768,
            "deadline": deadline,
        }
        call = {"name": "execute_python", "id": f"call_{self.turn}", "input": {"code": code}, "context": context}
        return json.dumps(call).encode()


PATH = (ROOT / "src", ROOT / "tools/python", Path(sysconfig.get_path("purelib")))
ARTIFACT = Path("tools/python/code_interpreter.zip")  # Pants lays it there; `./pants package` under dist/.


def artifact() -> Path:
    found = [path for path in (ROOT / ARTIFACT, ROOT / "dist" / ARTIFACT) if path.is_file()]
    if not found:
        pytest.skip("no artifact: ./pants package tools/python/code_interpreter:lambda builds it")
    return found[0]


@asynccontextmanager
async def interpreter(folder: Path, code: Path = ROOT, python_path: tuple[Path, ...] = PATH) -> AsyncIterator[Tool]:
    """Endpoint and processes are new each time; a folder's second interpreter finds the artifacts of the first."""
    log: list[LogLine] = []
    bucket = folder / "s3" / BUCKET
    bucket.mkdir(parents=True, exist_ok=True)
    described = ToolFunction.from_json(json.loads((TOOL / "tool.json").read_text()))
    store = ObjectServer(Buckets(folder / "s3"), lambda: round(time() * 1000))
    async with store as objects, Processes(cache=folder / "cache", log=log.append) as processes:
        function = Function(
            "stepsmith-local-code_interpreter",
            code,
            "code_interpreter.handler.handler" if code == ROOT else "lambda_function.handler",
            timeout_seconds=described.timeout_seconds,
            memory_mb=described.memory_mb,
            environment=objects.session(ROLE),
            python_path=python_path,
            watch=(TOOL,),
        )
        yield Tool(processes, function, bucket, log)


@pytest.fixture(autouse=True)
def with_a_sandbox() -> None:
    where = prepare.where()
    if isinstance(where, sandbox.Refused):
        pytest.skip(where.reason)


def document(result: ToolResult) -> dict[str, Any]:
    block = result.content[0].to_json()
    assert block["type"] == "text"
    decoded: dict[str, Any] = json.loads(block["text"])
    return decoded


def run(scenario: Any) -> None:
    asyncio.run(scenario)


def test_cells_of_a_run_share_state_though_each_may_meet_a_new_process(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with interpreter(tmp_path) as tool:
            await tool.cell("import math\nr = 2\ndef area(): return math.pi * r ** 2")
        async with interpreter(tmp_path) as tool:
            assert document(await tool.cell("round(area(), 2)", "another"))["value"] == "12.57"

    run(scenario())


def test_a_chart_is_an_image_in_the_runs_artifacts(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with interpreter(tmp_path) as tool:
            result = await tool.cell(
                "import pandas as pd\npd.Series([1, 2]).plot.bar(title='Wins per million')\n'done'"
            )
            text, image = (block.to_json() for block in result.content)
            assert json.loads(text["text"]) == {"output": "", "value": "'done'", "charts": ["wins_per_million.png"]}
            assert (image["type"], image["title"]) == ("image", "wins_per_million.png")
            key = image["uri"].removeprefix(f"s3://{BUCKET}/")
            assert (tool.bucket / key).read_bytes().startswith(b"\x89PNG")

    run(scenario())


def test_the_built_artifact_draws_and_remembers(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with interpreter(tmp_path, artifact(), ()) as tool:
            drawn = await tool.cell("import pandas as pd\ns = pd.Series([1, 2])\ns.plot.bar(title='Wins')\n'done'")
            assert document(drawn)["charts"] == ["wins.png"]
            assert document(await tool.cell("s.sum().item()"))["value"] == "3"

    run(scenario())


def test_a_result_of_another_tool_is_read_by_its_name(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with interpreter(tmp_path) as tool:
            folder = tool.bucket / "artifacts/sql/r1"
            folder.mkdir(parents=True)
            (folder / "rows-1a2b3c4d.csv").write_text("team,wins\nNYA,98\n")
            result = await tool.cell("import pandas as pd\npd.read_csv('rows-1a2b3c4d.csv').wins.sum().item()")
            assert document(result)["value"] == "98"

    run(scenario())


def test_a_repeated_call_answers_the_same_and_changes_nothing(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with interpreter(tmp_path) as tool:
            await tool.cell("n = 0")
            first = await tool.cell("n += 1\nn", "same")
            second = await tool.cell("n += 1\nn", "same")
            assert document(first) == document(second) == {"output": "", "value": "1"}

    run(scenario())


def test_an_error_in_a_cell_is_an_error_result_that_a_model_reads(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with interpreter(tmp_path) as tool:
            result = await tool.cell("rows = []\nrows[0]")
            assert result.is_error
            assert document(result)["error"].endswith("IndexError: list index out of range")

    run(scenario())


def test_an_input_without_code_names_the_field(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with interpreter(tmp_path) as tool:
            event = json.loads(tool.event("x", "e")) | {"input": {"cod": "x"}}
            answer = await tool.processes.invoke(tool.function, json.dumps(event).encode())
            result = ToolResult.from_json(json.loads(answer.payload))
            assert result.is_error
            assert "code" in str(result.content[0])

    run(scenario())


def test_a_cell_finds_neither_credentials_nor_runtime_api(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with interpreter(tmp_path) as tool:
            secret = tool.function.environment["AWS_SECRET_ACCESS_KEY"]
            code = (
                "import glob, os\nprint(dict(os.environ))\n"
                "for path in glob.glob('/proc/[0-9]*/environ') + glob.glob('/proc/[0-9]*/cmdline'):\n"
                "    print(open(path, 'rb').read())"
            )
            seen = document(await tool.cell(code))["output"]
            assert secret not in seen
            assert "AWS_" not in seen

    run(scenario())


def test_the_log_holds_no_code_and_no_output(tmp_path: Path) -> None:
    async def scenario() -> None:
        async with interpreter(tmp_path) as tool:
            await tool.cell("print('canary-' + 'output')\n# canary-code")
            await tool.cell("raise ValueError('canary-' + 'error')")
            text = "\n".join(line.text for line in tool.log)
            assert "tool call" in text
            assert "canary" not in text

    run(scenario())
