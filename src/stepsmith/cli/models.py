"""Which model answers, and what is missing where none can.

A model is ``vendor:model-id``. The vendor is a folder of ``llm_callers/``; what it needs stands in its ``caller.json``.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from urllib.parse import urlsplit

from .errors import UsageError
from .project import Project, near
from .settings import Settings

SCRIPTED = "scripted"
BASE_URL = "OPENAI_BASE_URL"

LOCAL_SERVERS = {
    "Ollama": "http://127.0.0.1:11434/v1",
    "LM Studio": "http://127.0.0.1:1234/v1",
    "llama.cpp": "http://127.0.0.1:8080/v1",
    "vLLM": "http://127.0.0.1:8000/v1",
}
"""Where OpenAI-compatible servers listen unless told otherwise, as their documentation says."""


@dataclass(frozen=True)
class Choice:
    """The model of a run; `base_url` is that of an OpenAI-compatible server."""

    model: str
    base_url: str | None = None

    @property
    def vendor(self) -> str:
        return self.model.partition(":")[0]

    @property
    def is_scripted(self) -> bool:
        return self.vendor == SCRIPTED


def missing_secrets(project: Project, settings: Settings, choice: Choice) -> tuple[str, ...]:
    """The keys that `choice` needs and nobody has set; a server of one's own (a base URL) needs none."""
    if choice.base_url or (choice.vendor == "openai" and settings.environment.get(BASE_URL)):
        return ()
    needed = (name.removesuffix("?") for name in project.caller(choice.vendor).secrets)
    return tuple(name for name in needed if not settings.environment.get(name))


def named(project: Project, settings: Settings, name: str, base_url: str | None, scenario: str) -> Choice:
    """The model that ``--model`` names: ``vendor:id``, ``scripted``, or an entry of ``stepsmith.toml``.

    `scenario` is what ``scripted`` alone stands for. Raises `UsageError`.
    """
    if entry := settings.models.get(name):
        return checked(project, entry.model, base_url or entry.base_url)
    return Choice(scenario) if name == SCRIPTED else checked(project, name, base_url)


def checked(project: Project, name: str, base_url: str | None) -> Choice:
    """A model by its whole name. Raises `UsageError` for another form, for a vendor without a caller, and for a base
    URL that is none or goes with another vendor."""
    vendor, colon, model = name.partition(":")
    if not colon or not model:
        raise UsageError(f"{name!r} is no model: write vendor:model-id. `stepsmith models` shows some.")
    if vendor not in project.vendors:
        known = ", ".join(project.vendors)
        raise UsageError(f"There is no vendor {vendor!r}{near(vendor, project.vendors)}; there are {known}.")
    if base_url and vendor != "openai":
        raise UsageError(f"--base-url goes with openai:NAME (an OpenAI-compatible server), not with {name!r}.")
    if base_url and not _is_url(base_url):
        raise UsageError(f"{base_url!r} is no base URL: write it like {LOCAL_SERVERS['Ollama']}.")
    return Choice(name, base_url)


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def nothing_to_ask(project: Project, settings: Settings, agent: str, wanted: Choice) -> UsageError:
    """What was looked for in vain, and each way on."""
    missing = ", ".join(missing_secrets(project, settings, wanted))
    servers = ", ".join(f"{name} ({url})" for name, url in LOCAL_SERVERS.items())
    lines = (
        f"No model can answer: {missing} is not set ({wanted.model}).",
        f"Looked in the environment and .env for {', '.join(_all_keys(project))},",
        f"and on this machine for {servers}.",
        *_ways_on(project, settings, agent),
    )
    return UsageError("\n".join(lines))


def _all_keys(project: Project) -> list[str]:
    return [name.rstrip("?") for vendor in project.vendors for name in project.caller(vendor).secrets]


def _ways_on(project: Project, settings: Settings, agent: str) -> list[str]:
    found = asyncio.run(local_models())
    ways = [f"stepsmith run {agent} ... --model openai:{model} --base-url {url}" for model, url in found[:3]]
    ways += [
        f"stepsmith run {agent} ... --model {vendor}:{project.caller(vendor).models[0]}"
        for vendor in project.vendors
        if vendor != SCRIPTED and not missing_secrets(project, settings, Choice(f"{vendor}:"))
    ]
    if ways:
        return ["This would work:", *(f"  {way}" for way in ways)]
    return ["Set a key (see `stepsmith models`), start a local server, or leave the question out for the sample one."]


async def local_models() -> list[tuple[str, str]]:
    """Model ids that servers on this machine offer, each with its base URL."""
    answers = await asyncio.gather(*(_offered(url) for url in LOCAL_SERVERS.values()))
    return [(model, url) for url, models in zip(LOCAL_SERVERS.values(), answers, strict=True) for model in models]


async def _offered(base_url: str) -> list[str]:
    import aiohttp

    timeout = aiohttp.ClientTimeout(total=0.5)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"{base_url}/models") as response:
            listing = json.loads(await response.text())
            return [str(each["id"]) for each in listing["data"]]
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError, KeyError, TypeError):
        return []  # Nobody there, or nobody who speaks this.
