"""Nested executions: `states:startExecution`, and `.sync` and `.sync:2`, which wait for the end.

A child is started once for its parent's effect (children.py). A child that waits outlives the parent's process; a
parent that is stopped stops it. What StartExecution refuses is the task's error, by AWS's code.
"""

import hashlib
from collections.abc import Callable
from email.utils import formatdate
from typing import Any, Protocol

from stepsmith.asl import outcome
from stepsmith.local.catalog import CatalogError
from stepsmith.local.errors import InvalidName, LocalError, RunExists, StoreError, UnknownMachine
from stepsmith.local.invoked import metadata, request_id
from stepsmith.local.packing import decode, encode
from stepsmith.local.roles.machines import Rights
from stepsmith.local.run import Stop, Task, nothing


class Executions(Protocol):
    """What nested executions need of the runtime."""

    def start_nested(self, machine: str, name: str, input: Any, started_by: str) -> str:
        """The ARN of the one execution for `started_by`. Raises UnknownMachine, InvalidName,
        RunExists."""
        ...

    def describe(self, arn: str) -> dict[str, Any]:
        """DescribeExecution: times in milliseconds, `Input` and `Output` as JSON values."""
        ...

    def when_nested_ended(self, arn: str, action: Callable[[BaseException | None], None]) -> None:
        """Calls `action` once the execution has ended, with the error when it broke instead."""
        ...

    def stop_nested(self, arn: str) -> None: ...


class Nested:
    """The integration `states:startExecution`."""

    def __init__(self, executions: Executions, rights: Rights) -> None:
        self._executions = executions
        self._rights = rights

    def perform(self, task: Task) -> Stop:
        machine = str(task.invoke.arguments["StateMachineArn"])
        refusal = self._rights.refusal(task.run.role, "states:StartExecution", machine)
        if refusal is not None:
            task.settle_soon(_failed(task, "AWSStepFunctionsException", "AccessDeniedException", refusal))
            return nothing
        try:
            arn = self._start(task)
        except LocalError as error:
            if isinstance(error, StoreError):
                raise
            _refuse(task, error)
        except ValueError as error:
            task.settle_soon(outcome.Failed("StepFunctions.InvalidExecutionInputException", str(error)))
        else:
            return self._follow(task, arn)
        return nothing

    def _start(self, task: Task) -> str:
        arguments = task.invoke.arguments
        effect = f"{task.run.arn}#{task.invoke.id}"
        name = arguments.get("Name") or hashlib.sha256(effect.encode()).hexdigest()[:32]
        machine = str(arguments["StateMachineArn"])
        return self._executions.start_nested(machine, name, _input(arguments), effect)

    def _follow(self, task: Task, arn: str) -> Stop:
        started = _started(task, arn, self._executions.describe(arn)["StartDate"])
        if ".sync" not in task.invoke.resource:
            task.settle_soon(outcome.Succeeded(started))
            return nothing
        if task.news is None:
            task.settle_soon(outcome.Submitted(started))
        self._executions.when_nested_ended(arn, lambda error: self._ended(task, arn, error))
        return lambda: None if task.is_left else self._executions.stop_nested(arn)

    def _ended(self, task: Task, arn: str, error: BaseException | None) -> None:
        if isinstance(error, Exception):
            task.run.fail(error)
        elif error is None:
            task.settle(_outcome(task.invoke.resource, self._executions.describe(arn)))


def _started(task: Task, arn: str, started_ms: int) -> dict[str, Any]:
    """StartExecution's answer as a state sees it."""
    id = request_id(task.run.arn, task.invoke.id)
    headers = {
        "x-amzn-RequestId": id,
        "Connection": "keep-alive",
        "Content-Length": str(len(encode({"executionArn": arn, "startDate": started_ms / 1000}))),
        "Date": formatdate(started_ms / 1000, usegmt=True),
        "Content-Type": "application/x-amz-json-1.0",
    }
    return {"ExecutionArn": arn, **metadata(headers, id), "StartDate": started_ms}


CODES = {RunExists: "ExecutionAlreadyExists", InvalidName: "InvalidName", UnknownMachine: "StateMachineDoesNotExist"}
"""What AWS calls our own refusals."""


def _refuse(task: Task, error: LocalError) -> None:
    code = error.code if isinstance(error, CatalogError) else CODES.get(type(error))
    if code is None:
        task.fail_soon(error)
    else:
        code = code.removesuffix("Exception")
        task.settle_soon(_failed(task, f"{code}Exception", code, _words(task, error)))


def _failed(task: Task, exception: str, code: str, words: str) -> outcome.Failed:
    """The error as the SDK tells it."""
    told = f"Error Code: {code}; Request ID: {request_id(task.run.arn, task.invoke.id)}; Proxy: null"
    cause = f"{words} (Service: AWSStepFunctions; Status Code: 400; {told})"
    return outcome.Failed(f"StepFunctions.{exception}", cause)


def _words(task: Task, error: LocalError) -> str:
    """AWS's sentence about what StartExecution refuses."""
    machine, name = (task.invoke.arguments.get(member) for member in ("StateMachineArn", "Name"))
    match error:
        case RunExists():
            return f"Execution Already Exists: '{str(machine).replace(':stateMachine:', ':execution:', 1)}:{name}'"
        case InvalidName():
            return f"Invalid Name: '{name}'"
        case UnknownMachine():
            return f"State Machine Does Not Exist: '{machine}'"
        case _:
            return str(error)


def _input(arguments: dict[str, Any]) -> Any:
    """The child's input: a JSON value, or a text of JSON."""
    given = arguments.get("Input", {})
    return decode(given.encode()) if isinstance(given, str) else given


def _outcome(resource: str, described: dict[str, Any]) -> outcome.Outcome:
    """DescribeExecution's members by name: `.sync:2` gives input and output parsed, `.sync` as text; a failed child is
    States.TaskFailed with the whole."""
    described = dict(sorted(described.items()))
    texts = {name: encode(described[name]).decode() for name in ("Input", "Output") if name in described}
    if described["Status"] != "SUCCEEDED":
        return outcome.Failed("States.TaskFailed", encode({**described, **texts}).decode())
    return outcome.Succeeded(described if resource.endswith(".sync:2") else {**described, **texts})
