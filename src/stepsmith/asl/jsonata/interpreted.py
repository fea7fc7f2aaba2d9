"""The fallback engine: `jsonata-python`, which walks the expression's tree at each evaluation.

Slower, and not quite 2.0.6 (testdata/jsonata.json says where), but a second opinion with nothing in common with the
default engine but the parser that checks what Step Functions refuses. It writes null as an object of its own and
undefined as None, so the variables that an expression reads are converted on the way in, and the result on the way out.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from jsonata import Jsonata  # type: ignore[import-untyped]  # the package has no types
from jsonata.functions import Functions  # type: ignore[import-untyped]
from jsonata.jexception import JException  # type: ignore[import-untyped]
from jsonata.utils import Utils  # type: ignore[import-untyped]

from ..values import Json
from . import functions, syntax
from .evaluator import (
    MAX_MILLISECONDS,
    STACK,
    TIMEOUT,
    UNDEFINED,
    Deadline,
    EvaluationFailure,
    Expression,
    Moment,
    SyntaxFault,
)
from .guards import check_size

MAX_DEPTH = 500


@dataclass(frozen=True, slots=True)
class Interpreted:
    """Compiles expressions to syntax trees. A longer evaluation is stopped."""

    max_milliseconds: int = MAX_MILLISECONDS

    def compile(self, text: str) -> Expression:
        parsed = syntax.parse(text)
        try:
            program = Jsonata(text)
        except (JException, RecursionError, re.error) as error:  # its regular expressions are Python's
            raise SyntaxFault(f"does not parse. {error}", "Correct it.") from error
        program.set_output_convert_nulls(False)
        return InterpretedExpression(text, *parsed.names, program, self.max_milliseconds)


@dataclass(frozen=True, slots=True)
class InterpretedExpression:
    """One expression as a tree."""

    text: str
    variables: frozenset[str]
    functions: frozenset[str]
    of_states: frozenset[str]
    program: Any
    max_milliseconds: int

    def evaluate(self, variables: Mapping[str, Json], moment: Moment) -> Json:
        frame = self.program.create_frame(self.program.environment)
        _Bounds(Deadline(self.max_milliseconds)).watch(frame)
        for name, function in _functions(moment).items():
            frame.bind(name, Jsonata.JLambda(function))
        for name in self.variables & variables.keys():
            frame.bind(name, _inward(variables[name]))
        try:
            value = self.program.evaluate(None, frame)
            check_size(value)
            return _outward(value)
        except JException as error:
            raise EvaluationFailure(f"{error.error}: {error}") from error
        except RecursionError as error:
            raise EvaluationFailure(f"U1001: {STACK}") from error
        except EvaluationFailure:
            raise
        except Exception as error:  # whatever the engine trips over is this expression's failure
            raise EvaluationFailure(str(error)) from error


@dataclass(slots=True)
class _Bounds:
    """Stops an evaluation that takes too long or goes too deep; the engine calls it around every node of the tree."""

    deadline: Deadline
    depth: int = 0

    def watch(self, frame: Any) -> None:
        frame.set_evaluate_entry_callback(lambda node, input, environment: self._move(1))
        frame.set_evaluate_exit_callback(lambda node, input, environment, result: self._move(-1))

    def _move(self, step: int) -> None:
        self.depth += step
        if self.depth > MAX_DEPTH:
            raise EvaluationFailure(f"U1001: {STACK}")
        if self.deadline.passed():
            raise EvaluationFailure(f"U1001: {TIMEOUT}")


def _functions(moment: Moment) -> dict[str, Callable[..., Any]]:
    def now(picture: Any = None, zone: Any = None) -> Any:
        return Functions.datetime_from_millis(moment.now_ms, picture, zone)

    ours: dict[str, Callable[..., Any]] = {name: partial(_call, name, moment) for name in functions.FUNCTIONS}
    return {**ours, "now": now, "millis": lambda: moment.now_ms}


def _call(name: str, moment: Moment, *arguments: Any) -> Any:
    value = functions.call(name, moment, [_outward(argument) for argument in arguments])
    return None if value is UNDEFINED else _inward(value)


def _inward(value: Json) -> Any:
    """null becomes the engine's null; None is its undefined."""
    if value is None:
        return Utils.NULL_VALUE
    if isinstance(value, dict):
        return {name: _inward(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_inward(each) for each in value]
    return value


def _outward(value: Any) -> Json:
    """The reverse; a number that is whole becomes an integer, as JavaScript prints it."""
    if value is None:
        return UNDEFINED
    if value is Utils.NULL_VALUE:
        return None
    if isinstance(value, dict):
        return {name: None if each is None else _outward(each) for name, each in value.items()}
    if isinstance(value, list | range):
        return [_outward(each) for each in value]
    if isinstance(value, float):
        return _number(value)
    return value


def _number(value: float) -> Json:
    if not math.isfinite(value):
        raise EvaluationFailure(f"D1001: Number out of range: {'-' if value < 0 else ''}Infinity")
    return int(value) if value.is_integer() and abs(value) < 1e21 else value
