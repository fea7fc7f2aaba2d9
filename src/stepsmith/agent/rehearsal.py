"""Plays a compiled machine through: the real interpreter on a virtual clock, with somebody else answering its tasks.

    run = rehearse(definition, {"prompt": "Hello"}, world)
    run.status, run.output, run.transitions, run.invoked

`world` is asked about every task and says what comes back and after how many seconds. No Lambda, no I/O, no waiting:
a day of deadline passes in no time, so tests can claim what a machine does when vendors throttle and people sleep.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, assert_never

from stepsmith.asl import (
    Cancel,
    Effect,
    Execution,
    ExecutionContext,
    HistoryEvent,
    Invoke,
    Outcome,
    RunMap,
    Sleep,
    StateMachine,
    Status,
    load,
    outcome,
    status,
)

START_MS = 1_767_225_600_000
"""2026-01-01T00:00:00Z."""


@dataclass(frozen=True)
class Reply:
    """What becomes of a task, so many seconds after it was asked for; one that comes too late times out instead."""

    outcome: Outcome
    after_seconds: float = 0.0


World = Callable[[Invoke], Reply]


@dataclass(frozen=True)
class Rehearsal:
    """One execution, from its start to its end."""

    status: Status
    events: tuple[HistoryEvent, ...]
    invoked: tuple[Invoke, ...]
    seconds: float

    @property
    def output(self) -> Any:
        """The output of a run that succeeded; raises ValueError for any other."""
        if not isinstance(self.status, status.Succeeded):
            raise ValueError(f"the execution has no output: {self.status!r}")
        return self.status.output

    @property
    def transitions(self) -> int:
        """What Step Functions bills: states entered, and retries."""
        entered = sum(event.type.endswith("StateEntered") for event in self.events)
        scheduled = sum(event.type in ("TaskScheduled", "ActivityScheduled") for event in self.events)
        tasks = sum(event.type == "TaskStateEntered" for event in self.events)
        return entered + scheduled - tasks

    @property
    def states(self) -> tuple[str, ...]:
        """The names of the states entered, in order."""
        return tuple(event.facts["name"] for event in self.events if event.type.endswith("StateEntered"))


def rehearse(
    definition: dict[str, Any] | StateMachine,
    input: Any,
    world: World,
    name: str = "rehearsal",
    redriven_ms: int | None = None,
) -> Rehearsal:
    """Runs a machine, best a loaded one where it runs often, to its end; `name` is the execution's."""
    machine = definition if isinstance(definition, StateMachine) else load(definition)
    arn = "arn:aws:states:us-east-1:000000000000"
    context = ExecutionContext(
        f"{arn}:execution:rehearsal:{name}",
        name,
        "arn:aws:iam::000000000000:role/rehearsal",
        START_MS,
        f"{arn}:stateMachine:rehearsal",
        "rehearsal",
        redrive_time_ms=redriven_ms,
    )
    return _Stage(Execution(machine, input, context, seed=1), world).play()


class _Stage:
    """The virtual clock: answers wait in a heap by the time they are due."""

    def __init__(self, execution: Execution, world: World) -> None:
        self.execution = execution
        self.world = world
        self.now_ms = START_MS
        self.due: list[tuple[int, int, Outcome]] = []
        self.invoked: list[Invoke] = []

    def play(self) -> Rehearsal:
        self._take(self.execution.start(self.now_ms))
        while isinstance(self.execution.status, status.Running):
            self._step()
        elapsed = (self.now_ms - START_MS) / 1000
        return Rehearsal(self.execution.status, tuple(self.execution.events), tuple(self.invoked), elapsed)

    def _step(self) -> None:
        """Goes to the next answer, or to the machine's own timeout where that comes first."""
        deadline = self.execution.deadline_ms
        if deadline is not None and (not self.due or self.due[0][0] > deadline):
            self.now_ms = deadline
            self._take(self.execution.expire(deadline))
            return
        self.now_ms, effect_id, answer = heapq.heappop(self.due)
        self._take(self.execution.resume(effect_id, answer, self.now_ms))

    def _take(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            match effect:
                case Sleep(id=id, until_ms=until_ms):
                    self._expect(until_ms, id, outcome.Slept())
                case Invoke():
                    self.invoked.append(effect)
                    self._expect(*self._answer(effect))
                case Cancel(id=id):
                    self.due = [each for each in self.due if each[1] != id]
                    heapq.heapify(self.due)
                case RunMap():
                    raise NotImplementedError("A rehearsal runs no distributed Map: no compiled agent has one.")
                case _:
                    assert_never(effect)

    def _answer(self, task: Invoke) -> tuple[int, int, Outcome]:
        reply = self.world(task)
        late = task.timeout_seconds is not None and reply.after_seconds >= task.timeout_seconds
        seconds = float(task.timeout_seconds or 0) if late else reply.after_seconds
        return self.now_ms + int(1000 * seconds), task.id, outcome.TimedOut() if late else reply.outcome

    def _expect(self, at_ms: int, effect_id: int, answer: Outcome) -> None:
        """Effect ids are unique, so the heap never compares two outcomes."""
        heapq.heappush(self.due, (max(at_ms, self.now_ms), effect_id, answer))
