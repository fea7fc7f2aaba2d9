"""Checks over several states: transitions, reachability, ends, unique names, scopes of variables.

The rules are AWS's at create: StartAt and every Next name a state of the same branch; every state can be reached and
every branch can end; a state's name is used once in the whole definition; a branch may not assign a variable that is
assigned on its way in, whatever the order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from .document import AnyState, Branch, branches_of, is_terminal, parts_of, successors
from .errors import Problem
from .template import Template


def walk(branch: Branch, path: str = "") -> Iterator[tuple[str, str, AnyState]]:
    """Every state of a branch and of the branches inside: its path (/States/Call model), name and value."""
    for name, state in branch.states.items():
        here = f"{path}/States/{name}"
        yield here, name, state
        for below, inner in branches_of(state):
            yield from walk(inner, here + below)


def problems(document: Branch) -> list[Problem]:
    """Everything wrong with a document, in its own order."""
    return [*_repeated_names(document), *_in_branch(document, "", frozenset())]


def assigned_names(state: AnyState) -> Iterator[tuple[str, str]]:
    """The variables a state assigns, each with the path below the state that does."""
    for path, part in parts_of(state):
        assign = getattr(part, "assign", None)
        if isinstance(assign, Template):
            yield from ((f"{path}/Assign/{name}", name) for name in assign.source)


def _repeated_names(document: Branch) -> Iterator[Problem]:
    counts = Counter(name for _, name, _ in walk(document))
    for path, name, _ in walk(document):
        if counts[name] > 1:
            yield Problem(
                path, f"{counts[name]} states are named {name!r}.", "Give each its own name: they are unique."
            )


def _in_branch(branch: Branch, path: str, outer: frozenset[str]) -> Iterator[Problem]:
    """Checks one branch and those inside it; `outer` are the variables assigned on the way in."""
    wrong = list(_targets(branch, path))
    yield from wrong or _reachability(branch, path)
    for name, state in branch.states.items():
        here = f"{path}/States/{name}"
        yield from _shadowing(state, here, outer)
        for below, inner in branches_of(state):
            yield from _in_branch(inner, here + below, outer | _assigned_before(branch, name))


def _assigned_before(branch: Branch, name: str) -> frozenset[str]:
    """The variables that the states before this one may have assigned; in a loop that is its own too."""
    before: set[str] = set()
    found = {name}
    while found:
        found = {
            each
            for each, state in branch.states.items()
            if each not in before and any(target in found for _, target in successors(state))
        }
        before |= found
    return frozenset(variable for each in before for _, variable in assigned_names(branch.states[each]))


def _targets(branch: Branch, path: str) -> Iterator[Problem]:
    if branch.start_at not in branch.states:
        yield _no_state(f"{path}/StartAt", branch.start_at, branch)
    for name, state in branch.states.items():
        for below, target in successors(state):
            if target not in branch.states:
                yield _no_state(f"{path}/States/{name}{below}", target, branch)


def _no_state(path: str, target: str, branch: Branch) -> Problem:
    return Problem(path, f"There is no state {target!r} here.", f"Name one of {', '.join(map(repr, branch.states))}.")


def _reachability(branch: Branch, path: str) -> Iterator[Problem]:
    reached = _reached(branch)
    for name in branch.states:
        if name not in reached:
            yield Problem(f"{path}/States/{name}", f"State {name!r} is never reached.", "Remove it, or go to it.")
    if reached and not any(is_terminal(branch.states[name]) for name in reached):
        yield Problem(f"{path}/States", "No state ends here.", 'Give one "End": true, or add a Succeed or Fail state.')


def _reached(branch: Branch) -> set[str]:
    reached: set[str] = set()
    waiting = [branch.start_at]
    while waiting:
        name = waiting.pop()
        if name in branch.states and name not in reached:
            reached.add(name)
            waiting.extend(target for _, target in successors(branch.states[name]))
    return reached


def _shadowing(state: AnyState, path: str, outer: frozenset[str]) -> Iterator[Problem]:
    for below, name in assigned_names(state):
        if name in outer:
            remedy = "Choose another name: a branch reads outer variables and cannot assign them."
            yield Problem(path + below, f"Variable {name!r} is assigned outside of this branch too.", remedy)
