"""One execution: the scheduler that runs the generators of `states/` and turns what they want into effects.

A `Thread` is one branch: the machine's own, a Parallel's, a Map's iteration. Threads that can go on wait in `_ready`
in a fixed order; threads that wait for an answer lie in `_waiting` by effect id. Nothing here reads a clock: time is
what the caller says it is.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, assert_never

from . import errors, status
from .context import ExecutionContext
from .effects import Cancel, Effect, Invoke, Sleep
from .errors import StateError, told
from .history import MAX_EVENTS, NOTHING, HistoryEvent
from .machine import StateMachine
from .outcome import Outcome
from .states import run_branch
from .status import Status
from .values import MAX_BYTES, Json, size
from .visit import Frame, Place
from .wants import Abandoned, Distribute, Fork, Joined, Listen, Pause, Perform, Record, Steps
from .world import World


@dataclass(slots=True, eq=False)
class Thread:
    """One branch at work. `last_event` is what its next event names as previous; `ended` threads are not run again."""

    steps: Steps[Json]
    last_event: int
    group: Group | None = None
    index: int = 0
    effect_id: int | None = None
    forked: Group | None = None
    ended: bool = False


@dataclass(slots=True, eq=False)
class Group:
    """The branches of one Fork: those still to start, those at work, what came of the others."""

    parent: Thread
    pending: Iterator[tuple[int, Callable[[], Steps[Json]]]]
    results: list[Json]
    at_once: int
    tolerated: int
    running: dict[int, Thread] = field(default_factory=dict)
    failures: dict[int, StateError] = field(default_factory=dict)


class HistoryFull(Exception):
    """The next event would be the last that fits."""


class Execution:
    """An execution as a pure function of its start and of the answers to its effects.

    `status` and `events` may be read at any time; `events` only grows. Every method that takes `now_ms` (milliseconds
    since 1970, never going back) returns the effects that are new since the last call.
    """

    def __init__(self, machine: StateMachine, input: Json, context: ExecutionContext, seed: int) -> None:
        self.status: Status = status.Running()
        self.events: list[HistoryEvent] = []
        self._machine = machine
        self._input = input
        self._context = context
        self._world = World(context.to_json(input), seed)
        self._place = Place(Frame(self._world), machine.document.start_at, input)
        self._effects: list[Effect] = []
        self._ready: deque[tuple[Thread, Any, StateError | None]] = deque()
        self._waiting: dict[int, Thread] = {}
        self._root: Thread | None = None

    @property
    def deadline_ms(self) -> int | None:
        """When `expire` is due, counted from the last redrive; None for a machine without TimeoutSeconds."""
        seconds = self._machine.document.timeout_seconds
        since_ms = self._context.redrive_time_ms or self._context.start_time_ms
        return None if seconds is None else since_ms + 1000 * seconds

    def start(self, now_ms: int) -> tuple[Effect, ...]:
        """Enters the first state and goes as far as it can."""
        if self._root is not None:
            raise RuntimeError("the execution has started already; resume it")
        self._world.moment.now_ms = now_ms
        self._add("ExecutionStarted", 0, self._context.started(self._input))
        return self._go_on(last_event=0)

    def redrive(self, now_ms: int) -> tuple[Effect, ...]:
        """RedriveExecution: a FAILED, TIMED_OUT or ABORTED execution goes on from the states that did not end.

        What AWS documents (Developer Guide, "Restarting state machine executions with redrive"; API reference,
        RedriveExecution): history goes on with ExecutionRedriven; every state that was entered and not exited is run
        again with its input and variables, a Fail state or a failed expression too; what had succeeded is not, so
        branches and iterations that ended keep their output, and a Map Run redrives its unsuccessful children;
        Retry counts from none; the machine's TimeoutSeconds counts anew; the context has RedriveCount and RedriveTime.
        Whether it is still allowed (Standard, 14 days, fewer than 24,999 events) is for the caller to check.
        """
        if isinstance(self.status, status.Running | status.Succeeded):
            raise RuntimeError(f"an execution that is {type(self.status).__name__} is not redriven")
        if len(self.events) >= MAX_EVENTS - 1:
            raise RuntimeError(f"an execution of {len(self.events)} events is not redriven: its history is full")
        self._world.moment.now_ms = now_ms
        self._context = replace(self._context, redrive_count=self._context.redrive_count + 1, redrive_time_ms=now_ms)
        self._world.constants = self._context.to_json(self._input)
        self.status = status.Running()
        facts = {"redriveCount": self._context.redrive_count}
        return self._go_on(self._add("ExecutionRedriven", len(self.events), facts))

    def _go_on(self, last_event: int) -> tuple[Effect, ...]:
        """Runs the machine from where it stands."""
        self._root = Thread(run_branch(self._machine.document, self._place), last_event)
        if size(self._input) > MAX_BYTES:
            cause = f"The input of the execution is larger than {MAX_BYTES} bytes."
            self._fail(StateError(errors.DATA_LIMIT_EXCEEDED, cause), last_event)
        else:
            self._ready.append((self._root, None, None))
        return self._advance()

    def resume(self, effect_id: int, outcome: Outcome, now_ms: int) -> tuple[Effect, ...]:
        """Goes on with the answer to an effect; an answer that nobody waits for is ignored."""
        thread = self._waiting.pop(effect_id, None)
        if thread is None:
            return ()
        self._world.moment.now_ms = now_ms
        self._ready.append((thread, outcome, None))
        return self._advance()

    def abort(self, error: str | None, cause: str | None, now_ms: int) -> tuple[Effect, ...]:
        """StopExecution: everything outstanding is cancelled, and one event says so: no state records its own end."""
        return self._stop(status.Aborted(error, cause), "ExecutionAborted", told(error, cause), 0, now_ms)

    def expire(self, now_ms: int) -> tuple[Effect, ...]:
        """The machine's TimeoutSeconds has passed (`deadline_ms`)."""
        return self._stop(
            status.TimedOut(), "ExecutionTimedOut", {}, self._root.last_event if self._root else 0, now_ms
        )

    def _stop(
        self, final: Status, event: str, facts: dict[str, Json], previous: int, now_ms: int
    ) -> tuple[Effect, ...]:
        if not isinstance(self.status, status.Running):
            return ()
        self._world.moment.now_ms = now_ms
        self._cancel_all()
        self._end(final, event, facts, previous)
        return self._taken()

    def _advance(self) -> tuple[Effect, ...]:
        """Runs whoever can go on until everybody waits."""
        try:
            while self._ready:
                thread, answer, error = self._ready.popleft()
                if not thread.ended:
                    self._run(thread, answer, error)
        except HistoryFull:
            self._history_full()
        return self._taken()

    def _taken(self) -> tuple[Effect, ...]:
        effects = tuple(self._effects)
        self._effects.clear()
        return effects

    def _run(self, thread: Thread, answer: Any, error: StateError | None) -> None:
        """Runs one thread until it waits or ends."""
        steps = thread.steps
        while True:
            try:
                want = steps.send(answer) if error is None else steps.throw(error)
            except StopIteration as end:
                return self._ended(thread, end.value)
            except StateError as failure:
                return self._failed(thread, failure)
            error = None
            match want:
                case Record():
                    answer = self._record(thread, want)
                case Perform():
                    return self._invoke(thread, want)
                case Listen():
                    return self._wait(thread, thread.effect_id)
                case Distribute():
                    return self._distribute(thread, want)
                case Pause(until_ms=until_ms):
                    return self._sleep(thread, until_ms)
                case Fork():
                    return self._fork(thread, want)
                case _:
                    assert_never(want)

    def _record(self, thread: Thread, event: Record) -> int:
        id = self._add(event.type, thread.last_event, event.facts or NOTHING)
        if event.advance:
            thread.last_event = id
        return id

    def _add(self, type: str, previous: int, facts: Any) -> int:
        id = len(self.events) + 1
        if id == MAX_EVENTS and isinstance(self.status, status.Running):
            raise HistoryFull
        self.events.append(HistoryEvent(id, previous, type, self._world.moment.now_ms, facts))
        return id

    def _invoke(self, thread: Thread, want: Perform) -> None:
        id = self._world.new_effect()
        bounds = (want.timeout_seconds, want.heartbeat_seconds)
        self._effects.append(Invoke(id, want.resource, want.arguments, *bounds, want.task_token))
        self._wait(thread, id)

    def _distribute(self, thread: Thread, want: Distribute) -> None:
        id = self._world.new_effect()
        self._effects.append(want.effect(id))
        self._wait(thread, id)

    def _sleep(self, thread: Thread, until_ms: int) -> None:
        id = self._world.new_effect()
        self._effects.append(Sleep(id, until_ms))
        self._wait(thread, id)

    def _wait(self, thread: Thread, effect_id: int | None) -> None:
        assert effect_id is not None
        thread.effect_id = effect_id
        self._waiting[effect_id] = thread

    def _fork(self, parent: Thread, want: Fork) -> None:
        results: list[Json] = [None] * len(want.branches)
        group = Group(parent, iter(enumerate(want.branches)), results, want.at_once or len(results), want.tolerated)
        parent.forked = group
        for _ in range(min(group.at_once, len(results))):
            self._start_next(group, parent.last_event)
        self._join_if_done(group)

    def _start_next(self, group: Group, last_event: int) -> None:
        following = next(group.pending, None)
        if following is not None:
            index, branch = following
            thread = Thread(branch(), last_event, group, index)
            group.running[index] = thread
            self._ready.append((thread, None, None))

    def _join_if_done(self, group: Group) -> None:
        if not group.running:
            group.parent.forked = None
            self._ready.append((group.parent, Joined(group.results, group.failures), None))

    def _ended(self, thread: Thread, output: Json) -> None:
        thread.ended = True
        group = thread.group
        if group is None:
            self._end(status.Succeeded(output), "ExecutionSucceeded", {"output": output}, thread.last_event)
        else:
            group.results[thread.index] = output
            self._leave_group(thread, group)

    def _failed(self, thread: Thread, error: StateError) -> None:
        thread.ended = True
        group = thread.group
        if group is None:
            self._fail(error, thread.last_event)
            return
        group.failures[thread.index] = error
        if len(group.failures) <= group.tolerated:
            self._leave_group(thread, group)
            return
        del group.running[thread.index]
        for other in list(group.running.values()):
            self._abandon(other)
        group.parent.last_event, group.parent.forked = thread.last_event, None
        self._ready.append((group.parent, None, error))

    def _leave_group(self, thread: Thread, group: Group) -> None:
        """A thread is done: its place goes to the next one, and the parent goes on from its last event."""
        del group.running[thread.index]
        group.parent.last_event = thread.last_event
        self._start_next(group, thread.last_event)
        self._join_if_done(group)

    def _abandon(self, thread: Thread) -> None:
        """Ends a thread that nobody waits for, inner threads first; it records what was broken off."""
        if thread.forked is not None:
            for inner in list(thread.forked.running.values()):
                self._abandon(inner)
        if thread.effect_id is not None and self._waiting.pop(thread.effect_id, None) is not None:
            self._effects.append(Cancel(thread.effect_id))
        thread.ended = True
        try:
            want = thread.steps.throw(Abandoned())
            while isinstance(want, Record):
                want = thread.steps.send(self._record(thread, want))
        except (Abandoned, StopIteration):
            return
        thread.steps.close()

    def _cancel_all(self) -> None:
        """Ends every branch where it stands: nobody answers or is asked any more."""
        self._effects.extend(Cancel(id) for id in self._waiting)
        self._waiting.clear()
        self._ready.clear()

    def _fail(self, error: StateError, previous: int) -> None:
        self._end(status.Failed(error.error, error.cause), "ExecutionFailed", told(error.error, error.cause), previous)

    def _end(self, final: Status, event: str, facts: dict[str, Json], previous: int) -> None:
        self.status = final
        self._ready.clear()
        self._add(event, previous, facts)

    def _history_full(self) -> None:
        """The last event that fits tells that it is the last."""
        self._effects.clear()
        self._cancel_all()
        cause = f"The execution reached the maximum number of history events ({MAX_EVENTS})."
        self._fail(StateError(errors.RUNTIME, cause), self.events[-1].id)
