"""Which query language a definition uses, and the refusal of JSONPath.

Stepsmith runs JSONata, and definitions that use no query language at all: these mean the same in both. A field that
belongs to JSONPath alone is refused with a sentence that names it. Field names are those of the Amazon States
Language; `Result` in a Pass is a constant and harmless.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .errors import Problem

JSONATA = "JSONata"
_JSONPATH_FIELDS = frozenset(
    [
        "InputPath",
        "OutputPath",
        "ResultPath",
        "Parameters",
        "ResultSelector",
        "ItemsPath",
        "Iterator",
        "SecondsPath",
        "TimestampPath",
        "TimeoutSecondsPath",
        "HeartbeatSecondsPath",
        "MaxConcurrencyPath",
        "MaxItemsPath",
        "MaxInputBytesPerBatchPath",
        "MaxItemsPerBatchPath",
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentagePath",
        "ErrorPath",
        "CausePath",
        "Variable",
    ]
)
_JSONATA_FIELDS = frozenset({"Arguments", "Output", "Condition", "Items"})
_PAYLOADS = frozenset({"Arguments", "Output", "Result", "Assign", "ItemSelector"})


def language(definition: dict[str, Any]) -> str:
    """The query language by which strings are read: JSONata, or none ("" or JSONPath) when nothing uses one."""
    if definition.get("QueryLanguage") == JSONATA or any(_says_jsonata(state) for _, state in _states(definition, "")):
        return JSONATA
    return str(definition.get("QueryLanguage") or "")


def problems(definition: dict[str, Any]) -> list[Problem]:
    """Every use of JSONPath, and every use of JSONata in a definition that does not ask for it."""
    jsonata = definition.get("QueryLanguage") == JSONATA
    found: list[Problem] = []
    for path, state in _states(definition, ""):
        found.extend(_jsonpath(path, state))
        if jsonata or _says_jsonata(state):
            found.extend(_constant_result(path, state))
        else:
            found.extend(_unasked_jsonata(path, state))
    return found


def _states(branch: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every state that looks like one; the shape is checked later, by the models."""
    states = branch.get("States")
    for name, state in states.items() if isinstance(states, dict) else ():
        if isinstance(state, dict):
            here = f"{path}/States/{name}"
            yield here, state
            for below, inner in _branches(state):
                yield from _states(inner, here + below)


def _branches(state: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    branches = state.get("Branches")
    for index, branch in enumerate(branches if isinstance(branches, list) else ()):
        if isinstance(branch, dict):
            yield f"/Branches[{index}]", branch
    if isinstance(state.get("ItemProcessor"), dict):
        yield "/ItemProcessor", state["ItemProcessor"]


def _says_jsonata(state: dict[str, Any]) -> bool:
    return state.get("QueryLanguage") == JSONATA


def _jsonpath(path: str, value: Any) -> Iterator[Problem]:
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _jsonpath(f"{path}[{index}]", each)
    for key, inner in value.items() if isinstance(value, dict) else ():
        if key in _JSONPATH_FIELDS or (isinstance(key, str) and key.endswith(".$")):
            yield Problem(f"{path}/{key}", f"The field {key!r} is JSONPath, which Stepsmith does not run.", _TO_JSONATA)
        elif key in _PAYLOADS:
            yield from _payload_templates(f"{path}/{key}", inner)
        elif key not in ("States", "ItemProcessor", "Branches"):
            yield from _jsonpath(f"{path}/{key}", inner)


_TO_JSONATA = 'Write it in JSONata ("QueryLanguage": "JSONata"; Arguments, Output, Assign with {% .. %}).'


def _payload_templates(path: str, value: Any) -> Iterator[Problem]:
    """In a payload any name is data; only `name.$` is JSONPath."""
    if isinstance(value, list):
        for index, each in enumerate(value):
            yield from _payload_templates(f"{path}[{index}]", each)
    for key, inner in value.items() if isinstance(value, dict) else ():
        if isinstance(key, str) and key.endswith(".$"):
            yield Problem(f"{path}/{key}", f"The field {key!r} is JSONPath, which Stepsmith does not run.", _TO_JSONATA)
        yield from _payload_templates(f"{path}/{key}", inner)


def _constant_result(path: str, state: dict[str, Any]) -> Iterator[Problem]:
    if state.get("Type") == "Pass" and "Result" in state:
        yield Problem(f"{path}/Result", "Result is not a field of a JSONata state.", "Use Output.")


def _unasked_jsonata(path: str, state: dict[str, Any]) -> Iterator[Problem]:
    rules = state.get("Choices")
    parts = [state, *(rule for rule in (rules if isinstance(rules, list) else ()) if isinstance(rule, dict))]
    for name in sorted({name for part in parts for name in part if name in _JSONATA_FIELDS}):
        remedy = 'Add "QueryLanguage": "JSONata" to the definition.'
        yield Problem(f"{path}/{name}", f"{name} needs the query language JSONata, which is not asked for.", remedy)
