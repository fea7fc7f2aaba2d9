"""A tool's input schema, compiled once, and what to tell a model whose input does not fit it.

The schema is JSON Schema as in `tool.json`; which drafts, formats and patterns count: `stepsmith.validation`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stepsmith.contracts import Tool
from stepsmith.validation import Fault, InvalidSchema, Schema, TooDeep

from .answer import ToolError

ERRORS = 5
"""So many faults are named at once."""
WIDTH = 200
"""Characters of one fault: a message can quote the value, and a value can be long."""


def validator(tool: Tool) -> Callable[[Mapping[str, Any]], None]:
    """A check of this tool's input; it raises `ToolError`. Raises ValueError for a schema that is none."""
    try:
        schema = Schema(tool.input_schema)
    except InvalidSchema as error:
        raise ValueError(f"input_schema of tool {tool.name!r} is no JSON Schema: {error}") from None

    def check(input: Mapping[str, Any]) -> None:
        try:
            faults = schema.faults(dict(input), ERRORS)
        except TooDeep:
            raise ToolError(f"The input of {tool.name} is nested too deeply. Send a flatter one.") from None
        if faults:
            raise ToolError(_advice(tool, faults))

    return check


def _advice(tool: Tool, faults: Iterable[Fault]) -> str:
    lines = "\n".join(f"- {_place(fault)}: {_short(fault.message)}" for fault in faults)
    return f"The input of {tool.name} does not fit its schema. Correct this and call it again:\n{lines}"


def _place(fault: Fault) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault.path)
    return "".join(steps).lstrip(".") or "input"


def _short(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH // 2]} ... {text[-WIDTH // 2 :]}"
