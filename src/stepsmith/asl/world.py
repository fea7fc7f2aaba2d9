"""What all branches of one execution share and none may change: its constants, its logical time, its random numbers."""

from __future__ import annotations

import hashlib
import random
import uuid
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

    def apart(self, name: str) -> World:
        """The same moment with random numbers of its own, the same at every replay: what is drawn there, and when, does
        not matter here."""
        digest = hashlib.blake2b(f"{self.seed}/{name}".encode(), digest_size=8).digest()
        world = World(self.constants, int.from_bytes(digest))
        world.moment.now_ms = self.now_ms
        return world

    def new_effect(self) -> int:
        """The number of the next effect: they are counted from 1, over all branches."""
        self.effects += 1
        return self.effects

    def new_map_run(self, label: str) -> str:
        """The ARN of the Map Run that is asked for next: ..:mapRun:machine/label:uuid, the same at every replay."""
        machine = str(self.constants["StateMachine"]["Id"])
        token = self.new_token().encode()
        id = uuid.UUID(bytes=hashlib.blake2b(token, digest_size=16).digest(), version=4)
        return f"{machine.replace(':stateMachine:', ':mapRun:', 1)}/{label}:{id}"

    def new_token(self) -> str:
        """The token of the effect that is asked for next: a task renders its arguments and then asks, at one go."""
        return tokens.issue(self.constants["Execution"]["Id"], self.effects + 1, self.seed)
