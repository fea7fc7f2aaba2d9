"""From a definition, as text or as a value, to a machine that can run; or to a list of what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from . import dialect, structure
from .document import AnyState, Document, parts_of
from .errors import DefinitionError, Problem
from .jsonata import Evaluator, default_evaluator
from .template import Located
from .values import NotJson, size

MAX_DEFINITION_BYTES = 1_048_576


@dataclass(frozen=True, slots=True)
class StateMachine:
    """A definition that passed every check, its expressions compiled.

    `definition` is what was loaded, `document` the same as frozen values.
    """

    definition: dict[str, Any]
    document: Document

    def states(self) -> Iterator[tuple[str, str, AnyState]]:
        """Every state, inner ones too: its path (/States/Use tools/ItemProcessor/States/Route), name and value."""
        return structure.walk(self.document)

    def expressions(self) -> Iterator[tuple[str, Located]]:
        """Every expression with its path: /States/Decide/Choices[0]/Condition."""
        for path, _, state in self.states():
            for below, part in parts_of(state):
                for template in part.templates():
                    yield from ((f"{path}{below}/{located.location}", located) for located in template.expressions)


@dataclass(frozen=True, slots=True)
class _Context:
    """What the models need while they validate."""

    evaluator: Evaluator
    language: str


def load(definition: str | dict[str, Any], evaluator: Evaluator | None = None) -> StateMachine:
    """Parses, checks and compiles a definition (JSON text, or the value).

    Raises DefinitionError with every problem found at one stage: the text, the query language, the shape, the
    structure.
    """
    value = _parsed(definition)
    _refuse(dialect.problems(value))
    try:
        context = _Context(evaluator or default_evaluator(), dialect.language(value))
        document = Document.model_validate(value, context=context)
    except ValidationError as error:
        raise DefinitionError(tuple(map(_problem, error.errors(include_url=False)))) from error
    _refuse(structure.problems(document))
    return StateMachine(value, document)


def _parsed(definition: str | dict[str, Any]) -> dict[str, Any]:
    try:
        value = json.loads(definition) if isinstance(definition, str) else definition
        too_large = size(value) > MAX_DEFINITION_BYTES
    except (ValueError, NotJson, RecursionError) as error:
        raise DefinitionError(
            (Problem("", f"The definition is not JSON: {error}.", "Check it with a JSON parser."),)
        ) from error
    if not isinstance(value, dict):
        raise DefinitionError(
            (Problem("", "The definition is not a JSON object.", 'Write {"StartAt": .., "States": ..}.'),)
        )
    if too_large:
        raise DefinitionError((Problem("", "The definition is over 1 MB.", "Move parts into machines of their own."),))
    return value


def _refuse(problems: list[Problem]) -> None:
    if problems:
        raise DefinitionError(tuple(problems))


def _problem(error: ErrorDetails) -> Problem:
    path = _path(error["loc"]) + str(error.get("ctx", {}).get("path", ""))
    message, remedy = _explained(error)
    return Problem(path, message, remedy)


_TYPES = frozenset({"Pass", "Task", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map"})


def _path(loc: tuple[int | str, ...]) -> str:
    """pydantic's location as an ASL path: the union's tag, which follows a state's name, is no part of it."""
    path = ""
    previous: list[int | str] = []
    for part in loc:
        tag = part in _TYPES and len(previous) >= 2 and previous[-2] == "States"
        if part != "[key]" and not tag:
            path += f"[{part}]" if isinstance(part, int) else f"/{part}"
        previous.append(part)
    return path


def _explained(error: ErrorDetails) -> tuple[str, str]:
    name = repr(error["loc"][-1]) if error["loc"] else "the definition"
    match error["type"]:
        case "extra_forbidden":
            return f"{name} is not a field of this object.", "Remove it, or check its spelling."
        case "missing":
            return f"{name} is missing.", "Add it."
        case "union_tag_not_found":
            return "The state has no Type.", f"One of {', '.join(sorted(_TYPES))}."
        case "union_tag_invalid":
            return f"There is no state type {error['input'].get('Type')!r}.", f"One of {', '.join(sorted(_TYPES))}."
        case "refusal":
            return error["msg"], str(error["ctx"]["remedy"])
        case _:
            return f"{name}: {error['msg']}, not {error['input']!r:.80}.", "Correct the value."
