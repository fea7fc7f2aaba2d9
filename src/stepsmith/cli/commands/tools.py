"""Without words: a table of the tools, as their tool.json describes them.

`try TOOL JSON` calls one tool from its built artifact, as an agent's run would (`./pants package` makes it first, where
it is missing or older than its sources). All tries share one scratch run: what one tool wrote, another reads by the
bucket and key that it answered. A tool whose secrets are not set asks the stand-in of its service, and that is said.
Exit codes: 0 a result, 1 an error of the tool, 2 asked wrongly.
"""

from __future__ import annotations

import argparse
import asyncio
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from stepsmith.contracts import Tool, ToolFunction

from ..errors import COMPLETED, FAILED, UsageError
from ..native import artifact, build, named
from ..offline import needed, stand_ins
from ..project import Project, near
from ..settings import Settings, read
from ..terminal import document, table
from ..trying import Trial, shown, tried

TRY = "try"
HINTS = {
    "readOnlyHint": "read-only",
    "destructiveHint": "destructive",
    "idempotentHint": "repeatable",
    "openWorldHint": "open world",
}
COLUMNS = ("function", "tools")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.usage = '%(prog)s [try TOOL ["{...}"]] [--json] [--logs] [--data DIR]'
    parser.add_argument("action", nargs="?", choices=(TRY,), help="call a tool; without it, tools are listed")
    parser.add_argument("tool", nargs="?", metavar="TOOL", help="the tool's name, as a model calls it")
    parser.add_argument("input", nargs="?", default="{}", metavar="JSON", help="its input, one object (default: {})")
    parser.add_argument("--logs", action="store_true", help="print what the tool's process prints, too")
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def main(options: argparse.Namespace) -> int:
    settings = read(options.data)
    project = Project(settings.root)
    functions = tuple(project.tool(name) for name in project.tools)
    if options.action == TRY:
        return _try(settings, project, functions, options)
    if options.json:
        document([_described(settings, each) for each in functions])
    else:
        table(COLUMNS, (_cells(settings, each) for each in functions))
    return COMPLETED


def _try(settings: Settings, project: Project, functions: tuple[ToolFunction, ...], options: argparse.Namespace) -> int:
    function, tool = _named(functions, options.tool)
    input = _object(tool, options.input)
    build(settings.root, (function,))
    with stand_ins(needed(settings, (function,)), settings) as settings:
        trial = asyncio.run(tried(project, settings, function, Trial(tool.name, input), options.logs))
    if options.json:
        document(trial.to_json())
    else:
        shown(trial)
    return FAILED if trial.is_error else COMPLETED


def _named(functions: Iterable[ToolFunction], name: str | None) -> tuple[ToolFunction, Tool]:
    """The tool of that name and its function. Raises `UsageError` that names what is near."""
    known = {tool.name: (function, tool) for function in functions for tool in function.tools}
    if name is None:
        raise UsageError(f"Which tool? `stepsmith tools try TOOL '{{...}}'`; there are {', '.join(known)}.")
    if name not in known:
        raise UsageError(f"There is no tool {name!r}{near(name, known)}. `stepsmith tools` shows them all.")
    return known[name]


def _object(tool: Tool, text: str) -> dict[str, Any]:
    """The input as a JSON object; whether it fits the tool's schema, the tool itself says."""
    fields = ", ".join(tool.input_schema.get("properties", {}))
    wanted = f"write one object with the fields {fields}" if fields else "write {}, for it takes no input"
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UsageError(f"The input {text!r} is no JSON ({error}): {wanted}.") from None
    if not isinstance(value, dict):
        raise UsageError(f"The input {text!r} is no JSON object: {wanted}.")
    return value


def _cells(settings: Settings, function: ToolFunction) -> tuple[str, ...]:
    """Two cells: the function with its limits and rights, and its tools with their hints."""
    size = _size(settings.root, function)
    limits = f"{function.timeout_seconds} s, {function.memory_mb} MB, network: {function.network}"
    built = "not built yet" if size is None else f"artifact {size / 1e6:.1f} MB"
    about = [named(function), *(f"  {line}" for line in (limits, built, *_rights(settings, function)))]
    return "\n".join(about), "\n".join(f"{tool.name}: {', '.join(_hints(tool))}" for tool in function.tools)


def _hints(tool: Tool) -> list[str]:
    return [words for hint, words in HINTS.items() if getattr(tool.annotations, hint)]


def _rights(settings: Settings, function: ToolFunction) -> Iterator[str]:
    for name, is_set in _secrets(settings, function).items():
        optional = " (optional)" if f"{name}?" in function.secrets else ""
        yield f"{name}: {'set' if is_set else 'not set'}{optional}"
    for permission in function.permissions:
        yield f"{', '.join(permission.actions)} on {', '.join(permission.resources)}"


def _secrets(settings: Settings, function: ToolFunction) -> dict[str, bool]:
    names = [name.removesuffix("?") for name in function.secrets]
    return {name: bool(settings.environment.get(name)) for name in names}


def _size(root: Path, function: ToolFunction) -> int | None:
    path = artifact(root, function)
    return path.stat().st_size if path.is_file() else None


def _described(settings: Settings, function: ToolFunction) -> dict[str, Any]:
    """What tool.json says, and what this machine has of it."""
    return {
        **function.to_json(),
        "secrets_set": _secrets(settings, function),
        "artifact_bytes": _size(settings.root, function),
    }
