"""Functions, roles and the local runtime, made from the project and the settings.

In development a Lambda runs from its sources: an edit is live at the next call. Its packages come from the locked
environment that runs this command line, its environment from `stepsmith.local`, its rights from tool.json. With `built`
it runs from the artifact that `./pants package ::` made, and sees nothing else: what runs on AWS. Tools in other
languages always run from theirs (`native`).
"""

from __future__ import annotations

import sqlite3
import sysconfig
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from stepsmith.agent import LoadedAgent, compile
from stepsmith.contracts import CallerFunction, ToolFunction
from stepsmith.lambdas import Function, LogLine
from stepsmith.local import Hosted, Role, Runtime
from stepsmith.local.endpoint.server import Endpoint
from stepsmith.local.packing import encode

from .cancelling import Marks
from .errors import CommandError, UsageError
from .laptop import LOCAL, SEEDS
from .models import BASE_URL
from .native import PYTHON, artifact, named
from .project import Project
from .settings import Settings
from .terminal import no_log, note

STAND_INS = "stand_ins"
"""In a run's metadata: its outside services are played by stand-ins."""

PYTHON_PATH = ("purelib", "platlib")
SHARED_LAYERS = ("contracts", "objects", "secrets")
"""What both kits stand on."""


class Workshop:
    """A project on this machine: what its runs need.

    `base_url` replaces the one of OpenAI-compatible servers; `built` is the folder of artifacts to run (``dist``).
    """

    def __init__(
        self, project: Project, settings: Settings, base_url: str | None = None, built: Path | None = None
    ) -> None:
        self.root = project.root
        self._project = project
        self._settings = settings
        self._base_url = base_url
        self._built = built

    def runtime(
        self,
        log: Callable[[LogLine], None] = no_log,
        endpoint: Endpoint | None = None,
        agents: Iterable[LoadedAgent] = (),
    ) -> Runtime:
        """The runtime over this project's functions; its runs lie in the data folder of the settings. `endpoint` is
        the one that its functions call, which the caller opens; without one it has its own."""
        return Runtime(
            self._settings.data,
            functions=dict(self._functions()),
            secrets=self._settings.environment,
            cache=self._settings.cache / "lambdas",
            log=log,
            endpoint=endpoint,
            is_resident=endpoint is not None,
            takes_up=lambda input: not is_of_its_own(input),  # `resume` knows how to reach its services
            machines={LOCAL.machine_arn(agent.name): self.definition(agent) for agent in agents},
            seeds=SEEDS,
            on_nested=self.marks.inherit,
        )

    @property
    def marks(self) -> Marks:
        """The cancel marks of this project's runs."""
        agents = {LOCAL.machine_arn(agent): agent for agent in self._project.agents}
        return Marks(self._settings.data / "s3" / LOCAL.bucket / "transcripts", agents)

    def definition(self, agent: LoadedAgent) -> dict[str, object]:
        return compile(agent, LOCAL, callers=self._project.vendors)

    def definition_text(self, agent: LoadedAgent) -> str:
        """The definition as the endpoint keeps it: the same text for the same agent."""
        return encode(self.definition(agent)).decode()

    def _functions(self) -> Iterator[tuple[str, Hosted]]:
        for name, folder in self._project.tools.items():
            tool = self._described(name)
            if tool:
                yield LOCAL.tool_arn(tool.function), Hosted(self._function(tool, folder), tool_role(tool))
        for vendor in self._project.vendors:
            caller = self._project.caller(vendor)
            yield LOCAL.caller_arn(vendor), Hosted(self._caller(caller), caller_role(caller))

    def _described(self, name: str) -> ToolFunction | None:
        """A tool's description. A broken one is said and left out: the agents that use it were refused before."""
        try:
            return self._project.tool(name)
        except UsageError as error:
            note(str(error), "yellow")
            return None

    def _function(self, tool: ToolFunction, folder: Path) -> Function:
        return self._python(tool, folder) if tool.language == PYTHON else self._native(tool)

    def _native(self, tool: ToolFunction) -> Function:
        """A tool in another language, from its artifact."""
        built = self._built and self._built / "tools" / f"{named(tool)}.zip"
        return Function(
            name=LOCAL.named(tool.function),
            code=built or artifact(self.root, tool),
            handler=tool.handler or "",
            runtime=tool.runtime or "",
            timeout_seconds=tool.timeout_seconds,
            memory_mb=tool.memory_mb,
            environment=self._settings_of(tool),
        )

    def _python(self, tool: ToolFunction, folder: Path) -> Function:
        own = Function(
            name=LOCAL.named(tool.function),
            code=folder.parent,
            handler=f"{folder.name}.handler.handler",
            timeout_seconds=tool.timeout_seconds,
            memory_mb=tool.memory_mb,
            environment={**self._settings_of(tool), **self._sample_database(tool)},
        )
        return self._runnable(own, folder, "tool")

    def _caller(self, caller: CallerFunction) -> Function:
        own = Function(
            name=LOCAL.named(f"caller-{caller.vendor}"),
            code=self.root,
            handler=f"llm_callers.{caller.vendor}.handler.handler",
            timeout_seconds=caller.timeout_seconds,
            memory_mb=caller.memory_mb,
            environment=self._settings_of(caller),
        )
        return self._runnable(own, self.root / "llm_callers" / caller.vendor, "llm")

    def _runnable(self, function: Function, folder: Path, kit: str) -> Function:
        """The function from its sources in `folder` and the kit's, or from its artifact."""
        if self._built:
            return replace(function, code=self._built / folder.relative_to(self.root).with_suffix(".zip"))
        packages = dict.fromkeys(Path(sysconfig.get_path(name)) for name in PYTHON_PATH)
        layers = (self.root / "src" / "stepsmith" / name for name in (*SHARED_LAYERS, kit))
        return replace(function, python_path=(self.root / "src", *packages), watch=(folder, *layers))

    def _settings_of(self, function: ToolFunction | CallerFunction) -> Mapping[str, str]:
        """The variables that the function declares: as the person's environment says, else their defaults. One that is
        empty is not set."""
        named = {BASE_URL: self._base_url} if self._base_url else {}
        said = {**self._settings.environment, **named}
        values = {name: said.get(name, default) for name, default in function.environment.items()}
        return {name: value for name, value in values.items() if value}

    def _sample_database(self, tool: ToolFunction) -> Mapping[str, str]:
        """The sample data for the SQL tool, unless a database of one's own is set; an artifact has its own."""
        if tool.function != "db_interface" or self._built or self._settings.environment.get("DATABASE_URL"):
            return {}
        return {"LAHMAN_DATABASE": str(sample_database(self._settings))}


def sample_database(settings: Settings) -> Path:
    """The Lahman database as a SQLite file, made on first use. Raises `CommandError`."""
    from db_interface import lahman  # what makes it is needed once

    folder = settings.cache / "lahman"
    if not any(folder.glob("*.sqlite")):
        note("Making the sample database (once, about 7 s) ...", "dim")
    try:
        return lahman.cached(folder)
    except (OSError, sqlite3.Error) as error:
        raise CommandError(
            f"The sample database cannot be made in {str(folder)!r} ({error}): make room there, or let STEPSMITH_CACHE "
            "name another folder."
        ) from error


def below(agent: LoadedAgent) -> Iterator[LoadedAgent]:
    """The agents that it has as tools, and theirs."""
    for tool in agent.tools:
        if isinstance(tool.source, LoadedAgent):
            yield tool.source
            yield from below(tool.source)


def is_of_its_own(input: Any) -> bool:
    """Whether a run asks services that a process must know of: a server of its own, or stand-ins."""
    return base_url_of(input) is not None or has_stand_ins(input)


def has_stand_ins(input: Any) -> bool:
    """Whether `run` played the outside services of a run."""
    match input:
        case {"metadata": {"stand_ins": said}}:
            return said is True
        case _:
            return False


def base_url_of(input: Any) -> str | None:
    """The server that a run was begun with, which `run` keeps in its metadata."""
    match input:
        case {"metadata": {"base_url": str(url)}}:
            return url
        case _:
            return None


def tool_role(tool: ToolFunction) -> Role:
    """A tool reads and writes artifacts and its own secrets; transcripts are closed to it."""
    return Role((f"{LOCAL.bucket}/artifacts/",), _names(tool.secrets), name=LOCAL.named(tool.function))


def caller_role(caller: CallerFunction) -> Role:
    """A caller reads and writes both; it lists the bucket, so that a cancel mark that is not there is seen as that."""
    prefixes = (f"{LOCAL.bucket}/transcripts/", f"{LOCAL.bucket}/artifacts/")
    name = LOCAL.named(f"caller-{caller.vendor}")
    return Role(prefixes, _names(caller.secrets), actions=("s3:ListBucket",), name=name)


def _names(secrets: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(name.removesuffix("?") for name in secrets)
