"""The Amazon States Language, interpreted: definitions as frozen values, executions as pure functions of what happened.

    machine = load(definition)                                  # or DefinitionError: where, what, what to do
    run = Execution(machine, input, context, seed=7)
    effects = run.start(now_ms)                                 # Invoke | RunMap | Sleep | Cancel
    effects = run.resume(effect.id, outcome.Succeeded(result), now_ms)
    effects = run.redrive(now_ms)                   # after an unsuccessful end
    run.status                                      # status.Running | Succeeded | Failed | TimedOut | Aborted
    run.events                                      # HistoryEvent, in AWS's shape

No I/O, no clock, no ids but counters: the same definition, input, seed and answers give the same effects and events.
`outcome` and `status` are modules, because both know a Succeeded and a Failed; so is `tokens`, for task tokens.
"""

from . import outcome, status, tokens
from .context import ExecutionContext
from .effects import Cancel, Effect, Invoke, RunMap, Sleep
from .errors import Code, DefinitionError, Diagnostic, Problem, Severity, StateError, invalid_definition
from .execution import Execution
from .history import HistoryEvent
from .jsonata import (
    UNDEFINED,
    EvaluationFailure,
    Evaluator,
    Expression,
    SyntaxFault,
    choose_engine,
    default_evaluator,
)
from .machine import StateMachine, diagnose, load
from .maprun import Child, Dataset, Given, Item, Results, Tolerance
from .outcome import Outcome
from .status import Status
from .values import MAX_BYTES, Json

INTERPRETER = "asl 3"
"""Which interpreter this is. The number is raised when it decides anything otherwise than before: which effects, in
what order, with which ids. A journal of outcomes is replayed only by the interpreter that it was begun with."""

__all__ = [
    "INTERPRETER",
    "MAX_BYTES",
    "UNDEFINED",
    "Cancel",
    "Child",
    "Code",
    "Dataset",
    "DefinitionError",
    "Diagnostic",
    "Effect",
    "EvaluationFailure",
    "Evaluator",
    "Execution",
    "ExecutionContext",
    "Expression",
    "Given",
    "HistoryEvent",
    "Invoke",
    "Item",
    "Json",
    "Outcome",
    "Problem",
    "Results",
    "RunMap",
    "Severity",
    "Sleep",
    "StateError",
    "StateMachine",
    "Status",
    "SyntaxFault",
    "Tolerance",
    "choose_engine",
    "default_evaluator",
    "diagnose",
    "invalid_definition",
    "load",
    "outcome",
    "status",
    "tokens",
]
