"""Built tools of every language at work for one run: behind the Runtime API, over the artifact store on loopback, with
stand-ins for their outside services.

    async with hosting(folder, tools) as lambdas:
        result = await lambdas.result("calculate_volatility", {"bucket": ..., "key": ...})
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from time import time
from typing import Any

from stepsmith.cli.native import artifact
from stepsmith.cli.offline import needed, stand_ins
from stepsmith.cli.settings import ROOT, Settings, read
from stepsmith.contracts import ToolFunction
from stepsmith.lambdas import Answer, Function, Processes
from stepsmith.local import Role
from stepsmith.local.s3 import Buckets, ObjectServer

BUCKET = "stepsmith-local-000000000000-us-east-1"
ROLE = Role((f"{BUCKET}/artifacts/",))
PREFIX = "artifacts/test/r1/"
MAX_RESULT_BYTES = 32_768
CONTEXT = {
    "run_id": "r1",
    "agent": "test",
    "turn": 1,
    "effect_id": "e1",
    "artifacts": f"s3://{BUCKET}/{PREFIX}",
    "max_result_bytes": MAX_RESULT_BYTES,
    "deadline": "2999-01-01T00:00:00Z",
}
FUNCTIONS = {
    "/".join(path.parts[-3:-1]): ToolFunction.from_json(json.loads(path.read_text("utf-8")))
    for path in sorted((ROOT / "tools").glob("*/*/tool.json"))
}
"""By ``language/folder``."""


@dataclass(frozen=True)
class Lambdas:
    """The functions at work; `store` is the folder of the run's artifacts."""

    processes: Processes
    functions: Mapping[str, Function]
    store: Path

    async def invoke(self, tool: str, payload: bytes) -> Answer:
        return await self.processes.invoke(self.functions[tool], payload)

    async def result(self, tool: str, input: Mapping[str, Any]) -> Any:
        """The text of a result, parsed; it must be none of an error."""
        answer = await self.invoke(tool, json.dumps(call(tool, input)).encode())
        result = json.loads(answer.payload)
        assert answer.error is None and not result["is_error"], result
        return json.loads(result["content"][0]["text"])


def call(tool: str, input: Any, **context: Any) -> dict[str, Any]:
    return {"name": tool, "id": "call_1", "input": input, "context": CONTEXT | context}


def built() -> dict[str, Path]:
    """The artifacts that there are."""
    found = {name: artifact(ROOT, function) for name, function in FUNCTIONS.items()}
    return {name: path for name, path in found.items() if path.is_file()}


@asynccontextmanager
async def hosting(folder: Path, names: Iterable[str]) -> AsyncIterator[Lambdas]:
    """These artifacts, each tool by its name."""
    store = folder / "s3" / BUCKET / PREFIX
    store.mkdir(parents=True)
    functions = [FUNCTIONS[name] for name in names]
    offline = replace(read(), environment={})
    server = ObjectServer(Buckets(folder / "s3"), lambda: round(time() * 1000))
    with stand_ins(needed(offline, functions), offline) as settings:
        async with server as objects, Processes(cache=folder / "cache") as processes:
            session = objects.session(ROLE)
            hosted = [(each, _function(each, settings, session)) for each in functions]
            yield Lambdas(processes, {tool.name: made for each, made in hosted for tool in each.tools}, store)


def _function(tool: ToolFunction, settings: Settings, session: Mapping[str, str]) -> Function:
    names = (*tool.environment, *(name.removesuffix("?") for name in tool.secrets))
    values = {**tool.environment, **{name: settings.environment.get(name) for name in names}}
    said = {name: value or tool.environment.get(name, "") for name, value in values.items()}
    return Function(
        f"stepsmith-local-{tool.function}",
        artifact(ROOT, tool),
        tool.handler or "lambda_function.handler",
        runtime=tool.runtime or "python3.12",
        timeout_seconds=tool.timeout_seconds,
        memory_mb=tool.memory_mb,
        environment={**session, **{name: value for name, value in said.items() if value}},
    )
