"""The pool: warm processes, bounds, edits, ends. Real processes, over a folder and over the zip of it."""

import asyncio
import json
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from stepsmith.lambdas import Function, Processes

pytestmark = pytest.mark.asyncio

Make = Callable[..., Function]


@pytest_asyncio.fixture
async def processes(tmp_path: Path) -> AsyncIterator[Processes]:
    async with Processes(cache=tmp_path / "cache") as processes:
        yield processes


@pytest.fixture(params=["folder", "zip"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """A function from the text of its handler module, as a folder or as a zip."""

    def make(source: str, **settings: Any) -> Function:
        folder = tmp_path / "code"
        folder.mkdir(exist_ok=True)
        (folder / "app.py").write_text(source)
        code = folder if request.param == "folder" else _zipped(folder, tmp_path / "code.zip")
        return Function("fn", code, "app.handler", **settings)

    return make


def _zipped(folder: Path, artifact: Path) -> Path:
    with zipfile.ZipFile(artifact, "w") as archive:
        for file in folder.iterdir():
            archive.write(file, file.name)
    return artifact


async def test_a_second_call_meets_the_warm_process(processes: Processes, make: Make) -> None:
    function = make("import os\ndef handler(event, context): return os.getpid()")
    first, second = await processes.invoke(function, b"{}"), await processes.invoke(function, b"{}")
    assert first.payload == second.payload
    assert first.init_ms is not None
    assert second.init_ms is None


async def test_an_edit_is_live_at_the_next_call(processes: Processes, make: Make) -> None:
    for number in range(3):
        function = make(f"def handler(event, context): return {number}")
        assert json.loads((await processes.invoke(function, b"{}")).payload) == number


async def test_twenty_at_once_are_served_by_ten_processes(processes: Processes, make: Make) -> None:
    function = make("import os, time\ndef handler(event, context): time.sleep(0.02); return os.getpid()")
    answers = await asyncio.gather(*(processes.invoke(function, b"{}") for _ in range(20)))
    assert len({answer.payload for answer in answers}) == 10
    assert [answer.error for answer in answers] == [None] * 20
