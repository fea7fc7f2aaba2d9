"""Model callers as Lambdas on this machine: real processes, a vendor on loopback, an artifact store on loopback."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import time
from typing import Any

from stand_ins.model_vendor.server import VendorServer
from stepsmith.lambdas import Function, LogLine, Processes
from stepsmith.local import Role
from stepsmith.local.s3 import Buckets, ObjectServer

ROOT = Path(__file__).parents[2]
BUCKET = "stepsmith-local-000000000000-us-east-1"
KEYS = {"anthropic": "sk-ant-test-0123456789abcdef", "openai": "sk-test-0123456789abcdef"}
PROMPT = "Which team paid least per win in 2010?"
TIMEOUT_SECONDS = 30
MEMORY_MB = 512


@dataclass
class Caller:
    """One vendor's caller at work."""

    processes: Processes
    function: Function
    vendor: VendorServer
    log: list[LogLine]

    async def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The model answer, or Lambda's error document."""
        answer = await self.processes.invoke(self.function, json.dumps(request).encode())
        document: dict[str, Any] = json.loads(answer.payload)
        return document


@asynccontextmanager
async def calling(vendor: str, folder: Path, **environment: str) -> AsyncIterator[Caller]:
    """The caller of a vendor, which is a server on loopback."""
    log: list[LogLine] = []
    with VendorServer() as server:
        buckets = Buckets(folder / "s3")
        buckets.create(BUCKET)
        store = ObjectServer(buckets, lambda: round(time() * 1000))
        async with store as objects, Processes(cache=folder / "cache", log=log.append) as processes:
            function = _function(vendor, server, objects.session(Role((f"{BUCKET}/",))) | environment)
            yield Caller(processes, function, server, log)


def request(model: str, seconds_left: float = 300, **changes: Any) -> dict[str, Any]:
    """A first turn, with one tool."""
    deadline = datetime.now(UTC) + timedelta(seconds=seconds_left)
    schema = {"type": "object", "properties": {"sql_query": {"type": "string"}}, "required": ["sql_query"]}
    first = {
        "run_id": "r1",
        "agent": "sql",
        "turn": 1,
        "model": model,
        "system": "You know the database of a baseball league.",
        "transcript": {"chunks": [], "tail": [{"role": "user", "content": [{"type": "text", "text": PROMPT}]}]},
        "tools": [
            {"name": "get_db_schema", "description": "The schema.", "input_schema": {"type": "object"}},
            {"name": "execute_sql_query", "description": "Runs SQL.", "input_schema": schema},
        ],
        "max_output_bytes": 65_536,
        "final": False,
        "deadline": deadline.isoformat().replace("+00:00", "Z"),
    }
    return first | changes


def _function(vendor: str, server: VendorServer, environment: dict[str, str]) -> Function:
    base_url = {"anthropic": server.url, "openai": f"{server.url}/v1"}[vendor]
    ours = {
        "STEPSMITH_BUCKET": BUCKET,
        f"{vendor.upper()}_BASE_URL": base_url,
        f"{vendor.upper()}_API_KEY": KEYS[vendor],
    }
    return Function(
        f"stepsmith-local-caller-{vendor}",
        ROOT,
        f"llm_callers.{vendor}.handler.handler",
        timeout_seconds=TIMEOUT_SECONDS,
        memory_mb=MEMORY_MB,
        environment=ours | environment,
        python_path=tuple(Path(place) for place in sys.path if place),  # What these tests import, it may import.
        watch=(ROOT / "llm_callers" / vendor,),
    )
