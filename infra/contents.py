"""What there is to deploy: the tools, model callers and agents of a repository, found as folders.

A new folder with its tool.json, caller.json or agent.py needs no line anywhere. Each property reads its own folders
only, so a broken agent never stands in the way of the tools.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from infra.errors import InfraError
from stepsmith.agent import AgentError, LoadedAgent, find_agents, load
from stepsmith.agent.loading import read_tool_function
from stepsmith.contracts import CallerFunction, ContractError, ToolFunction


@dataclass(frozen=True)
class Contents:
    """A repository at `root`. Every property raises InfraError, which names the file and the remedy."""

    root: Path

    @cached_property
    def tools(self) -> Mapping[str, ToolFunction]:
        """``python/db_interface`` and its tool.json."""
        try:
            found = {_last(path, 2): read_tool_function(path) for path in self._files("tools/*/*/tool.json")}
        except AgentError as error:
            raise InfraError(str(error)) from error
        counts = Counter(tool.function for tool in found.values())
        for folder, tool in found.items():
            if counts[tool.function] > 1:
                raise InfraError(
                    f"tools/{folder}/tool.json: another tool's function is named {tool.function!r}, too. Rename one."
                )
        return found

    @cached_property
    def callers(self) -> Mapping[str, CallerFunction]:
        """``anthropic`` and its caller.json."""
        return {_last(path, 1): _caller(path) for path in self._files("llm_callers/*/caller.json")}

    @cached_property
    def agents(self) -> tuple[LoadedAgent, ...]:
        try:
            return tuple(load(name, self.root) for name in find_agents(self.root))
        except AgentError as error:
            raise InfraError(str(error)) from error

    @cached_property
    def secrets(self) -> Mapping[str, tuple[str, ...]]:
        """Every secret that a function lists, and the functions that do."""
        users = [(f"tool {tool.function}", secret_names(tool)) for tool in self.tools.values()]
        users += [(f"caller {caller.vendor}", secret_names(caller)) for caller in self.callers.values()]
        names = sorted({name for _, listed in users for name in listed})
        return {name: tuple(user for user, listed in users if name in listed) for name in names}

    def _files(self, pattern: str) -> Iterable[Path]:
        return sorted(self.root.glob(pattern))


def secret_names(function: ToolFunction | CallerFunction) -> tuple[str, ...]:
    """Without the mark of those that are optional."""
    return tuple(name.removesuffix("?") for name in function.secrets)


def _last(path: Path, folders: int) -> str:
    return "/".join(path.parent.parts[-folders:])


def _caller(path: Path) -> CallerFunction:
    shown = f"llm_callers/{_last(path, 1)}/caller.json"
    try:
        return CallerFunction.from_json(json.loads(path.read_bytes()))
    except ContractError as error:
        raise InfraError(f"{shown}: {error}. Correct this field.") from error
    except ValueError as error:
        raise InfraError(f"{shown} is no JSON: {error}. Correct it there.") from error
