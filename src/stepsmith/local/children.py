"""Executions that another execution starts: once for an effect of the parent, whatever happens meanwhile.

The name of the child (given, or derived from parent and effect) and `started_by` find it again after a crash, whether
it still runs or has ended meanwhile. A Task that is redriven is another effect: it starts another child.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from stepsmith.local.described import Execution
from stepsmith.local.errors import RunExists, UnknownRun
from stepsmith.local.executions import Executions
from stepsmith.local.starting import Request, Starting
from stepsmith.local.store import Store

OnNested = Callable[[str, str, str], None]
"""Told that an execution is about to begin for another: the ARN of the other, its own machine's, its name."""


class Children:
    """What nested.py needs of the runtime."""

    def __init__(
        self,
        store: Store,
        executions: Executions,
        starting: Starting,
        now_ms: Callable[[], int],
        on_nested: OnNested = lambda parent, machine, name: None,
    ) -> None:
        self._store = store
        self._executions = executions
        self._starting = starting
        self._now_ms = now_ms
        self._on_nested = on_nested

    def start_nested(self, machine: str, name: str, input: Any, started_by: str) -> str:
        """The ARN of the one execution for `started_by`, which is at work. Raises UnknownMachine, CatalogError,
        InvalidName, RunExists, StoreError."""
        request = Request(input, name, started_by=started_by)
        row = self._store.execution(f"{machine.replace(':stateMachine:', ':execution:', 1)}:{name}")
        if row is None:
            self._on_nested(started_by.rpartition("#")[0], machine, name)
            return self._starting.begin(self._starting.program(machine), request).arn
        if row.started_by != started_by and not self._starting.is_same(row, request):
            raise RunExists(name)
        if row.status == "RUNNING":
            self._executions.take(row)
        return row.arn

    def describe(self, arn: str) -> dict[str, Any]:
        """DescribeExecution; times in milliseconds, `Input` and `Output` as JSON values."""
        row = self._store.execution(arn)
        if row is None:
            raise UnknownRun(arn)
        execution = Execution(row, self._store.beginning(row.id), self._store.ending(row.id))
        redrivable, why_not = execution.redrivability(self._now_ms())
        described = {
            "ExecutionArn": arn,
            "Input": execution.beginning.input,
            "InputDetails": {"Included": True},
            "Name": execution.name,
            "RedriveCount": row.redrives,
            "RedriveStatus": redrivable,
            "RedriveStatusReason": why_not,
            "StartDate": row.started_ms,
            "StateMachineAliasArn": row.source.alias,
            "StateMachineArn": row.machine,
            "StateMachineVersionArn": row.source.version,
            "Status": row.status,
            "StopDate": row.stopped_ms,
            **execution.failure,
        }
        if execution.ending is not None and execution.ending.status == "SUCCEEDED":
            described |= {"Output": execution.output, "OutputDetails": {"Included": True}}
        always = {"Input", "Output"}
        return {name: value for name, value in described.items() if value is not None or name in always}

    def when_nested_ended(self, arn: str, action: Callable[[BaseException | None], None]) -> None:
        run = self._executions.at_work(arn)
        if run is not None:
            run.when_ended(action)
        else:
            asyncio.get_running_loop().call_soon(action, None)

    def stop_nested(self, arn: str) -> None:
        run = self._executions.at_work(arn)
        if run is not None:
            run.surely(run.stop)
