"""The trial itself: one attempt of the state, its wants answered here, and then what Retry and Catch make of it.

The attempt is that of `states/`, wants and all: what is seen on the way is read off the wants. A task is asked of
whoever drives the trial, unless a mock answers. Branches and iterations are entered just far enough to see what they
start with, and the mock stands in for what they do.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any, TypeVar, assert_never

from .. import errors
from ..document import Guarded, Map, Parallel
from ..effects import Invoke, Sleep
from ..errors import StateError
from ..maprun import Child, Dataset, Given
from ..outcome import Outcome
from ..outcome import Succeeded as Answered
from ..recovery import backoff_ms, catcher_for, leave_by, retrier_for
from ..states import attempt
from ..states.map import exceeded, tolerance_of
from ..values import Json
from ..visit import Frame, Transition, Visit
from ..wants import Distribute, Fork, Listen, Pause, Perform, Record, Steps
from ..world import World
from .inspection import Inspection
from .report import Caught, Failed, Mock, Mocked, MockedError, Report, Retriable, Setting, Succeeded, Verdict
from .subjects import Placed, Subject

MAX_SECONDS = 300
"""How long a trial may take (API reference, TestState)."""

_FIRST_EVENT = 2
"""The event that enters the first state of an execution; the one before is ExecutionStarted."""

T = TypeVar("T")
Asking = Generator[Invoke | Sleep, tuple[Outcome, int], T]
"""Yields one effect at a time; is sent what became of it, and the time (milliseconds since 1970)."""


def run(subject: Subject, setting: Setting, mock: Mock | None = None) -> Asking[Report]:
    """Runs the state once. A state that `needs_mock` must have one."""
    frame, inspection = _frame(subject, setting), Inspection(subject.is_jsonata)
    verdict = yield from _Trial(subject, setting, mock, frame, inspection).verdict()
    return Report(verdict, inspection.seen, frame.variables)


def _frame(subject: Subject, setting: Setting) -> Frame:
    """Inside of a Map, and without a context that says otherwise, the state works on the Map's first item."""
    given = setting.context or {}
    ours = setting.execution.to_json(setting.input)
    both = {name: {**part, **given.get(name, {})} for name, part in ours.items()}
    world = World({**given, **both}, setting.seed)
    world.moment.now_ms = setting.execution.start_time_ms
    item = {"Index": 0, "Value": setting.input} if subject.is_in_map and "Map" not in given else None
    return Frame(world, dict(setting.variables), item=item)


@dataclass(frozen=True, slots=True)
class _Trial:
    subject: Subject
    setting: Setting
    mock: Mock | None
    frame: Frame
    inspection: Inspection

    def verdict(self) -> Asking[Verdict]:
        visit = self._visit(self.subject.placed)
        self.inspection.entered(visit)
        try:
            left = yield from self._acted(visit, attempt(visit))
        except StateError as error:
            return (yield from self._judged(visit, error))
        return Succeeded(left.output, left.next)

    def _visit(self, placed: Placed) -> Visit:
        retries = self.setting.retries if isinstance(placed.state, Guarded) else None
        now_ms = self.setting.execution.start_time_ms
        return Visit(self.frame, placed.name, placed.state, self.setting.input, now_ms, _FIRST_EVENT, retries)

    def _acted(self, visit: Visit, steps: Steps[Transition]) -> Asking[Transition]:
        """The steps to their end, every want of theirs answered."""
        steps = visit.recorded(steps)
        answer: Any = None
        while True:
            try:
                want = steps.send(answer)
            except StopIteration as end:
                left: Transition = end.value
                return left
            match want:
                case Record():
                    answer = _FIRST_EVENT
                case Perform():
                    answer = yield from self._performed(want)
                case Pause(until_ms=until_ms):
                    yield from self._slept(until_ms)
                    answer = None
                case Fork() | Distribute():
                    steps.close()
                    steps, answer = visit.recorded(self._joined(visit, want)), None
                case Listen():
                    raise TypeError("a trial's task was answered with news; answer it with its end")
                case _:
                    assert_never(want)

    def _performed(self, want: Perform) -> Asking[Outcome]:
        self.inspection.arguments(want.arguments)
        if self.mock is not None:
            outcome: Outcome = Answered(_mocked(self.mock))
        else:
            bounds = (want.timeout_seconds, want.heartbeat_seconds)
            id = self.frame.world.new_effect()
            outcome = yield from self._asked(Invoke(id, want.resource, want.arguments, *bounds, want.task_token))
        if isinstance(outcome, Answered):
            self.inspection.result(outcome.result)
        return outcome

    def _slept(self, until_ms: int) -> Asking[None]:
        """A wait that is too long for a trial fails at once as it would fail then."""
        if until_ms > self.setting.execution.start_time_ms + 1000 * MAX_SECONDS:
            raise StateError(errors.TIMEOUT)
        yield from self._asked(Sleep(self.frame.world.new_effect(), until_ms))

    def _asked(self, effect: Invoke | Sleep) -> Asking[Outcome]:
        outcome, self.frame.world.moment.now_ms = yield effect
        return outcome

    def _joined(self, visit: Visit, want: Fork | Distribute) -> Steps[Transition]:
        """Leaves as if the branches or iterations had come to what the mock says, however many they are."""
        state = visit.state
        inputs, tolerated = self._inner(want)
        if isinstance(state, Map):
            self.inspection.iterations(visit, state, inputs, self.setting.items)
        else:
            self.inspection.arguments(inputs[0])
        if self.mock is None or not isinstance(state, Map | Parallel):
            raise TypeError(f"a {state.type} state is tried with a mock only")
        result = _mocked(self.mock)
        if self.setting.failed_iterations > tolerated:
            raise exceeded()
        self.inspection.result(result)
        return visit.leave(state.next, result, state.output, state.assign, result=result)

    def _inner(self, want: Fork | Distribute) -> tuple[list[Json], int]:
        """What the branches or iterations start with, and how many of them may fail."""
        match want:
            case Fork(branches=branches, tolerated=tolerated):
                return [_entered_with(branch) for branch in branches], tolerated
            case Distribute(effect=effect):
                run = effect(0)
                children = self._children(run.source)
                return [child.input for child in children], run.tolerance.of(sum(child.items for child in children))

    def _children(self, source: Given | Dataset) -> tuple[Child, ...]:
        if isinstance(source, Given):
            return source.children
        items = (item._replace(source=source.place) for item in self.setting.items[: source.max_items])
        return tuple(source.children(items))

    def _judged(self, visit: Visit, error: StateError) -> Asking[Verdict]:
        """What the state makes of its error, or else the states around it, the innermost first."""
        verdict = yield from self._handled(visit, error)
        for placed in reversed(self.subject.around):
            if not isinstance(verdict, Failed):
                break
            around = self._visit(placed)
            escaped = self._escaped(around, verdict.error)
            if escaped is None:
                break
            verdict = yield from self._handled(around, escaped)
        return verdict

    def _handled(self, visit: Visit, error: StateError) -> Asking[Verdict]:
        """What a state's own Retry and Catch make of an error."""
        state = visit.state
        if not isinstance(state, Guarded):
            return Failed(error)
        retrier = retrier_for(state, error)
        if retrier is not None and self.setting.retries < state.retry[retrier].max_attempts:
            return Retriable(error, retrier, backoff_ms(state.retry[retrier], self.setting.retries, visit))
        catcher = catcher_for(state, error)
        if catcher is None:
            return Failed(error)
        try:
            left = yield from self._acted(visit, leave_by(visit, state.catch[catcher], error))
        except StateError as worse:
            return Failed(worse)
        return Caught(error, catcher, left.output, left.next)

    def _escaped(self, visit: Visit, error: StateError) -> StateError | None:
        """The error as the Parallel or Map around meets it; None where a Map tolerates it."""
        if not isinstance(visit.state, Map):
            return error
        try:
            tolerated = tolerance_of(visit, visit.state).of(0)
        except StateError as worse:
            return worse
        if self.setting.failed_iterations < tolerated:
            return None
        return exceeded() if tolerated else error


def _mocked(mock: Mock) -> Json:
    match mock:
        case Mocked(result=result):
            return result
        case MockedError(error=error, cause=cause):
            raise StateError(error, cause)
        case _:
            assert_never(mock)


def _entered_with(branch: Callable[[], Steps[Json]]) -> Json:
    """The input of a branch's first state: the branch runs until that is recorded, and no further."""
    steps = branch()
    want = next(steps)
    while not (isinstance(want, Record) and want.facts is not None and "input" in want.facts):
        want = steps.send(None)
    steps.close()
    return want.facts["input"]
