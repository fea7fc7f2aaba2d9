"""The agents, tools and callers of a repository, found as folders; nothing is registered anywhere."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from stepsmith.contracts import CallerFunction, ContractError, ToolFunction

from .errors import UsageError


@dataclass(frozen=True)
class Project:
    root: Path

    @property
    def agents(self) -> tuple[str, ...]:
        return _folders(self.root / "agents", "agent.py")

    @property
    def tools(self) -> Mapping[str, Path]:
        """``python/db_interface`` and its folder."""
        found = sorted((self.root / "tools").glob("*/*/tool.json"))
        return {f"{path.parent.parent.name}/{path.parent.name}": path.parent for path in found}

    @property
    def vendors(self) -> tuple[str, ...]:
        return _folders(self.root / "llm_callers", "caller.json")

    def agent_folder(self, name: str) -> Path:
        """Raises `UsageError` that names what there is."""
        if name not in self.agents:
            raise UsageError(f"There is no agent {name!r}{near(name, self.agents)}. `stepsmith list` shows them all.")
        return self.root / "agents" / name

    def tool(self, name: str) -> ToolFunction:
        """The description of the tool Lambda ``python/db_interface``."""
        return _described(self.tools[name] / "tool.json", ToolFunction)

    def caller(self, vendor: str) -> CallerFunction:
        return _described(self.root / "llm_callers" / vendor / "caller.json", CallerFunction)


def built_artifacts(project: Project) -> Path:
    """Where `./pants package ::` puts artifacts. Raises `UsageError` where one is missing."""
    dist = project.root / "dist"
    wanted = [f"tools/{name}.zip" for name in project.tools] + [f"llm_callers/{name}.zip" for name in project.vendors]
    missing = [name for name in wanted if not (dist / name).is_file()]
    if missing:
        raise UsageError(f"{', '.join(missing)} is not in dist/: `./pants package ::` makes it.")
    return dist


def near(name: str, known: Iterable[str]) -> str:
    """`` (did you mean 'sql'?)``, where something is close."""
    close = difflib.get_close_matches(name, list(known), n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _folders(parent: Path, marker: str) -> tuple[str, ...]:
    return tuple(sorted(path.parent.name for path in parent.glob(f"*/{marker}")))


def _described[T: (ToolFunction, CallerFunction)](path: Path, contract: type[T]) -> T:
    shown = "/".join(path.parts[-4:])
    try:
        return contract.from_json(json.loads(path.read_text("utf-8")))
    except ContractError as error:
        raise UsageError(f"{shown}: {error}. docs/reference/contracts.md says what each field holds.") from None
    except ValueError as error:
        raise UsageError(f"{shown} is no JSON: {error}. Mend that line.") from None
