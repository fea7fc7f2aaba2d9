"""`aws-sdk:<service>:<action>`: calls of AWS's APIs, served on this machine, with or without a token.

    services["dynamodb"] = {"putItem": put_item}      # arguments -> answer, or an awaitable of it

A service is a mapping of actions; whoever owns one adds it to the runtime's `services` (the runtime its DynamoDB items,
the endpoint its Step Functions API). An action raises `SdkError`, which the state sees under the name that Step
Functions gives an SDK's exception (`DynamoDb.ResourceNotFoundException`) and with the SDK's words for the cause. With
`.waitForTaskToken` the task goes on waiting after the answer, until its token is answered.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from stepsmith.asl import MAX_BYTES, outcome
from stepsmith.local.errors import StoreError
from stepsmith.local.integrations.bounds import too_large
from stepsmith.local.invoked import request_id
from stepsmith.local.packing import encode
from stepsmith.local.run import Stop, Task, nothing
from stepsmith.local.tokens import Tokens

SDK = r"arn:aws[a-z-]*:states:::aws-sdk:[a-z0-9]+:[a-zA-Z0-9]+(\.waitForTaskToken)?"
WAITS = ".waitForTaskToken"
CLIENT_NAMES = {"dynamodb": "DynamoDb", "sfn": "Sfn"}
"""The names of the SDK's clients, which its errors begin with, where these are not the service's capitalised."""

Action = Callable[[Any], Any | Awaitable[Any]]
Services = Mapping[str, Mapping[str, Action]]


class SdkError(Exception):
    """What AWS's API would answer: the exception's name (`ResourceNotFoundException`), its message, the HTTP status."""

    def __init__(self, name: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.name, self.message, self.status = name, message, status


class SdkCalls:
    """Performs the calls of `services`, which may grow while runs are at work."""

    def __init__(self, services: Services, tokens: Tokens) -> None:
        self._services = services
        self._tokens = tokens

    def perform(self, task: Task) -> Stop:
        service, action = _call(task.invoke.resource)
        serve = self._services.get(service, {}).get(action)
        if serve is None:
            return _refuse(task, service, action)
        if not task.invoke.resource.endswith(WAITS):
            return _ask(task, service, serve, outcome.Succeeded)
        waiting, asking = self._tokens.wait(task), _ask(task, service, serve, outcome.Submitted)

        def stop() -> None:
            waiting()
            asking()

        return stop

    def recover(self, task: Task) -> Stop:
        """The request was accepted, or is made again: the actions that are served bear it."""
        return self.perform(task) if task.news is None else self._tokens.wait(task)


def _call(resource: str) -> tuple[str, str]:
    """``dynamodb``, ``putItem``."""
    service, action = resource.removesuffix(WAITS).split(":")[-2:]
    return service, action


def _refuse(task: Task, service: str, action: str) -> Stop:
    said = f"The resource provided {task.invoke.resource} is not recognized."
    cause = f"{said} The local runtime does not serve {action!r} of {service!r}: see docs/reference for what it does."
    task.settle_soon(outcome.ScheduleFailed("States.Runtime", cause))
    return nothing


def _ask(task: Task, service: str, serve: Action, ended: Callable[[Any], outcome.Outcome]) -> Stop:
    work = asyncio.get_running_loop().create_task(_answer(task, service, serve))
    work.add_done_callback(lambda done: None if done.cancelled() else _settle(task, done, ended))
    return lambda: _cancel(work)


async def _answer(task: Task, service: str, serve: Action) -> Any:
    """The answer as a JSON value; a failure as an outcome."""
    try:
        answer = serve(task.invoke.arguments)
        return await answer if inspect.isawaitable(answer) else answer
    except SdkError as error:
        id = request_id(task.run.arn, task.invoke.id)
        client = CLIENT_NAMES.get(service, service.capitalize())
        told = f"(Service: {client}, Status Code: {error.status}, Request ID: {id})"
        return outcome.Failed(f"{client}.{error.name}", f"{error.message} {told}")


def _settle(task: Task, done: "asyncio.Task[Any]", ended: Callable[[Any], outcome.Outcome]) -> None:
    match done.exception():
        case None:
            answer = done.result()
            task.settle(answer if isinstance(answer, outcome.Failed) else _bounded(task, answer, ended))
        case StoreError() as error:
            task.run.fail(error)
        case error:
            cause = f"The Parameters could not be used to start the Task: {error!r}"
            task.settle(outcome.ScheduleFailed("States.Runtime", cause))


def _bounded(task: Task, answer: Any, ended: Callable[[Any], outcome.Outcome]) -> outcome.Outcome:
    if len(encode(answer)) <= MAX_BYTES:
        return ended(answer)
    return too_large(task.invoke.resource)


def _cancel(work: "asyncio.Task[Any]") -> None:
    work.cancel()
