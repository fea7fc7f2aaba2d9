"""The approvals of a deployed environment: its table and its state machines, by boto3 alone.

Whoever may read and update the table and answer task tokens may decide: IAM says who that is, and who the approver is.
The run's ARN follows from the agent that asks, and the run above it stands in its input, for Step Functions, too.
"""

from __future__ import annotations

import getpass
import json
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from stepsmith.agent import Deployment
from stepsmith.contracts import ApprovalRequest
from stepsmith.local.approvals import Approvals, Ask, Refused, Table
from stepsmith.local.inbox import TAKEN

from .errors import CommandError
from .target import Target

ENDED = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})
"""What SendTaskSuccess says of a task that waits no more."""
STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
"""Of an input: the run that started this one (Developer Guide, "Start workflow executions from a task state")."""


@asynccontextmanager
async def opened(target: Target) -> AsyncIterator[tuple[Approvals, str]]:
    """The desk, and whoever decides there. Raises CommandError for what AWS refuses, one sentence."""
    from botocore.exceptions import BotoCoreError, ClientError

    table = target.deployment.approvals_table
    try:
        runs = DeployedRuns(target.client("stepfunctions"), target.deployment)
        desk = Approvals(Table(table, _ask(target.client("dynamodb"))), runs, lambda: time.time_ns() // 1_000_000)
        yield desk, _approver(target)
    except Refused as refused:
        said = "is not there: is the environment deployed?" if refused.code == "ResourceNotFoundException" else refused
        raise CommandError(f"The table {table!r} of {target.words}: {said}") from None
    except (BotoCoreError, ClientError) as error:
        raise CommandError(f"{target.words} refuses: {error}") from None


class DeployedRuns:
    """The executions of an environment's state machines (approvals.Runs)."""

    def __init__(self, states: Any, deployment: Deployment) -> None:
        self._states, self._deployment = states, deployment
        self._verdicts: dict[str, str] = {}

    def execution(self, request: ApprovalRequest, token: str) -> str:
        machine = self._deployment.machine_arn(request.agent)
        return f"{machine.replace(':stateMachine:', ':execution:', 1)}:{request.run_id}"

    def status(self, execution: str) -> str:
        return str(self._described(execution).get("status", "UNKNOWN"))

    def lineage(self, execution: str) -> Iterator[str]:
        seen: set[str] = set()
        above: str | None = execution
        while above and above not in seen:
            seen.add(above)
            yield above
            above = _started_by(self._described(above))

    def _described(self, execution: str) -> Mapping[str, Any]:
        """Nothing where there is no such run."""
        try:
            described: Mapping[str, Any] = self._states.describe_execution(executionArn=execution)
        except (self._states.exceptions.ExecutionDoesNotExist, self._states.exceptions.InvalidArn):
            return {}
        return described

    def history(self, execution: str) -> Sequence[Mapping[str, Any]]:
        pages = self._states.get_paginator("get_execution_history").paginate(executionArn=execution)
        events = (event for page in pages for event in page["events"])
        return [{**event, "timestamp": event["timestamp"].timestamp()} for event in events]

    def answer(self, token: str, output: Any) -> None:
        from botocore.exceptions import ClientError

        try:
            self._states.send_task_success(taskToken=token, output=json.dumps(output))
            self._verdicts[token] = TAKEN
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code not in ENDED:
                raise
            self._verdicts[token] = code

    def verdict(self, token: str) -> str | None:
        return self._verdicts.get(token)


def _started_by(described: Mapping[str, Any]) -> str | None:
    input = json.loads(described.get("input", "null"))
    above = input.get(STARTED_BY) if isinstance(input, dict) else None
    return above if isinstance(above, str) else None


def _ask(dynamodb: Any) -> Ask:
    from botocore import xform_name
    from botocore.exceptions import ClientError

    async def ask(action: str, given: Mapping[str, Any]) -> Any:
        try:
            return getattr(dynamodb, xform_name(action))(**given)
        except ClientError as error:
            raise Refused(error.response["Error"]["Code"], error.response["Error"]["Message"]) from None

    return ask


def _approver(target: Target) -> str:
    """On AWS the identity of the key, which nobody can choose; at the local endpoint the user of this machine."""
    return getpass.getuser() if target.endpoint else str(target.client("sts").get_caller_identity()["Arn"])
