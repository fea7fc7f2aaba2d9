"""What all branches of one execution share and none may change: its constants, its logical time, its random numbers."""

from __future__ import annotations

import hashlib
import random
from dataclasses import dataclass, field

from .jsonata import Moment
from .values import Json


@dataclass(slots=True)
class World:
    """`constants` are the parts of the context object that stay; the scheduler alone moves `moment.now_ms`."""

    constants: dict[str, Json]
    seed: int
    moment: Moment = field(init=False)
    tokens: int = 0

    def __post_init__(self) -> None:
        self.moment = Moment(0, random.Random(self.seed))

    @property
    def now_ms(self) -> int:
        return self.moment.now_ms

    @property
    def region(self) -> str:
        """Where the state machine is: the fourth part of its ARN."""
        return str(self.constants["StateMachine"]["Id"]).split(":")[3]

    def new_token(self) -> str:
        """A task token: the same at every replay, not to be guessed without the seed."""
        self.tokens += 1
        return hashlib.sha256(f"{self.constants['Execution']['Id']}/{self.seed}/{self.tokens}".encode()).hexdigest()
