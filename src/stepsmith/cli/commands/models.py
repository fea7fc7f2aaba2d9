"""A model is written vendor:model-id. Keys are read from the environment or from .env beside agents/.

An OpenAI-compatible server (Ollama, vLLM, llama.cpp, LM Studio) needs no key:

  stepsmith run sql "..." --model openai:llama3.3 --base-url http://127.0.0.1:11434/v1

or give it a name in stepsmith.toml and say --model local:

  [models.local]
  model = "openai:llama3.3"
  base_url = "http://127.0.0.1:11434/v1"
"""

from __future__ import annotations

import argparse
import asyncio
from typing import Any

from ..errors import COMPLETED
from ..models import Choice, local_models, missing_secrets
from ..project import Project
from ..settings import Settings, read
from ..terminal import document, say, table


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    project = Project(settings.root)
    local = asyncio.run(local_models())
    if options.json:
        document({"vendors": [_vendor(project, settings, name) for name in project.vendors], "local": local})
        return COMPLETED
    vendors = [_vendor(project, settings, name) for name in project.vendors]
    table(("vendor", "ready", "examples"), ((v["vendor"], _ready(v), ", ".join(v["models"])) for v in vendors))
    for name, entry in settings.models.items():
        say(f"{name}: {entry.model}" + (f" at {entry.base_url}" if entry.base_url else ""))
    for model, url in local:
        say(f"on this machine: --model openai:{model} --base-url {url}")
    return COMPLETED


def _vendor(project: Project, settings: Settings, name: str) -> dict[str, Any]:
    caller = project.caller(name)
    missing = missing_secrets(project, settings, Choice(f"{name}:"))
    models = [f"{name}:{model}" for model in caller.models]
    return {"vendor": name, "description": caller.description, "models": models, "missing": list(missing)}


def _ready(vendor: dict[str, Any]) -> str:
    return f"set {', '.join(vendor['missing'])}" if vendor["missing"] else "yes"
