"""What waits for a person, and a person's decision: the table of approvals and the inbox, in one step.

    desk = Approvals(runtime, "stepsmith-local-approvals")
    for waiting in desk.waiting(): print(waiting.request.tool, waiting.request.input)
    desk.decide(waiting, Decision("approve", waiting.request.input_hash, approver, decided_at))

A request is an item of the table that a compiled agent writes (agent/machine/approval.py): the request, and the token
of the task that waits. A decision marks the item and answers the token in one transaction, so of several deciders
exactly one wins, and a decision is never half made. It counts whether a process works on the run now or later.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from stepsmith.asl import tokens
from stepsmith.contracts import ApprovalRequest, Decision
from stepsmith.local.database import Database
from stepsmith.local.errors import AlreadyDecided, DecisionTooLate, HashDiffers, NothingWaits, RunIsFinished
from stepsmith.local.inbox import Inbox
from stepsmith.local.items import Item, Items
from stepsmith.local.store import Row

DECISION = "decision"
"""The attribute that marks an item as decided: the decision as JSON."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that nobody has decided. `execution` is the ARN of its run, `key` that of its item."""

    request: ApprovalRequest
    execution: str
    token: str
    key: tuple[str, str]

    @property
    def expires_ms(self) -> int:
        return round(datetime.fromisoformat(self.request.expires_at).timestamp() * 1000)


class Folder(Protocol):
    """What is needed of the runtime."""

    database: Database
    items: Items
    inbox: Inbox

    def find(self, run: str) -> Row: ...
    def now_ms(self) -> int: ...
    def deliver(self) -> None: ...


class Approvals:
    """The approvals of one table. Every method raises StoreErrors."""

    def __init__(self, folder: Folder, table: str) -> None:
        self._folder = folder
        self._table = table

    def waiting(self) -> list[Waiting]:
        """What a person can still decide: of runs that go on, in time; the oldest request first."""
        now_ms = self._folder.now_ms()
        found = [each for each in self._undecided() if each.expires_ms > now_ms and self._status(each) == "RUNNING"]
        return sorted(found, key=lambda each: each.request.requested_at)

    def decide(self, waiting: Waiting, decision: Decision) -> None:
        """Decides the request. Raises NothingWaits, AlreadyDecided, RunIsFinished, DecisionTooLate, HashDiffers."""
        folder = self._folder
        with folder.database.writing():
            self._check(waiting, decision)
            mark = {"S": json.dumps(decision.to_json())}
            folder.items.add(self._table, waiting.key, DECISION, mark)
            folder.inbox.put(waiting.token, decision.to_json(), folder.now_ms())
        folder.deliver()

    def decision(self, waiting: Waiting) -> Decision | None:
        """How the request was decided; None while it was not."""
        item = self._folder.items.get(self._table, *waiting.key)
        return None if item is None or DECISION not in item else Decision.from_json(json.loads(item[DECISION]["S"]))

    def verdict(self, waiting: Waiting) -> str | None:
        """What became of the decision (inbox.py): None until the run's process has taken it up."""
        return self._folder.inbox.verdict(waiting.token)

    def _check(self, waiting: Waiting, decision: Decision) -> None:
        request = waiting.request
        item = self._folder.items.get(self._table, *waiting.key)
        if item is None or item["task_token"]["S"] != waiting.token:
            raise NothingWaits(request.run_id, request.call_id)
        if (made := self.decision(waiting)) is not None:
            raise AlreadyDecided(request.call_id, made.decision, made.approver, made.decided_at)
        if (status := self._status(waiting)) != "RUNNING":
            raise RunIsFinished(request.run_id, status)
        if waiting.expires_ms <= self._folder.now_ms():
            raise DecisionTooLate(request.call_id, request.expires_at)
        if decision.input_hash != request.input_hash:
            raise HashDiffers(request.call_id)

    def _undecided(self) -> Iterator[Waiting]:
        for item in self._folder.items.without(self._table, DECISION):
            yield _waiting(item)

    def _status(self, waiting: Waiting) -> str:
        return self._folder.find(waiting.execution).status


def _waiting(item: Item) -> Waiting:
    token = item["task_token"]["S"]
    said = tokens.read(token)
    assert said is not None, f"{token!r} is no token of this engine"
    request = ApprovalRequest.from_json(json.loads(item["request"]["S"]))
    return Waiting(request, said.arn, token, (item["run_id"]["S"], item["effect_id"]["S"]))
