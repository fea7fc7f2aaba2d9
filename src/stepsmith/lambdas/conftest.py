"""What the tests of processes share: an engine, its log, and functions made from the text of their modules."""

import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from stepsmith.lambdas import Function, LogLine, Processes

Make = Callable[..., Function]


@pytest.fixture
def lines() -> list[LogLine]:
    return []


@pytest_asyncio.fixture
async def processes(tmp_path: Path, lines: list[LogLine]) -> AsyncIterator[Processes]:
    async with Processes(cache=tmp_path / "cache", log=lines.append) as processes:
        yield processes


@pytest.fixture(params=["folder", "zip"])
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """A function from the text of its module `app`, as a folder and as the zip of that folder."""

    def make(source: str, handler: str = "app.handler", file: str = "app.py", **settings: Any) -> Function:
        folder = tmp_path / "code"
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(source)
        code = folder if request.param == "folder" else zipped(folder, tmp_path / "code.zip")
        return Function("fn", code, handler, **settings)

    return make


def zipped(folder: Path, artifact: Path) -> Path:
    with zipfile.ZipFile(artifact, "w") as archive:
        for file in sorted(folder.rglob("*")):
            archive.write(file, file.relative_to(folder))
    return artifact
