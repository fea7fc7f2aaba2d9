"""What all branches of one execution share and none may change: its constants, its logical time, its random numbers."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from . import tokens
from .jsonata import Moment
from .values import Json


@dataclass(slots=True)
class World:
    """`constants` are the parts of the context object that stay; the scheduler alone moves `moment.now_ms` and counts
    `effects`."""

    constants: dict[str, Json]
    seed: int
    moment: Moment = field(init=False)
    effects: int = 0

    def __post_init__(self) -> None:
        self.moment = Moment(0, random.Random(self.seed))

    @property
    def now_ms(self) -> int:
        return self.moment.now_ms

    @property
    def region(self) -> str:
        """Where the state machine is: the fourth part of its ARN."""
        return str(self.constants["StateMachine"]["Id"]).split(":")[3]

    def new_effect(self) -> int:
        """The number of the next effect: they are counted from 1, over all branches."""
        self.effects += 1
        return self.effects

    def new_token(self) -> str:
        """The token of the effect that is asked for next: a task renders its arguments and then asks, at one go."""
        return tokens.issue(self.constants["Execution"]["Id"], self.effects + 1, self.seed)
