"""What a definition says, in the few words that a drawing has room for."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_EXPRESSION = re.compile(r"\{%\s*(.*?)\s*%\}", re.DOTALL)


def condition(rule: Mapping[str, Any]) -> str:
    """A rule's condition as source text; of a rule in JSONPath its test as JSON."""
    if "Condition" not in rule:
        return json.dumps({name: value for name, value in rule.items() if name not in ("Next", "Comment", "Assign")})
    return _said(rule["Condition"])


def doing(state: Mapping[str, Any]) -> str:
    """What a state does, as far as its type does not say it: the function, the machine, the time, the error."""
    match state:
        case {"Type": "Task", "Resource": str(resource)}:
            return _task(resource, state.get("Arguments", state.get("Parameters")))
        case {"Type": "Wait", "Seconds": int(seconds)}:
            return f"{seconds} s"
        case {"Type": "Wait", "Timestamp": str(timestamp)} if not _is_expression(timestamp):
            return f"until {timestamp}"
        case {"Type": "Fail", "Error": str(error)}:
            return _said(error)
        case {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}}:
            return "distributed"
        case _:
            return ""


def _task(resource: str, arguments: Any) -> str:
    """``lambda NAME``, ``machine NAME``, ``activity NAME``, ``dynamodb putItem``; then how it waits."""
    integration, _, pattern = _integration(resource).partition(".")
    kind, field = _TARGETS.get(integration, ("", ""))
    target = _named(arguments, field)
    said = f"{kind} {target}" if target else integration.removeprefix("aws-sdk:").replace(":", " ")
    return f"{said}, waits for an answer" if pattern == "waitForTaskToken" else said


_TARGETS = {"lambda:invoke": ("lambda", "FunctionName"), "states:startExecution": ("machine", "StateMachineArn")}
"""What an integration calls, and the argument that names it."""


def _integration(resource: str) -> str:
    """``states:startExecution.sync:2`` of an integration's ARN, ``lambda:NAME`` of a function's, ``activity:NAME``."""
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return resource
    if parts[4] == "":  # No account: arn:aws:states:::SERVICE:ACTION.PATTERN
        return parts[5]
    kind, _, name = parts[5].partition(":")
    return f"{'lambda' if kind == 'function' else kind} {name}"


def _named(arguments: Any, field: str) -> str:
    """The name at the end of the ARN in that field; "" where an expression finds it at run time."""
    value = arguments.get(field) if isinstance(arguments, Mapping) else None
    if not isinstance(value, str) or _is_expression(value):
        return ""
    return value.split(":")[6] if value.count(":") >= 6 else value


def _is_expression(text: str) -> bool:
    return text.startswith("{%")


def _said(value: Any) -> str:
    found = _EXPRESSION.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else value if isinstance(value, str) else json.dumps(value)
