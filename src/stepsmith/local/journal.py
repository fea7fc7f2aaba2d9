"""The journal of an execution and its replay: the same outcomes through the same interpreter give the same run.

An execution is a pure function of what it began with and of the outcomes it was given, in order. `Replica` is one such
run of the interpreter together with the effects it still waits for; a live run and a replay are the same object, fed by
the world or by the journal. Entries are stored under small numbers of kind.
"""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, assert_never

from stepsmith import asl
from stepsmith.asl import INTERPRETER, outcome, status
from stepsmith.local import invoked
from stepsmith.local.errors import InterpreterChanged
from stepsmith.local.invoked import Invoked
from stepsmith.local.store import Beginning, Ending, Entry


@dataclass(frozen=True, slots=True)
class Abort:
    """Somebody stopped the execution."""

    error: str | None
    cause: str | None


@dataclass(frozen=True, slots=True)
class Expire:
    """The machine's own TimeoutSeconds passed."""


@dataclass(frozen=True, slots=True)
class Redrive:
    """Somebody wants an execution that failed to go on; `token` is the client's, which makes his request one."""

    token: str | None


REDRIVE_KIND = 13

Result = asl.Outcome | Invoked
"""What becomes of an effect."""
Happening = Result | Abort | Expire | Redrive


def to_entry(n: int, effect: int, time_ms: int, happening: Happening) -> Entry:
    """The row that keeps a happening; `effect` is 0 where it answers none."""
    kind, value = _encoded(happening)
    return Entry(n, effect, time_ms, kind, value)


def _encoded(happening: Happening) -> tuple[int, Any]:
    match happening:
        case outcome.Slept():
            return 0, None
        case outcome.Succeeded(result):
            return 1, result
        case outcome.Failed(error, cause):
            return 2, [error, cause]
        case outcome.TimedOut(cause, heartbeat):
            return 9 if heartbeat else 3, cause
        case outcome.ScheduleFailed(error, cause):
            return 4, [error, cause]
        case outcome.Started(worker_name):
            return 5, worker_name
        case outcome.Submitted(output):
            return 6, output
        case Abort(error, cause):
            return 7, [error, cause]
        case Expire():
            return 8, None
        case Invoked(payload, invoked.LATEST, 200, None):
            return 10, payload
        case Invoked(payload, version, status, log_tail):
            return 11, [payload, version, status, log_tail]
        case Redrive(token):
            return REDRIVE_KIND, token
        case outcome.SubmitFailed(error, cause):
            return 12, [error, cause]
        case _:
            assert_never(happening)


def from_entry(entry: Entry) -> Happening:
    """What the row keeps."""
    match entry.kind:
        case 0:
            return outcome.Slept()
        case 1:
            return outcome.Succeeded(entry.value)
        case 2:
            return outcome.Failed(*entry.value)
        case 3:
            return outcome.TimedOut(entry.value)
        case 4:
            return outcome.ScheduleFailed(*entry.value)
        case 5:
            return outcome.Started(entry.value)
        case 6:
            return outcome.Submitted(entry.value)
        case 7:
            return Abort(*entry.value)
        case 8:
            return Expire()
        case 9:
            return outcome.TimedOut(entry.value, heartbeat=True)
        case 10:
            return Invoked(entry.value)
        case 11:
            return Invoked(*entry.value)
        case 13:
            return Redrive(entry.value)
        case 12:
            return outcome.SubmitFailed(*entry.value)
        case _:
            raise ValueError(f"entry {entry.n} has the unknown kind {entry.kind}")


@dataclass(slots=True)
class Pending:
    """An effect nobody has ended yet: asked for at `since_ms`; `news` is what is known of it on the way, since when."""

    effect: asl.Invoke | asl.RunMap | asl.Sleep
    since_ms: int
    news: outcome.Started | outcome.Submitted | None = None
    news_ms: int | None = None

    @property
    def counts_from_ms(self) -> int | None:
        """When TimeoutSeconds and HeartbeatSeconds begin: for an activity once a worker has it, "when GetActivityTask
        receives a token and ActivityStarted is recorded" (Developer Guide, Task state); None: not yet."""
        return self.news_ms if is_activity(self.effect) else self.since_ms

    @property
    def rests(self) -> bool:
        """Whether nothing of this process is needed until a time, a token, a worker or a child's end comes."""
        match self.effect:
            case asl.Sleep():
                return True
            case asl.RunMap() | asl.Invoke(task_token=None):
                return False
            case asl.Invoke():
                return self.news is not None or is_activity(self.effect)


def is_activity(effect: asl.Invoke | asl.RunMap | asl.Sleep) -> bool:
    """Whether a worker has to ask for the task."""
    return isinstance(effect, asl.Invoke) and effect.resource.split(":")[5:6] == ["activity"]


class Replica:
    """One run of the interpreter, and the effects it waits for by id."""

    def __init__(self, beginning: Beginning) -> None:
        self.beginning = beginning
        self.pending: dict[int, Pending] = {}
        self.execution = asl.Execution(
            load(beginning.definition), beginning.input, _context(beginning), seed=beginning.seed
        )
        self.last_ms = beginning.started_ms

    def begin(self) -> tuple[asl.Effect, ...]:
        """Enters the first state; returns what is to be done now."""
        return self._track(self.execution.start(self.last_ms))

    def step(self, effect: int, happening: Happening, now_ms: int) -> tuple[asl.Effect, ...]:
        """Goes on with one happening; returns what is to be done now. Time never runs backwards."""
        self.last_ms = max(self.last_ms, now_ms)
        match happening:
            case Abort(error, cause):
                return self._track(self.execution.abort(error, cause, self.last_ms))
            case Expire():
                return self._track(self.execution.expire(self.last_ms))
            case Redrive():
                return self._track(self.execution.redrive(self.last_ms))
            case outcome.Started() | outcome.Submitted():
                self.pending[effect].news, self.pending[effect].news_ms = happening, self.last_ms
            case Invoked():
                del self.pending[effect]
                happening = outcome.Succeeded(invoked.envelope(happening, self.beginning.arn, effect, self.last_ms))
            case _:
                del self.pending[effect]
        return self._track(self.execution.resume(effect, happening, self.last_ms))

    def _track(self, effects: tuple[asl.Effect, ...]) -> tuple[asl.Effect, ...]:
        for effect in effects:
            match effect:
                case asl.Cancel(id):
                    self.pending.pop(id, None)
                case _:
                    self.pending[effect.id] = Pending(effect, self.last_ms)
        return effects

    def has_entered_a_state(self, since: int) -> bool:
        """Whether there was a state transition after so many events."""
        return any(event.type.endswith("StateEntered") for event in self.execution.events[since:])

    def ending(self) -> Ending | None:
        """How the execution ended; None while it runs."""
        match self.execution.status:
            case status.Running():
                return None
            case status.Succeeded(output):
                text = self.beginning.input_text if output is self.beginning.input else None
                return Ending("SUCCEEDED", self.last_ms, output, text)
            case status.Failed(error, cause):
                return Ending("FAILED", self.last_ms, _error(error, cause))
            case status.TimedOut():
                return Ending("TIMED_OUT", self.last_ms, {})
            case status.Aborted(error, cause):
                return Ending("ABORTED", self.last_ms, _error(error, cause))


def replay(beginning: Beginning, entries: Iterable[Entry]) -> Replica:
    """The execution as it stood after these entries; InterpreterChanged when the journal does not fit."""
    replica = Replica(beginning)
    replica.begin()
    for entry in entries:
        try:
            replica.step(entry.effect, from_entry(entry), entry.time_ms)
        except (KeyError, RuntimeError) as error:  # an answer to an effect that this interpreter never asked for
            raise InterpreterChanged(beginning.name, beginning.interpreter, INTERPRETER) from error
    return replica


@functools.lru_cache(maxsize=64)
def load(definition: str) -> asl.StateMachine:
    """The compiled machine; asl.DefinitionError says what is wrong with a definition."""
    return asl.load(definition)


def _context(beginning: Beginning) -> asl.ExecutionContext:
    return asl.ExecutionContext(
        arn=beginning.arn,
        name=beginning.name.partition(":")[0],
        role_arn=beginning.role,
        start_time_ms=beginning.started_ms,
        state_machine_arn=beginning.machine,
        state_machine_name=beginning.machine.rsplit(":", 1)[-1],
    )


def _error(error: str | None, cause: str | None) -> dict[str, str]:
    return {name: value for name, value in (("Error", error), ("Cause", cause)) if value is not None}
