"""Requests of runs that go on, and their decision: the table of approvals and the runs that wait, in one place.

A decision is made by one conditional update of the request's item, so of several deciders exactly one wins; then the
run is told by its token. Whoever dies in between has decided all the same: the next one who tries to decide tells the
run what the table says. It counts whether a process works on the run now or later.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from stepsmith.contracts import ApprovalRequest, Decision
from stepsmith.contracts.approval import DECISION, KEY
from stepsmith.local.errors import AlreadyDecided, DecisionTooLate, HashDiffers, NothingWaits, RunIsFinished

from .table import REQUEST, TOKEN, Item, Key, Table


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request that nobody has decided. `execution` is the ARN of its run, `key` that of its item."""

    request: ApprovalRequest
    execution: str
    token: str
    key: Key

    @property
    def expires_ms(self) -> int:
        return round(datetime.fromisoformat(self.request.expires_at).timestamp() * 1000)


class Runs(Protocol):
    """The runs that wait: those of a data folder (here.py), or of Step Functions."""

    def execution(self, request: ApprovalRequest, token: str) -> str:
        """The ARN of the run that asks."""
        ...

    def status(self, execution: str) -> str:
        """As DescribeExecution has it; another word where there is no such run."""
        ...

    def lineage(self, execution: str) -> Iterator[str]:
        """The run itself, the one that started it, and so on up, as far as that is known."""
        ...

    def history(self, execution: str) -> Sequence[Mapping[str, Any]]:
        """Its events, as GetExecutionHistory has them."""
        ...

    def answer(self, token: str, output: Any) -> None:
        """The output of the task that waits. Nothing happens where it waits no more, or was answered."""
        ...

    def verdict(self, token: str) -> str | None:
        """What became of the answer (local/inbox.py): None until the run has taken it up."""
        ...


class Approvals:
    """The approvals of one table. Methods raise StoreErrors on this machine, Refused for what DynamoDB refuses."""

    def __init__(self, table: Table, runs: Runs, now_ms: Callable[[], int]) -> None:
        self.table, self._runs, self._now_ms = table, runs, now_ms

    async def waiting(self) -> list[Waiting]:
        """What a person can still decide: of runs that go on, in time; the oldest request first."""
        items = await self.table.waiting(_text(self._now_ms()))
        found = [each for each in map(self._read, items) if self._runs.status(each.execution) == "RUNNING"]
        return sorted(found, key=lambda each: each.request.requested_at)

    async def decide(self, waiting: Waiting, decision: Decision) -> None:
        """Decides the request. Raises NothingWaits, AlreadyDecided, RunIsFinished, DecisionTooLate, HashDiffers."""
        await self._check(waiting, decision)
        if not await self.table.decide(waiting.key, waiting.token, json.dumps(decision.to_json())):
            await self._check(waiting, decision)  # somebody was faster
        self._runs.answer(waiting.token, decision.to_json())

    async def decision(self, waiting: Waiting) -> Decision | None:
        """How the request was decided; None while it was not."""
        return _made(await self.table.get(waiting.key))

    def verdict(self, waiting: Waiting) -> str | None:
        """What became of the decision: None until the run's process has taken it up."""
        return self._runs.verdict(waiting.token)

    def is_of(self, waiting: Waiting, run: str) -> bool:
        """Whether the request is one of the run (its ARN, or the beginning of its name), or of a run below it."""
        lineage = self._runs.lineage(waiting.execution)
        return any(arn == run or arn.rpartition(":")[2].startswith(run) for arn in lineage)

    def history(self, waiting: Waiting) -> Sequence[Mapping[str, Any]]:
        """What has happened in the request's run."""
        return self._runs.history(waiting.execution)

    async def _check(self, waiting: Waiting, decision: Decision) -> None:
        request = waiting.request
        item = await self.table.get(waiting.key)
        if item is None or item[TOKEN]["S"] != waiting.token:
            raise NothingWaits(request.run_id, request.call_id)
        if (made := _made(item)) is not None:
            self._runs.answer(waiting.token, made.to_json())  # whoever made it may not have come so far
            raise AlreadyDecided(request.call_id, made.decision, made.approver, made.decided_at)
        if (status := self._runs.status(waiting.execution)) != "RUNNING":
            raise RunIsFinished(request.run_id, status)
        if waiting.expires_ms <= self._now_ms():
            raise DecisionTooLate(request.call_id, request.expires_at)
        if decision.input_hash != request.input_hash:
            raise HashDiffers(request.call_id)

    def _read(self, item: Item) -> Waiting:
        request, token = ApprovalRequest.from_json(json.loads(item[REQUEST]["S"])), item[TOKEN]["S"]
        run, effect = (item[name]["S"] for name in KEY)
        return Waiting(request, self._runs.execution(request, token), token, (run, effect))


def _made(item: Item | None) -> Decision | None:
    return None if item is None or DECISION not in item else Decision.from_json(json.loads(item[DECISION]["S"]))


def _text(ms: int) -> str:
    """A time as requests have it."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
