"""What the environment chooses for the whole process."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from stepsmith.asl import choose_engine, default_evaluator

from .errors import UsageError
from .settings import read


@pytest.fixture(autouse=True)
def _the_default_engine_afterwards() -> Iterator[None]:
    yield
    choose_engine("default")


def test_the_environment_chooses_the_jsonata_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = default_evaluator()
    monkeypatch.setenv("STEPSMITH_JSONATA", "fallback")
    read(root=tmp_path)
    assert type(default_evaluator()) is not type(before)


def test_dotenv_chooses_it_too(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = default_evaluator()
    monkeypatch.delenv("STEPSMITH_JSONATA", raising=False)
    (tmp_path / ".env").write_text("STEPSMITH_JSONATA=fallback\n")
    read(root=tmp_path)
    assert type(default_evaluator()) is not type(before)


def test_an_engine_that_there_is_not_is_a_usage_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("STEPSMITH_JSONATA", "v8")
    with pytest.raises(UsageError, match="no JSONata engine 'v8': one of default, fallback"):
        read(root=tmp_path)
