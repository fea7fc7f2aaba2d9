"""A notebook on the real handler: the artifact store in memory, the sandbox of this machine."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from stepsmith.objects import Location, MemoryObjects, Objects
from stepsmith.tool import Call, Parts, Picture, ToolError

from . import prepare, sandbox
from .handler import execute

SECONDS = 60.0


@dataclass
class Result:
    document: dict[str, Any]
    is_error: bool
    files: dict[str, bytes] = field(default_factory=dict)
    pictures: list[str] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return self.document.get(name)


class Notebook:
    """Calls of execute_python of one run, one after another."""

    def __init__(self, run_id: str = "run", objects: Objects | None = None) -> None:
        self.run_id = run_id
        self.objects = objects or MemoryObjects()
        self.artifacts = Location.parse(f"s3://bucket/artifacts/sql/{run_id}/")
        self.turn = 0

    def cell(self, code: str, effect_id: str | None = None, seconds: float = SECONDS) -> Result:
        self.turn += 1
        return _answered(code, self.call(effect_id or f"effect-{self.turn}", seconds))

    def call(self, effect_id: str, seconds: float = SECONDS) -> Call:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        who = ("execute_python", f"call_{self.turn}", effect_id, self.run_id, "sql", self.turn)
        return Call(*who, until, self.artifacts, 32 * 1024, self.objects)

    def artifact(self, name: str, data: bytes) -> None:
        self.objects.put(self.artifacts / name, data, "text/csv")


def _answered(code: str, call: Call) -> Result:
    try:
        answer = execute({"code": code}, call)
    except ToolError as error:
        return Result(json.loads(str(error)), True)
    assert isinstance(answer, Parts)
    document, *files = answer.parts
    assert isinstance(document, dict)
    pictures = [each.name for each in files if isinstance(each, Picture)]
    return Result(document, False, {each.name: each.data for each in files}, pictures)  # type: ignore[union-attr]


@pytest.fixture
def notebook() -> Notebook:
    """Skipped only where no sandbox is to be had, with its reason: docs/security.md says which machines those are."""
    where = prepare.where()
    if isinstance(where, sandbox.Refused):
        pytest.skip(where.reason)
    return Notebook()
