"""From a definition, as text or as a value, to a machine that can run; or to a list of what is wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from . import dialect, structure
from .diagnosis import diagnostics
from .document import AnyState, Document, parts_of
from .errors import Code, DefinitionError, Diagnostic
from .fields import Reading
from .jsonata import Evaluator, default_evaluator
from .template import Located
from .values import NotJson, size

MAX_DEFINITION_BYTES = 1_048_576
MAX_NESTING = 200
"""Levels of JSON in a definition; a Parallel inside a Parallel is four."""


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


def load(definition: str | dict[str, Any], evaluator: Evaluator | None = None) -> StateMachine:
    """Parses, checks and compiles a definition (JSON text, or the value).

    Raises DefinitionError with every problem found at one stage: the text, the shape of everything in it, the
    structure.
    """
    value = _parsed(definition)
    default = dialect.language_of(value, dialect.JSONPATH)
    try:
        reading = Reading(evaluator or default_evaluator(), default, default)
        document = Document.model_validate(value, context=reading)
    except ValidationError as error:
        raise DefinitionError(diagnostics(value, error.errors(include_url=False))) from error
    problems = structure.problems(document)
    if problems:
        raise DefinitionError(problems)
    return StateMachine(value, document)


def diagnose(definition: str | dict[str, Any], *, express: bool = False) -> tuple[Diagnostic, ...]:
    """What ValidateStateMachineDefinition finds, errors before warnings; none in a sound definition.

    `express`: what an Express state machine cannot do is an error too.
    """
    try:
        machine = load(definition)
    except DefinitionError as error:
        return error.problems
    return (*(structure.not_express(machine.document) if express else ()), *dialect.suspicions(machine.definition))


def _parsed(definition: str | dict[str, Any]) -> dict[str, Any]:
    value = _decoded(definition) if isinstance(definition, str) else definition
    if not isinstance(value, dict):
        raise _refused(Code.SCHEMA_VALIDATION_FAILED, "Expected value of type Object", _SHAPE)
    if _is_deeper_than(MAX_NESTING, value):
        raise _refused(Code.TOO_DEEPLY_NESTED, "The states are too deeply nested", _DIVIDE)
    try:
        too_large = size(value) > MAX_DEFINITION_BYTES
    except NotJson as error:
        raise _not_json(error) from error
    if too_large:
        raise _refused(Code.SCHEMA_VALIDATION_FAILED, "The definition is over 1 MB", _DIVIDE)
    return value


_SHAPE = 'Write {"StartAt": .., "States": ..}.'
_DIVIDE = "Move parts into machines of their own."


def _decoded(text: str) -> Any:
    if not text.strip():
        raise _refused(Code.MISSING_DESCRIPTION, "The definition is empty", _SHAPE)
    try:
        return json.loads(text)
    except ValueError as error:
        raise _not_json(error) from error
    except RecursionError as error:
        raise _refused(Code.TOO_DEEPLY_NESTED, "The states are too deeply nested", _DIVIDE) from error


def _not_json(error: Exception) -> DefinitionError:
    return _refused(Code.INVALID_JSON_DESCRIPTION, "Invalid JSON description", f"{error}. Check it with a JSON parser.")


def _refused(code: Code, message: str, remedy: str) -> DefinitionError:
    return DefinitionError([Diagnostic("", message, remedy, code)])


def _is_deeper_than(bound: int, value: Any) -> bool:
    """Whether containers are nested deeper; level by level, so that no depth is too deep for this."""
    level = [value]
    while level and bound >= 0:
        bound -= 1
        level = [
            inner
            for each in level
            for inner in (each.values() if isinstance(each, dict) else each)
            if isinstance(inner, dict | list)
        ]
    return bool(level)
