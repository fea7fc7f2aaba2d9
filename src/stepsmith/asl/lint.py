"""What would fail at run time though AWS accepts the definition: names that an expression reads and nobody gave.

    for problem in lint(definition): print(problem)
    # /States/Total/Output: $rows is not assigned on every way to this state. Assign it in a state before, or ..

A definition that cannot be loaded is answered with the problems of `load` (JSONPath, $eval, JSONata newer than 2.0.6,
unreachable states, long or repeated names, variables assigned twice on the way in). Else the flow of variables is
followed: an expression may read what is assigned on every way to its state.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .document import AnyState, Branch, Choice, Guarded, branches_of, is_distributed, parts_of
from .errors import DefinitionError, Problem
from .jsonata.syntax import BUILTINS
from .machine import load
from .template import Located, Template

Names = frozenset[str]


def lint(definition: str | dict[str, Any]) -> tuple[Problem, ...]:
    """Everything wrong with a definition, in its own order; nothing if it is sound."""
    try:
        machine = load(definition)
    except DefinitionError as error:
        return error.problems
    return tuple(_in_branch(machine.document, "", frozenset()))


def _in_branch(branch: Branch, path: str, outer: Names) -> Iterator[Problem]:
    given = _given(branch, outer)
    for name, state in branch.states.items():
        here = f"{path}/States/{name}"
        for at, expression in _expressions(state, here):
            yield from _unknown(at, expression, given[name])
        for below, inner in branches_of(state):
            yield from _in_branch(inner, here + below, frozenset() if is_distributed(state) else given[name])


def _expressions(state: AnyState, path: str) -> Iterator[tuple[str, Located]]:
    for below, part in parts_of(state):
        for template in part.templates():
            yield from ((f"{path}{below}/{located.location}", located) for located in template.expressions)


def _unknown(path: str, located: Located, given: Names) -> Iterator[Problem]:
    expression = located.expression
    for name in sorted(expression.variables - given - {"states"}):
        yield Problem(
            path,
            f"${name} is not assigned on every way to this state.",
            "Assign it in a state before, or correct the name.",
        )
    for name in sorted(expression.functions - BUILTINS - given):
        yield Problem(path, f"There is no function ${name}.", "Use one of JSONata 2.0.6 or of Step Functions.")


def _given(branch: Branch, outer: Names) -> Mapping[str, Names]:
    """For each state the variables that are assigned on every way to it, by going round until nothing changes."""
    given: dict[str, Names] = {branch.start_at: outer}
    waiting = [branch.start_at]
    while waiting:
        name = waiting.pop()
        for target, assigned in _ways(branch.states[name]):
            arriving = given[name] | assigned
            known = given.get(target)
            if known is None or not known <= arriving:
                given[target] = arriving if known is None else known & arriving
                waiting.append(target)
    return given


def _ways(state: AnyState) -> Iterator[tuple[str, Names]]:
    """The states that may come next, each with what is assigned on the way there."""
    rules = state.choices if isinstance(state, Choice) else state.catch if isinstance(state, Guarded) else ()
    for rule in rules:
        yield rule.next, _names(rule.assign)
    target = state.default if isinstance(state, Choice) else getattr(state, "next", None)
    if target is not None:
        yield target, _names(getattr(state, "assign", None))


def _names(assign: Template | None) -> Names:
    return frozenset(assign.source) if assign is not None else frozenset()
