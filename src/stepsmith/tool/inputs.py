"""A tool's input schema, compiled once, and what to tell a model whose input does not fit it.

The schema is JSON Schema as in `tool.json` (draft 2020-12 unless it names another), checked by jsonschema-rs; `$ref`s
that leave the schema are never fetched.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

import jsonschema_rs

from stepsmith.contracts import Tool

from .answer import ToolError

ERRORS = 5
"""So many faults are named at once."""
WIDTH = 200
"""Characters of one fault: a message can quote the value, and a value can be long."""


def validator(tool: Tool) -> Callable[[Mapping[str, Any]], None]:
    """A check of this tool's input; it raises `ToolError`. Raises ValueError for a schema that is none."""
    try:
        compiled = jsonschema_rs.validator_for(dict(tool.input_schema), validate_formats=True, offline=True)
    except (
        jsonschema_rs.ValidationError,
        jsonschema_rs.ReferencingError,
        ValueError,
    ) as error:
        raise ValueError(f"input_schema of tool {tool.name!r} is no JSON Schema: {error}") from None

    def check(input: Mapping[str, Any]) -> None:
        try:
            faults = list(islice(compiled.iter_errors(dict(input)), ERRORS))
        except ValueError:  # The validator's own bound of levels, 255.
            raise ToolError(f"The input of {tool.name} is nested too deeply. Send a flatter one.") from None
        if faults:
            raise ToolError(_advice(tool, faults))

    return check


def _advice(tool: Tool, faults: Iterable[jsonschema_rs.ValidationError]) -> str:
    lines = "\n".join(f"- {_place(fault)}: {_short(fault.message)}" for fault in faults)
    return f"The input of {tool.name} does not fit its schema. Correct this and call it again:\n{lines}"


def _place(fault: jsonschema_rs.ValidationError) -> str:
    return (
        "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault.instance_path).lstrip(".")
        or "input"
    )


def _short(text: str) -> str:
    return text if len(text) <= WIDTH else f"{text[: WIDTH // 2]} ... {text[-WIDTH // 2 :]}"
