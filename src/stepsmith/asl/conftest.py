"""A scripted world for the tests of the interpreter: it answers effects at once, on a clock of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from stepsmith import asl
from stepsmith.asl import outcome, status

START_MS = 1_767_225_600_000  # 2026-01-01T00:00:00Z
STEP_MS = 10

Asked = asl.Invoke | asl.RunMap | asl.Sleep
Reply = asl.Outcome | list[asl.Outcome] | None
Answer = Reply | Callable[[asl.Invoke], Reply]


@dataclass
class Played:
    """An execution and what it asked for; None as an answer leaves an effect unanswered, a list is several in turn."""

    run: asl.Execution
    now_ms: int = START_MS
    invokes: list[asl.Invoke] = field(default_factory=list)
    sleeps: list[asl.Sleep] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    journal: list[tuple[int, asl.Outcome, int]] = field(default_factory=list)

    @property
    def output(self) -> Any:
        assert isinstance(self.run.status, status.Succeeded), self.run.status
        return self.run.status.output

    @property
    def error(self) -> tuple[str | None, str | None]:
        assert isinstance(self.run.status, status.Failed), self.run.status
        return self.run.status.error, self.run.status.cause

    @property
    def types(self) -> list[str]:
        return [event.type for event in self.run.events]

    def facts(self, type: str) -> Any:
        """The details of the only event of a type."""
        (event,) = (event for event in self.run.events if event.type == type)
        (details,) = event.details.values()
        return details

    def perform(self, effects: Iterable[asl.Effect], answer: Callable[..., Reply]) -> None:
        waiting: list[Asked] = []
        self._note(effects, waiting)
        while waiting:
            effect = waiting.pop(0)
            reply = self._reply(effect, answer)
            for each in reply if isinstance(reply, list) else [reply]:
                self._note(self.resume(effect.id, each) if each is not None else (), waiting)

    def _note(self, effects: Iterable[asl.Effect], waiting: list[Asked]) -> None:
        """New effects wait for their answer; a cancelled one waits no more."""
        for effect in effects:
            if isinstance(effect, asl.Cancel):
                self.cancelled.append(effect.id)
                waiting[:] = [each for each in waiting if each.id != effect.id]
            else:
                waiting.append(effect)

    def resume(self, effect_id: int, reply: asl.Outcome) -> tuple[asl.Effect, ...]:
        self.now_ms += STEP_MS
        self.journal.append((effect_id, reply, self.now_ms))
        return self.run.resume(effect_id, reply, self.now_ms)

    def _reply(self, effect: Asked, answer: Callable[..., Reply]) -> Reply:
        match effect:
            case asl.RunMap():
                return answer(effect)
            case asl.Invoke():
                self.invokes.append(effect)
                return answer(effect)
            case asl.Sleep(until_ms=until_ms):
                self.sleeps.append(effect)
                self.now_ms = max(self.now_ms, until_ms)
                return outcome.Slept()


Play = Callable[..., Played]


def context() -> asl.ExecutionContext:
    return asl.ExecutionContext(
        arn="arn:aws:states:us-east-1:000000000000:execution:machine:run",
        name="run",
        role_arn="arn:aws:iam::000000000000:role/machine",
        start_time_ms=START_MS,
        state_machine_arn="arn:aws:states:us-east-1:000000000000:stateMachine:machine",
        state_machine_name="machine",
    )


def machine_of(definition: Mapping[str, Any]) -> asl.StateMachine:
    """A machine from a definition, or from its states alone: JSONata, starting at the first."""
    if "States" not in definition:
        definition = {"QueryLanguage": "JSONata", "StartAt": next(iter(definition)), "States": dict(definition)}
    return asl.load(dict(definition))


@pytest.fixture
def play() -> Play:
    """Runs a machine: `play(states, input, answers)`.

    `answers` are outcomes for the tasks in the order in which they are asked for, or a function of the Invoke; a task
    without an answer stays unanswered.
    """

    def played(
        definition: Mapping[str, Any],
        input: Any = None,
        answers: Iterable[Answer] | Callable[..., Any] = (),
        seed: int = 1,
    ) -> Played:
        play = Played(asl.Execution(machine_of(definition), {} if input is None else input, context(), seed))
        play.perform(play.run.start(START_MS), answers if callable(answers) else _in_order(answers))
        return play

    return played


def _in_order(answers: Iterable[Answer]) -> Callable[[asl.Invoke], Reply]:
    left = iter(answers)

    def answer(effect: asl.Invoke) -> Reply:
        following = next(left, None)
        return following(effect) if callable(following) else following

    return answer
