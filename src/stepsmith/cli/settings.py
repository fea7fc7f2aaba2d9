"""What the environment, ``.env`` and ``stepsmith.toml`` say: one frozen value, read once.

A variable of the environment wins over the same one in ``.env``. ``stepsmith.toml``, if there is one beside
``agents/``, names models of one's own:

    [models.local]
    model = "openai:llama3.3"
    base_url = "http://127.0.0.1:11434/v1"

``STEPSMITH_JSONATA=fallback`` chooses the other JSONata engine.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from .errors import UsageError

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class NamedModel:
    """A model under a name of one's own; `base_url` is that of an OpenAI-compatible server."""

    model: str
    base_url: str | None = None


@dataclass(frozen=True)
class Settings:
    """`root` is the repository, `cache` holds what can be made again, `data` the runs and their artifacts."""

    root: Path
    cache: Path
    data: Path
    environment: Mapping[str, str]
    models: Mapping[str, NamedModel]


def read(data: str | None = None, root: Path = ROOT) -> Settings:
    """The settings in force. `data` is the ``--data`` option. Raises `UsageError` for a broken file."""
    environment = {**_dotenv(root / ".env"), **os.environ}
    cache = _cache(environment)
    _choose_jsonata_engine(environment)
    return Settings(root, cache, _data(data) if data else cache / "data", environment, _models(root))


def _data(named: str) -> Path:
    folder = _absolute(named, "--data")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"--data: {str(folder)!r} is no folder: name one; it is made where it does not exist.")
    return folder


def _absolute(named: str, by: str) -> Path:
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError:  # ~somebody, whom this machine does not know
        raise UsageError(f"{by}: {named!r} names the home of a user who is not here: write the path out.") from None


def _dotenv(path: Path) -> Mapping[str, str]:
    try:
        found = dotenv_values(path, interpolate=False)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read ({error}): it holds lines NAME=value, in UTF-8.") from None
    return {name: value for name, value in found.items() if value is not None}


def _cache(environment: Mapping[str, str]) -> Path:
    if named := environment.get("STEPSMITH_CACHE"):
        return _absolute(named, "STEPSMITH_CACHE")
    return Path(environment.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stepsmith"


def _choose_jsonata_engine(environment: Mapping[str, str]) -> None:
    """`STEPSMITH_JSONATA=fallback` runs expressions by the other engine; the choice is the whole process's."""
    if name := environment.get("STEPSMITH_JSONATA"):
        from stepsmith.asl import choose_engine

        try:
            choose_engine(name)
        except ValueError as error:
            raise UsageError(f"STEPSMITH_JSONATA: {error}.") from None


def _models(root: Path) -> Mapping[str, NamedModel]:
    path = root / "stepsmith.toml"
    if not path.exists():
        return {}
    try:
        entries: dict[str, Any] = tomllib.loads(path.read_text("utf-8")).get("models", {})
        return {name: _named(**entry) for name, entry in entries.items()}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError, AttributeError) as error:
        raise UsageError(f"{path.name} cannot be read ({error}): see `stepsmith models --help` for its form.") from None


def _named(model: str, base_url: str | None = None) -> NamedModel:
    if not isinstance(model, str) or not isinstance(base_url, str | None):
        raise TypeError("model and base_url are texts")
    return NamedModel(model, base_url)
