"""Checks over several states: transitions, reachability, ends, unique names, scopes of variables.

The rules are AWS's at create: StartAt and every Next name a state of the same branch; every state can be reached and
every branch can end; a state's name is used once in the whole definition; a branch may not assign a variable that is
assigned on its way in, whatever the order.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from operator import or_

from .document import AnyState, Branch, Map, Task, branches_of, is_distributed, is_terminal, parts_of, successors
from .errors import Code, Diagnostic
from .parameters import wrong_parameters
from .template import Template


def walk(branch: Branch, path: str = "") -> Iterator[tuple[str, str, AnyState]]:
    """Every state of a branch and of the branches inside: its path (/States/Call model), name and value."""
    for name, state in branch.states.items():
        here = f"{path}/States/{name}"
        yield here, name, state
        for below, inner in branches_of(state):
            yield from walk(inner, here + below)


def problems(document: Branch) -> list[Diagnostic]:
    """Everything wrong with a document, in its own order."""
    return [
        *_repeated_names(document),
        *_repeated_labels(document),
        *_in_branch(document, "", frozenset()),
        *_arguments(document),
        *_in_express_children(document),
    ]


def assigned_names(state: AnyState) -> Iterator[tuple[str, str]]:
    """The variables a state assigns, each with the path below the state that does."""
    for path, part in parts_of(state):
        assign = getattr(part, "assign", None)
        if isinstance(assign, Template):
            yield from ((f"{path}/Assign/{name}", name) for name in assign.source)


def not_express(branch: Branch, where: str = "") -> Iterator[Diagnostic]:
    """What only a Standard state machine can do: wait for an answer from outside, and run child executions."""
    for path, _, state in walk(branch, where):
        if isinstance(state, Task):
            for mark, name in _ONLY_STANDARD.items():
                if mark in state.resource:
                    message = f"Express state machine does not support {name}"
                    yield Diagnostic(f"{path}/Resource", message, _STANDARD)
        elif is_distributed(state):
            message = "Express state machine does not support a Map state in DISTRIBUTED mode"
            yield Diagnostic(f"{path}/ItemProcessor/ProcessorConfig/Mode", message, _STANDARD)


_STANDARD = "Make it a STANDARD state machine, or call the work in another way."
_ONLY_STANDARD = {
    ".sync": "'.sync' service integration",
    ".waitForTaskToken": "'.waitForTaskToken' service integration",
    ":activity:": "Activity ARN",
}
"""By what a resource's ARN contains."""


def _repeated_names(document: Branch) -> Iterator[Diagnostic]:
    counts = Counter(name for _, name, _ in walk(document))
    for path, name, _ in walk(document):
        if counts[name] > 1:
            message = f"Duplicate State name: {name}"
            yield Diagnostic(path, message, "Give each state its own name.", Code.DUPLICATE_STATE_NAME)


def _arguments(document: Branch) -> Iterator[Diagnostic]:
    """Arguments that an integration does not take, as far as the definition says what they are."""
    for path, _, state in walk(document):
        for inside, part in parts_of(state):
            given = getattr(part, "arguments", None)
            if given is None or not isinstance(given.source, dict):
                continue
            for below, message in wrong_parameters(getattr(part, "resource", ""), given.source):
                remedy = "See the integration's page in AWS's guide."
                yield Diagnostic(f"{path}{inside}/Arguments{below}", message, remedy)


def _in_express_children(document: Branch) -> Iterator[Diagnostic]:
    """What the children of a distributed Map cannot do where they are Express executions."""
    for path, _, state in walk(document):
        if isinstance(state, Map) and state.item_processor.processor_config.is_express:
            yield from not_express(state.item_processor, f"{path}/ItemProcessor")


def _repeated_labels(document: Branch) -> Iterator[Diagnostic]:
    labels = [(path, state.label) for path, _, state in walk(document) if isinstance(state, Map) and state.label]
    counts = Counter(label for _, label in labels)
    for path, label in labels:
        if counts[label] > 1:
            message = f"Duplicate label: {label}"
            yield Diagnostic(f"{path}/Label", message, "Give each Map its own.", Code.DUPLICATE_LABEL_NAME)


def _in_branch(branch: Branch, path: str, outer: frozenset[str]) -> Iterator[Diagnostic]:
    """Checks one branch and those inside it; `outer` are the variables assigned on the way in."""
    wrong = list(_targets(branch, path))
    yield from wrong or _reachability(branch, path)
    before = _AssignedBefore.of(branch)
    for name, state in branch.states.items():
        here = f"{path}/States/{name}"
        yield from _shadowing(state, here, outer)
        for below, inner in branches_of(state):
            around = frozenset() if is_distributed(state) else outer | before.names(name)
            yield from _in_branch(inner, here + below, around)


@dataclass(frozen=True, slots=True)
class _AssignedBefore:
    """The variables that the states before each one may have assigned; in a loop that is its own too.

    Sets of variables are bits of one integer: a long machine with many variables is gone through in no time.
    """

    variables: list[str]
    bits: dict[str, int]

    @classmethod
    def of(cls, branch: Branch) -> _AssignedBefore:
        """Goes round until nothing changes."""
        assigned = {name: [each for _, each in assigned_names(state)] for name, state in branch.states.items()}
        variables = sorted({each for names in assigned.values() for each in names})
        places = {name: 1 << place for place, name in enumerate(variables)}
        own = {name: reduce(or_, (places[each] for each in names), 0) for name, names in assigned.items()}
        bits = dict.fromkeys(branch.states, 0)
        waiting = deque(branch.states)
        while waiting:
            name = waiting.popleft()
            leaving = bits[name] | own[name]
            for _, target in successors(branch.states[name]):
                if target in bits and leaving & ~bits[target]:
                    bits[target] |= leaving
                    waiting.append(target)
        return cls(variables, bits)

    def names(self, state: str) -> frozenset[str]:
        bits = reversed(f"{self.bits[state]:b}")
        return frozenset(name for name, bit in zip(self.variables, bits, strict=False) if bit == "1")


def _targets(branch: Branch, path: str) -> Iterator[Diagnostic]:
    if branch.start_at not in branch.states:
        yield _no_state(f"{path}/StartAt", "StartAt", branch.start_at, branch)
    for name, state in branch.states.items():
        for below, target in successors(state):
            if target not in branch.states:
                yield _no_state(f"{path}/States/{name}{below}", below.rpartition("/")[2], target, branch)


def _no_state(path: str, field: str, target: str, branch: Branch) -> Diagnostic:
    remedy = f"Name one of {', '.join(map(repr, branch.states))}."
    return Diagnostic(path, f"Missing '{field}' target: {target}", remedy, Code.MISSING_TRANSITION_TARGET)


def _reachability(branch: Branch, path: str) -> Iterator[Diagnostic]:
    reached = _reached(branch)
    for name in branch.states:
        if name not in reached:
            message = f'State "{name}" is not reachable.'
            yield Diagnostic(
                f"{path}/States/{name}", message, "Remove it, or go to it.", Code.MISSING_TRANSITION_TARGET
            )
    if reached and not any(is_terminal(branch.states[name]) for name in reached):
        remedy = 'Give a state "End": true, or add a Succeed or Fail state.'
        yield Diagnostic(f"{path}/States", "No state ends the workflow", remedy, Code.MISSING_END_STATE)


def _reached(branch: Branch) -> set[str]:
    reached: set[str] = set()
    waiting = [branch.start_at]
    while waiting:
        name = waiting.pop()
        if name in branch.states and name not in reached:
            reached.add(name)
            waiting.extend(target for _, target in successors(branch.states[name]))
    return reached


def _shadowing(state: AnyState, path: str, outer: frozenset[str]) -> Iterator[Diagnostic]:
    for below, name in assigned_names(state):
        if name in outer:
            message = f"The variable {name!r} is assigned in an outer scope too"
            remedy = "Choose another name: a branch reads outer variables and cannot assign them."
            yield Diagnostic(path + below, message, remedy)
