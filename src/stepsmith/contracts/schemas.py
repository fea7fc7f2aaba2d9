"""The JSON Schemas of the contracts, generated: ``python -m stepsmith.contracts.schemas`` writes ``schema/*.json``.

The files are checked in, so that the other languages can read them; a test fails when they are stale.
"""

from __future__ import annotations

import dataclasses
import json
import typing
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from . import approval, calls, messages, models, runs, tools
from .codec import Field, Strict, fields, members

DIALECT = "https://json-schema.org/draft/2020-12/schema"
FOLDER = Path(__file__).parent / "schema"

PUBLISHED: Mapping[str, type[Any]] = {
    "message": messages.Message,
    "tool_call": calls.Call,
    "tool_result": messages.ToolResult,
    "tool": tools.ToolFunction,
    "caller": tools.CallerFunction,
    "model_request": models.ModelRequest,
    "model_answer": models.ModelAnswer,
    "run_input": runs.RunInput,
    "run_output": runs.RunOutput,
    "approval_request": approval.ApprovalRequest,
    "decision": approval.Decision,
}


def document(contract: type[Any]) -> dict[str, Any]:
    """A whole schema, with the contracts that it refers to under ``$defs``."""
    defs: dict[str, Any] = {}
    _define(contract, defs)
    return {"$schema": DIALECT, "$ref": f"#/$defs/{contract.__name__}", "$defs": dict(sorted(defs.items()))}


def _define(contract: Any, defs: dict[str, Any]) -> dict[str, str]:
    name = contract.__name__
    if name not in defs:
        defs[name] = {}  # Holds the place, for contracts that contain themselves.
        defs[name] = _object(contract, defs)
    return {"$ref": f"#/$defs/{name}"}


def _object(contract: Any, defs: dict[str, Any]) -> dict[str, Any]:
    known = fields(contract)
    needed = [field.name for field in known if field.required or field.name == "type"]
    schema = {
        "type": "object",
        "description": " ".join((contract.__doc__ or "").split()),
        "properties": {field.name: _field(field, defs) for field in known},
        "required": needed,
    }
    if not contract.__doc__ or contract.__doc__.startswith(f"{contract.__name__}("):
        del schema["description"]
    return schema | ({"additionalProperties": False} if issubclass(contract, Strict) else {})


def _field(field: Field, defs: dict[str, Any]) -> dict[str, Any]:
    schema = _type(field.type, defs)
    if field.minimum is not None:
        schema = schema | {"minimum": field.minimum}
    return {"anyOf": [schema, {"type": "null"}]} if field.nullable and schema else schema


_SCALARS: Mapping[Any, str] = {str: "string", bool: "boolean", int: "integer", float: "number"}


def _type(hint: Any, defs: dict[str, Any]) -> dict[str, Any]:
    if hint is Any:
        return {}
    if dataclasses.is_dataclass(hint):
        return dict(_define(hint, defs))
    if union := members(hint):
        return {"oneOf": [_define(member, defs) for member in union]}
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return {"enum": list(arguments)} if len(arguments) > 1 else {"const": arguments[0]}
    if origin is tuple:
        return {"type": "array", "items": _type(arguments[0], defs)}
    if origin is Mapping:
        item = _type(arguments[1], defs)
        return {"type": "object"} | ({"additionalProperties": item} if item else {})
    return {"type": _SCALARS[hint]}


def texts() -> dict[str, str]:
    """Every schema file's name and text."""
    return {f"{name}.json": json.dumps(document(each), indent=2) + "\n" for name, each in PUBLISHED.items()}


def write() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, text in texts().items():
        (FOLDER / name).write_text(text)


if __name__ == "__main__":
    write()
