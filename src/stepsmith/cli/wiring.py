"""Functions, roles and the local runtime, made from the project and the settings.

In development a Lambda runs from its sources: an edit is live at the next call. Its packages come from the locked
environment that runs this command line, its environment from `stepsmith.local`, its rights from tool.json.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from db_interface import lahman

from stepsmith.agent import Deployment, LoadedAgent, compile
from stepsmith.contracts import CallerFunction, ToolFunction
from stepsmith.lambdas import Function, LogLine
from stepsmith.local import Hosted, Role, Runtime

from .models import BASE_URL
from .project import Project
from .settings import Settings
from .terminal import no_log, note

LOCAL = Deployment()

PYTHON_PATH = ("purelib", "platlib")


class Workshop:
    """A project on this machine: what its runs need. `base_url` replaces the one of OpenAI-compatible servers."""

    def __init__(self, project: Project, settings: Settings, base_url: str | None = None) -> None:
        self.root = project.root
        self._project = project
        self._settings = settings
        self._base_url = base_url

    def runtime(self, log: Callable[[LogLine], None] = no_log) -> Runtime:
        """The runtime over this project's functions; its runs lie in the data folder of the settings."""
        return Runtime(
            self._settings.data,
            functions=dict(self._functions()),
            secrets=self._settings.environment,
            cache=self._settings.cache / "lambdas",
            log=log,
        )

    def archive(self) -> Runtime:
        """The runtime over the recorded runs alone: to list and show them."""
        return Runtime(self._settings.data)

    def definition(self, agent: LoadedAgent) -> dict[str, object]:
        return compile(agent, LOCAL, callers=self._project.vendors)

    def _functions(self) -> Iterator[tuple[str, Hosted]]:
        for name, folder in self._project.tools.items():
            tool = self._project.tool(name)
            if tool.language == "python":
                yield LOCAL.tool_arn(tool.function), Hosted(self._tool(tool, folder), tool_role(tool))
        for vendor in self._project.vendors:
            caller = self._project.caller(vendor)
            yield LOCAL.caller_arn(vendor), Hosted(self._caller(caller), caller_role(caller))

    def _tool(self, tool: ToolFunction, folder: Path) -> Function:
        return Function(
            name=LOCAL.named(tool.function),
            code=folder.parent,
            handler=f"{folder.name}.handler.handler",
            timeout_seconds=tool.timeout_seconds,
            memory_mb=tool.memory_mb,
            environment={**tool.environment, **self._settings_of(tool), **self._sample_database(tool)},
            python_path=self._python_path(),
            watch=(folder, *self._layers("contracts", "objects", "tool")),
        )

    def _caller(self, caller: CallerFunction) -> Function:
        folder = self._project.root / "llm_callers" / caller.vendor
        return Function(
            name=LOCAL.named(f"caller-{caller.vendor}"),
            code=self._project.root,
            handler=f"llm_callers.{caller.vendor}.handler.handler",
            timeout_seconds=caller.timeout_seconds,
            memory_mb=caller.memory_mb,
            environment={**caller.environment, **self._settings_of(caller), **self._server(caller)},
            python_path=self._python_path(),
            watch=(folder, *self._layers("contracts", "objects", "llm")),
        )

    def _python_path(self) -> tuple[Path, ...]:
        packages = dict.fromkeys(Path(sysconfig.get_path(name)) for name in PYTHON_PATH)
        return (self._project.root / "src", *packages)

    def _layers(self, *names: str) -> tuple[Path, ...]:
        return tuple(self._project.root / "src" / "stepsmith" / name for name in names)

    def _settings_of(self, function: ToolFunction | CallerFunction) -> Mapping[str, str]:
        """What the person's environment says for the variables that the function declares."""
        mine = self._settings.environment
        return {name: mine[name] for name in function.environment if name in mine}

    def _server(self, caller: CallerFunction) -> Mapping[str, str]:
        """The OpenAI-compatible server of this run, or of the settings."""
        url = self._base_url or self._settings.environment.get(BASE_URL)
        return {BASE_URL: url} if caller.vendor == "openai" and url else {}

    def _sample_database(self, tool: ToolFunction) -> Mapping[str, str]:
        """The sample data for the SQL tool, unless a database of one's own is set."""
        if tool.function != "db_interface" or self._settings.environment.get("DATABASE_URL"):
            return {}
        return {"LAHMAN_DATABASE": str(sample_database(self._settings))}


def sample_database(settings: Settings) -> Path:
    """The Lahman database as a SQLite file, made on first use."""
    folder = settings.cache / "lahman"
    if not any(folder.glob("*.sqlite")):
        note("Making the sample database (once, about 7 s) ...", "dim")
    return lahman.cached(folder)


def tool_role(tool: ToolFunction) -> Role:
    """A tool reads and writes artifacts and its own secrets; transcripts are closed to it."""
    return Role((f"{LOCAL.bucket}/artifacts/",), _names(tool.secrets))


def caller_role(caller: CallerFunction) -> Role:
    return Role((f"{LOCAL.bucket}/transcripts/", f"{LOCAL.bucket}/artifacts/"), _names(caller.secrets))


def _names(secrets: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.removesuffix("?") for name in secrets)
