"""Trials of one state with this machine's integrations: what a trial asks for is performed, and it is answered.

A trial is no run: nothing of it is recorded, it has no id that anybody could ask for, and it ends with the request
that began it. A task without a mock is really made, and so is whatever it does in the world.
"""

import asyncio
from dataclasses import dataclass, field, replace

from stepsmith import asl
from stepsmith.asl import outcome, trial
from stepsmith.local.clock import Clock
from stepsmith.local.invoked import Invoked, envelope
from stepsmith.local.journal import Pending, Result
from stepsmith.local.run import Performer, Task


async def drive(
    steps: trial.Asking[trial.Report], arn: str, role: str, clock: Clock, performer: Performer
) -> trial.Report:
    """The trial's report. `arn` is the execution that integrations see, `role` (its ARN) what they act as; cancelling
    ends what is under way.

    Raises what a run would break on: StoreError of a nested execution that could not be recorded.
    """
    bench = _Bench(arn, role, clock)
    try:
        effect = next(steps)
        while True:
            answer = await bench.answer(effect, performer)
            effect = steps.send((answer, clock.now_ms()))
    except StopIteration as end:
        report: trial.Report = end.value
        return report


@dataclass(slots=True)
class _Bench:
    """What a task belongs to here, and the one answer that is waited for."""

    arn: str
    role: str
    clock: Clock
    beats: dict[int, int] = field(default_factory=dict)
    _answer: asyncio.Future[asl.Outcome] = field(init=False)
    _asked: Pending = field(init=False)

    @property
    def now_ms(self) -> int:
        return self.clock.now_ms()

    async def answer(self, effect: asl.Invoke | asl.Sleep, performer: Performer) -> asl.Outcome:
        self._answer = asyncio.get_running_loop().create_future()
        match effect:
            case asl.Sleep(id, until_ms):
                return await self._slept(id, until_ms)
            case asl.Invoke():
                return await self._performed(effect, performer)

    async def _slept(self, id: int, until_ms: int) -> asl.Outcome:
        alarm = self.clock.call_at(until_ms, lambda: self.settle(id, outcome.Slept()))
        try:
            return await self._answer
        finally:
            alarm.cancel()

    async def _performed(self, invoke: asl.Invoke, performer: Performer) -> asl.Outcome:
        bound = min(invoke.timeout_seconds or trial.MAX_SECONDS, trial.MAX_SECONDS)
        bounded = replace(invoke, timeout_seconds=bound)
        self._asked = Pending(bounded, self.now_ms, news_ms=self.now_ms)
        task = Task(self, bounded)
        task.watch()
        try:
            task.stop = performer.perform(task)
            return await self._answer
        finally:
            task.end()

    # What a task asks of its owner (run.Owner).

    def pending(self, effect: int) -> Pending:
        """There is one at a time, and its bounds count from the beginning."""
        return self._asked

    def settle(self, effect: int, result: Result) -> None:
        if not self._answer.done():
            self._answer.set_result(self._in_full(effect, result))

    def fail(self, error: Exception) -> None:
        if not self._answer.done():
            self._answer.set_exception(error)

    def _in_full(self, effect: int, result: Result) -> asl.Outcome:
        if isinstance(result, Invoked):
            return outcome.Succeeded(envelope(result, self.arn, effect, self.now_ms))
        return result
