"""Reads an agent's folder: agent.py, instructions.md, and the tool.json of every Lambda it names.

This is the only part of `stepsmith.agent` that touches files. Whatever is broken becomes one `AgentError`: a sentence
that names the file (and the field) and says what to do.
"""

from __future__ import annotations

import json
import runpy
import traceback
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stepsmith.contracts import Annotations, ContractError, ToolFunction

from .agent import Agent, Subagent, Toolbox
from .shape import faults

SUBAGENT_INPUT: Mapping[str, Any] = {
    "type": "object",
    "properties": {"prompt": {"type": "string", "description": "The whole task: the agent sees nothing else."}},
    "required": ["prompt"],
    "additionalProperties": False,
}


class AgentError(Exception):
    """An agent that cannot be loaded; the text names the file and the remedy."""


@dataclass(frozen=True)
class OfferedTool:
    """A tool as one agent offers it to its model; `source` is the Lambda or the agent behind it."""

    name: str
    description: str
    input_schema: Mapping[str, Any]
    annotations: Annotations
    source: ToolFunction | LoadedAgent

    @property
    def serial(self) -> bool:
        """Whether a turn that calls it runs its calls one after another."""
        return isinstance(self.source, ToolFunction) and bool(self.source.serial)


@dataclass(frozen=True)
class LoadedAgent:
    """An agent with everything that its folder and its tools' folders say; `tools` by name."""

    name: str
    agent: Agent
    instructions: str
    tools: tuple[OfferedTool, ...]


def find_agents(root: Path) -> tuple[str, ...]:
    """The names of all agents of a repository."""
    return tuple(sorted(path.parent.name for path in (root / "agents").glob("*/agent.py")))


def load(agent: str | Path, root: Path) -> LoadedAgent:
    """The agent of that name (or in that folder), with tools and sub-agents found below `root`.

    Raises AgentError.
    """
    folder = agent if isinstance(agent, Path) else root / "agents" / agent
    return _load(folder, root, above=())


def _load(folder: Path, root: Path, above: tuple[str, ...]) -> LoadedAgent:
    name = folder.name
    if name in above:
        circle = " > ".join((*above, name))
        raise AgentError(f"sub-agents go in a circle: {circle}. Take one of them out of a tools list.")
    value = _value(folder, root)
    tools = [tool for source in value.tools for tool in _offered(source, root, (*above, name))]
    tools.sort(key=lambda tool: tool.name)
    return LoadedAgent(name, value, _instructions(folder), tuple(tools))


def _value(folder: Path, root: Path) -> Agent:
    path = folder / "agent.py"
    if not path.is_file():
        known = ", ".join(find_agents(root)) or "none yet"
        raise AgentError(f"there is no agent {folder.name!r} ({_shown(path)} is missing). Agents here: {known}.")
    try:
        value = runpy.run_path(str(path)).get("agent")
    except (Exception, SystemExit) as error:
        raise AgentError(f"{_shown(path)}{_line(error, path)}: {_said(error)}. Correct it there.") from error
    if not isinstance(value, Agent):
        raise AgentError(f"{_shown(path)} holds no agent: assign `agent = Agent(...)` at its top level.")
    for fault in faults(value):
        raise AgentError(f"{_shown(path)}: {fault}. Correct it there.")
    return value


def _shown(path: Path) -> str:
    """A path in a message: agents/sql/agent.py, tools/python/db_interface/tool.json."""
    parts = path.parts
    roots = [at for at, part in enumerate(parts) if part in ("agents", "tools")]
    return "/".join(parts[roots[-1] :]) if roots else str(path)


def _line(error: BaseException, path: Path) -> str:
    """Where in agent.py an exception was raised: `, line 12`."""
    if isinstance(error, SyntaxError):
        return f", line {error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f", line {lines[-1]}" if lines else ""


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error.msg if isinstance(error, SyntaxError) else error}"


def _instructions(folder: Path) -> str:
    path = folder / "instructions.md"
    try:
        text = path.read_text("utf-8").strip() if path.is_file() else ""
    except UnicodeDecodeError as error:
        raise AgentError(f"{_shown(path)} is no UTF-8 text: {error}. Save it as UTF-8.") from error
    if not text:
        raise AgentError(f"{_shown(path)} is missing or empty: write there what the agent is to know and to do.")
    return text


def _offered(source: Toolbox | Subagent, root: Path, above: tuple[str, ...]) -> Iterator[OfferedTool]:
    match source:
        case Toolbox():
            yield from _of_lambda(source, root, above[-1])
        case Subagent():
            yield _of_agent(_load(root / "agents" / source.agent, root, above))


def _of_lambda(toolbox: Toolbox, root: Path, agent: str) -> Iterator[OfferedTool]:
    path = root / "tools" / toolbox.folder / "tool.json"
    if not path.is_file():
        said = f"{_shown(path)} is missing: name a folder of tools/ that holds a tool.json."
        raise AgentError(f"agents/{agent}/agent.py has a toolbox that is not there: {said}")
    function = read_tool_function(path)
    names = [tool.name for tool in function.tools]
    for missing in set(toolbox.only or ()) - set(names):
        raise AgentError(f"{_shown(path)} has no tool {missing!r} (only=[...]). It has {', '.join(names)}.")
    for tool in function.tools:
        if toolbox.only is None or tool.name in toolbox.only:
            yield OfferedTool(tool.name, tool.description, tool.input_schema, tool.annotations, function)


def read_tool_function(path: Path) -> ToolFunction:
    """The tool.json at `path`. Raises AgentError that names the field."""
    try:
        return ToolFunction.from_json(json.loads(path.read_bytes()))
    except ContractError as error:
        raise AgentError(f"{_shown(path)}: {error}. Correct this field.") from error
    except ValueError as error:
        raise AgentError(f"{_shown(path)} is no JSON: {error}. Correct it there.") from error


def _of_agent(agent: LoadedAgent) -> OfferedTool:
    return OfferedTool(agent.name, agent.agent.description, SUBAGENT_INPUT, _hints(agent), agent)


def _hints(agent: LoadedAgent) -> Annotations:
    """What calling an agent may do is what its tools may do; what they may destroy, it asks for by itself."""
    hints = [tool.annotations for tool in agent.tools]
    return Annotations(
        readOnlyHint=all(hint.readOnlyHint for hint in hints),
        destructiveHint=False,
        idempotentHint=all(hint.repeatable for hint in hints),
        openWorldHint=any(hint.openWorldHint for hint in hints),
    )
