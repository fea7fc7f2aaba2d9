"""The default engine: an expression becomes Python source by `jsonata2py`, compiled once and then called.

The package's own front door (`CompiledExpression.evaluate`) reads the wall clock and merges bindings by copying. So we
use the stages behind it: parse, optimise, translate, load, and its evaluation context, which takes bindings by
reference and the logical time. Nothing else in Stepsmith touches the package's internals but `syntax.py`.
`$random` and `$shuffle` are renamed in the tree, so that they are found among our functions, not the built-in ones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from jsonata2py import MISSING, JsonataError
from jsonata2py.bindings import JsonataFunctionArguments
from jsonata2py.loader.loader import ExpressionLoader
from jsonata2py.optimizer.optimizer import optimize
from jsonata2py.runtime import context
from jsonata2py.translator.translator import Translator

from ..values import Json
from . import functions, syntax
from .evaluator import (
    MAX_MILLISECONDS,
    MEMORY,
    STACK,
    UNDEFINED,
    Deadline,
    EvaluationFailure,
    Expression,
    Moment,
    SyntaxFault,
)
from .guards import GUARDED, check_size
from .wording import worded

_OURS = {"random": "random_of_the_execution", "shuffle": "shuffle_of_the_execution"}
_FUNCTIONS = {_OURS.get(name, name): name for name in functions.FUNCTIONS}


@dataclass(frozen=True, slots=True)
class Translated:
    """Compiles expressions to Python; equal texts share one compilation. A longer evaluation is stopped."""

    max_milliseconds: int = MAX_MILLISECONDS

    def compile(self, text: str) -> Expression:
        return _compile(text, self.max_milliseconds)


@lru_cache(maxsize=4096)
def _compile(text: str, max_milliseconds: int) -> TranslatedExpression:
    parsed = syntax.parse(text)
    try:
        tree = syntax.renamed(parsed.tree, _OURS) if any(name in text for name in _OURS) else parsed.tree
        source = Translator.translate(optimize(tree), text)
        entry, _ = ExpressionLoader().load(source)
        entry.__globals__.update(GUARDED, resolve_binding=_resolve_binding)
    except JsonataError as error:
        raise syntax.unparsable(error) from error
    except RecursionError as error:
        raise SyntaxFault("is nested too deeply", "Split it with variables.") from error
    # There is no context document; but a path with tuples starts from one even where its first step is a variable.
    run = partial(entry, None if parsed.has_tuples else MISSING)
    return TranslatedExpression(text, *parsed.names, run, parsed.grows, max_milliseconds)


@dataclass(frozen=True, slots=True)
class TranslatedExpression:
    """One expression as a Python function."""

    text: str
    variables: frozenset[str]
    functions: frozenset[str]
    of_states: frozenset[str]
    run: Callable[[], Any]
    grows: bool
    max_milliseconds: int

    def evaluate(self, variables: Mapping[str, Json], moment: Moment) -> Json:
        context.begin_evaluation(_NONE, _Bindings(variables, moment), self.max_milliseconds)
        try:
            state = context.get_state()
            assert state is not None
            state.millis = moment.now_ms
            state.timeout_deadline = Deadline(self.max_milliseconds)  # type: ignore[assignment]  # only compared
            value = self.run()
            if self.grows:
                check_size(value)
        except JsonataError as error:
            raise EvaluationFailure(worded(error)) from error
        except RecursionError as error:
            raise EvaluationFailure(f"U1001: {STACK}") from error
        except MemoryError as error:
            raise EvaluationFailure(f"U1001: {MEMORY}") from error
        except EvaluationFailure:
            raise
        except Exception as error:  # whatever the engine trips over is this expression's failure
            raise EvaluationFailure(str(error)) from error
        finally:
            context.end_evaluation()
        return UNDEFINED if value is MISSING else value


class _Bindings:
    """Variables and functions as jsonata2py asks for them; the mapping is used as it is, never copied."""

    __slots__ = ("moment", "variables")

    def __init__(self, variables: Mapping[str, Json], moment: Moment) -> None:
        self.variables = variables
        self.moment = moment

    def is_empty(self) -> bool:
        return False

    def get_value(self, name: str) -> Any:
        return self.variables.get(name, MISSING)

    def get_function(self, name: str) -> Any:
        ours = _FUNCTIONS.get(name)
        return None if ours is None else _Bound(ours, self.moment)

    def get_values(self) -> dict[str, Any]:
        return dict(self.variables)

    def get_functions(self) -> dict[str, Any]:
        return {name: _Bound(ours, self.moment) for name, ours in _FUNCTIONS.items()}


def _resolve_binding(name: str) -> Any:
    """What translated code calls for `$name`: half of all it does, so the way to a variable is short."""
    state = context.get_state()
    assert state is not None
    variables: Mapping[str, Any] = state.bindings.variables  # type: ignore[union-attr]  # ours: see evaluate
    value = variables.get(name, MISSING)
    return context.resolve_binding(name) if value is MISSING else value


class _Nothing(_Bindings):
    def is_empty(self) -> bool:
        return True


_NONE = _Nothing({}, Moment(0, None))  # type: ignore[arg-type]  # permanent bindings: there are none


@dataclass(frozen=True, slots=True)
class _Bound:
    """One of our functions, as jsonata2py calls it."""

    name: str
    moment: Moment

    def get_function_signature(self) -> str | None:
        return None

    def apply(self, arguments: JsonataFunctionArguments) -> Any:
        given = [UNDEFINED if value is MISSING else value for value in arguments.as_list()]
        value = functions.call(self.name, self.moment, given)
        return MISSING if value is UNDEFINED else value
