"""One execution: the scheduler that drives the states' generators and turns their wants into effects."""

from __future__ import annotations

from .context import ExecutionContext
from .effects import Effect
from .history import HistoryEvent
from .jsonata import Evaluator
from .machine import StateMachine
from .outcome import Outcome
from .status import Status
from .values import Json


class Execution:
    """See stepsmith.asl."""

    status: Status
    events: list[HistoryEvent]

    def __init__(
        self, machine: StateMachine, input: Json, context: ExecutionContext, seed: int, evaluator: Evaluator | None = None
    ) -> None:
        raise NotImplementedError

    def start(self, now_ms: int) -> tuple[Effect, ...]:
        """Enters the first state."""
        raise NotImplementedError

    def resume(self, effect_id: int, outcome: Outcome, now_ms: int) -> tuple[Effect, ...]:
        """Goes on with the answer to an effect; an answer nobody waits for is ignored."""
        raise NotImplementedError

    def abort(self, error: str | None, cause: str | None, now_ms: int) -> tuple[Effect, ...]:
        """StopExecution: everything outstanding is cancelled."""
        raise NotImplementedError

    def expire(self, now_ms: int) -> tuple[Effect, ...]:
        """The machine's TimeoutSeconds has passed (see `deadline_ms`)."""
        raise NotImplementedError

    @property
    def deadline_ms(self) -> int | None:
        """When `expire` is due, None for a machine without TimeoutSeconds."""
        raise NotImplementedError
