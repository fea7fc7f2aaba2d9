"""What waits for a person, and a person's decision: the table of approvals and the inbox, in one step.

    desk = Approvals(database, "stepsmith-local-approvals", now_ms)
    for waiting in desk.waiting(): print(waiting.request.tool, waiting.request.input)
    desk.decide(waiting, Decision("approve", waiting.request.input_hash, approver, decided_at))

A request is an item of the table that a compiled agent writes (agent/machine/approval.py): the request, and the token
of the task that waits. A decision marks the item and answers the token in one transaction, so of several deciders
exactly one wins, and a decision is never half made. It counts whether a process works on the run now or later.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from stepsmith.asl import HistoryEvent, tokens
from stepsmith.contracts import ApprovalRequest, Decision
from stepsmith.local.database import Database
from stepsmith.local.errors import AlreadyDecided, DecisionTooLate, HashDiffers, NothingWaits, RunIsFinished
from stepsmith.local.inbox import Inbox
from stepsmith.local.items import Item, Items
from stepsmith.local.journal import replay
from stepsmith.local.run import nothing
from stepsmith.local.store import Store

KEY = ("run_id", "effect_id")
"""The key attributes of a table of approvals."""
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


class Approvals:
    """The approvals of one table. `deliver` tells a runtime of this process that there is a letter; the runtimes of
    others see it. Every method raises StoreErrors."""

    def __init__(
        self, database: Database, table: str, now_ms: Callable[[], int], deliver: Callable[[], None] = nothing
    ) -> None:
        self._database, self._store = database, Store(database)
        self._items, self._inbox = Items(database, {table: KEY}), Inbox(database)
        self._table, self._now_ms, self._deliver = table, now_ms, deliver

    def waiting(self) -> list[Waiting]:
        """What a person can still decide: of runs that go on, in time; the oldest request first."""
        now_ms = self._now_ms()
        found = [each for each in self._undecided() if each.expires_ms > now_ms and self._status(each) == "RUNNING"]
        return sorted(found, key=lambda each: each.request.requested_at)

    def decide(self, waiting: Waiting, decision: Decision) -> None:
        """Decides the request. Raises NothingWaits, AlreadyDecided, RunIsFinished, DecisionTooLate, HashDiffers."""
        with self._database.writing():
            self._check(waiting, decision)
            self._items.add(self._table, waiting.key, DECISION, {"S": json.dumps(decision.to_json())})
            self._inbox.put(waiting.token, decision.to_json(), self._now_ms())
        self._deliver()

    def decision(self, waiting: Waiting) -> Decision | None:
        """How the request was decided; None while it was not."""
        item = self._items.get(self._table, *waiting.key)
        return None if item is None or DECISION not in item else Decision.from_json(json.loads(item[DECISION]["S"]))

    def verdict(self, waiting: Waiting) -> str | None:
        """What became of the decision (inbox.py): None until the run's process has taken it up."""
        return self._inbox.verdict(waiting.token)

    def _check(self, waiting: Waiting, decision: Decision) -> None:
        request = waiting.request
        item = self._items.get(self._table, *waiting.key)
        if item is None or item["task_token"]["S"] != waiting.token:
            raise NothingWaits(request.run_id, request.call_id)
        if (made := self.decision(waiting)) is not None:
            raise AlreadyDecided(request.call_id, made.decision, made.approver, made.decided_at)
        if (status := self._status(waiting)) != "RUNNING":
            raise RunIsFinished(request.run_id, status)
        if waiting.expires_ms <= self._now_ms():
            raise DecisionTooLate(request.call_id, request.expires_at)
        if decision.input_hash != request.input_hash:
            raise HashDiffers(request.call_id)

    def _undecided(self) -> Iterator[Waiting]:
        for item in self._items.without(self._table, DECISION):
            yield _waiting(item)

    def is_of(self, waiting: Waiting, run: str) -> bool:
        """Whether the request is one of the run (its ARN, or the beginning of its name), or of a run below it."""
        return any(arn == run or arn.rpartition(":")[2].startswith(run) for arn in self._lineage(waiting))

    def history(self, waiting: Waiting) -> Sequence[HistoryEvent]:
        """What has happened in the request's run, by replay. Raises InterpreterChanged."""
        row = self._store.execution(waiting.execution)
        if row is None:
            return ()
        return replay(self._store.beginning(row.id), self._store.journal(row.id)).execution.events

    def _lineage(self, waiting: Waiting) -> Iterator[str]:
        """The request's run, the one that started it, and so on up."""
        arn: str | None = waiting.execution
        while arn is not None:
            yield arn
            row = self._store.execution(arn)
            arn = row.started_by.rpartition("#")[0] if row and row.started_by else None

    def _status(self, waiting: Waiting) -> str:
        row = self._store.execution(waiting.execution)
        return row.status if row else "UNKNOWN"


def _waiting(item: Item) -> Waiting:
    token = item["task_token"]["S"]
    said = tokens.read(token)
    assert said is not None, f"{token!r} is no token of this engine"
    request = ApprovalRequest.from_json(json.loads(item["request"]["S"]))
    return Waiting(request, said.arn, token, (item["run_id"]["S"], item["effect_id"]["S"]))
