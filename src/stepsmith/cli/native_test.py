"""Claims on when a tool's artifact is there."""

import os
from pathlib import Path

import pytest

from stepsmith.contracts import CallerFunction, ToolFunction

from .native import artifact, missing

TOOL = ToolFunction("hello", "go", 9, 128, "none", ())
CALLER = CallerFunction("vendor", "", 9, 128, ("small",))
HOUR = 3_600


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("go.mod", "kit/serve.go", "hello/main.go", "hello/target/left.o", "other/main.go"):
        file = tmp_path / "tools/go" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / "dist/tools/go").mkdir(parents=True)
    return tmp_path


def newer(path: Path) -> None:
    later = path.stat().st_mtime + HOUR
    os.utime(path, (later, later))


def test_an_artifact_that_was_never_built_is_missing(root: Path) -> None:
    assert missing(root, [TOOL]) == (TOOL,)


@pytest.mark.parametrize(
    ("edited", "is_missing"),
    [
        ("go.mod", True),
        ("kit/serve.go", True),
        ("hello/main.go", True),
        ("hello/target/left.o", False),
        ("other/main.go", False),
    ],
)
def test_an_artifact_is_missing_once_one_of_its_sources_is_newer(root: Path, edited: str, is_missing: bool) -> None:
    artifact(root, TOOL).touch()
    assert not missing(root, [TOOL])
    newer(root / "tools/go" / edited)
    assert bool(missing(root, [TOOL])) == is_missing


def test_the_artifact_of_a_test_lies_beside_the_sources(root: Path) -> None:
    beside = root / "tools/go/hello.zip"
    beside.touch()
    newer(root / "tools/go/go.mod")
    assert artifact(root, TOOL) == beside
    assert not missing(root, [TOOL])


@pytest.mark.parametrize(
    ("edited", "is_missing"),
    [
        ("llm_callers/vendor/handler.py", True),
        ("src/stepsmith/llm/serving.py", True),
        ("agents/sql/scenario.yaml", True),
        ("src/stepsmith/tool/serving.py", False),
        ("agents/sql/instructions.md", False),
    ],
)
def test_a_caller_is_made_of_its_folder_kit_and_scenarios(tmp_path: Path, edited: str, is_missing: bool) -> None:
    (tmp_path / "dist/llm_callers").mkdir(parents=True)
    artifact(tmp_path, CALLER).touch()
    (tmp_path / edited).parent.mkdir(parents=True)
    (tmp_path / edited).touch()
    newer(tmp_path / edited)
    assert bool(missing(tmp_path, [CALLER])) == is_missing
