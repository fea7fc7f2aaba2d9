"""Which query language a state uses, what Stepsmith refuses of JSONPath, and what AWS finds suspicious in it.

Stepsmith runs JSONata, and states that use no query language at all: these mean the same in both. A field that belongs
to JSONPath alone is refused with a sentence that names it; `Result` in a Pass is a constant and harmless. Field names
are those of the Amazon States Language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .errors import Code, Diagnostic

JSONATA = "JSONata"
JSONPATH = "JSONPath"

JSONPATH_FIELDS = frozenset(
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
        "ToleratedFailureCountPath",
        "ToleratedFailurePercentagePath",
        "MaxItemsPath",
        "MaxItemsPerBatchPath",
        "MaxInputBytesPerBatchPath",
        "ErrorPath",
        "CausePath",
        "Variable",
        "And",
        "Or",
        "Not",
    ]
)


def language_of(state: dict[str, Any], default: str) -> str:
    """The query language of a state; in a JSONata definition none can go back to JSONPath."""
    return JSONATA if JSONATA in (default, state.get("QueryLanguage")) else JSONPATH


def suspicions(definition: dict[str, Any]) -> Iterator[Diagnostic]:
    """AWS's warnings: values in a JSONPath state that look like a path and are none."""
    default = language_of(definition, JSONPATH)
    for path, state in _states(definition, ""):
        if language_of(state, default) == JSONPATH:
            yield from _suspicions(path, state)


def _suspicions(path: str, state: dict[str, Any]) -> Iterator[Diagnostic]:
    for name in ("Error", "Cause"):
        if _looks_like_a_path(state.get(name)):
            message = f"The value of {name!r} looks like a path, but the field's name does not end with 'Path'"
            yield Diagnostic(f"{path}/{name}", message, "Use JSONata to compute it.", Code.NO_PATH)
    for name in ("Assign", "ItemSelector"):
        yield from _without_dollar(f"{path}/{name}", state.get(name))
    if any(_looks_like_a_path(value) for _, value in _values("", state.get("Result"))):
        message = "'Result' is static: a path in it is not evaluated"
        yield Diagnostic(f"{path}/Result", message, "Use Output of a JSONata state.", Code.PASS_RESULT_IS_STATIC)


def _without_dollar(path: str, payload: Any) -> Iterator[Diagnostic]:
    for below, value in _values(path, payload):
        if _looks_like_a_path(value):
            message = "The value looks like a path or intrinsic function, but the field's name does not end with '.$'"
            yield Diagnostic(below, message, "Use JSONata to compute it.", Code.NO_DOLLAR)


def _values(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """All values inside a value that are no container, each with its path."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _values(f"{path}/{key}", each)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _values(f"{path}[{index}]", each)
    else:
        yield path, value


_PATH = re.compile(r"\$(\$?[.\[].*)?|States\.[A-Za-z]+\(.*\)", re.DOTALL)


def _looks_like_a_path(value: Any) -> bool:
    return isinstance(value, str) and _PATH.fullmatch(value) is not None


def _states(branch: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every state of a definition that has passed the models."""
    for name, state in branch["States"].items():
        here = f"{path}/States/{name}"
        yield here, state
        for index, inner in enumerate(state.get("Branches", ())):
            yield from _states(inner, f"{here}/Branches[{index}]")
        if "ItemProcessor" in state:
            yield from _states(state["ItemProcessor"], f"{here}/ItemProcessor")
