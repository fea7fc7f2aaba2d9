"""Calls of AWS's APIs as tasks: `aws-sdk:<service>:<action>`, and the integrations that are optimised.

    arn:aws:states:::aws-sdk:secretsmanager:getSecretValue          every action of every service of the endpoint
    arn:aws:states:::dynamodb:putItem                               optimised.py says what is added

With `.waitForTaskToken` the task goes on waiting after the answer, until its token is answered. A request that was
under way when its process died is asked again if it only reads; of any other nobody knows whether it was carried out,
so it fails as the SDK's client reports that (`DynamoDb.SdkClientException`), and the machine's own Retry decides.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from stepsmith.asl import MAX_BYTES, outcome
from stepsmith.asl.values import Json, text
from stepsmith.local.catalog.resources import client_of
from stepsmith.local.errors import StoreError
from stepsmith.local.integrations import failures
from stepsmith.local.integrations.apis import Answered, Api, Failure, api_of
from stepsmith.local.integrations.arguments import BadArguments
from stepsmith.local.integrations.bounds import too_large
from stepsmith.local.integrations.door import Door, Unreachable
from stepsmith.local.integrations.failures import Naming
from stepsmith.local.integrations.optimised import OPTIMISED, told
from stepsmith.local.packing import encode
from stepsmith.local.run import Stop, Task, nothing
from stepsmith.local.tokens import Tokens

SDK = r"arn:aws[a-z-]*:states:::aws-sdk:[a-z0-9]+:[a-zA-Z0-9]+(\.waitForTaskToken)?"
OPTIMISED_CALL = rf"arn:aws[a-z-]*:states:::({'|'.join(OPTIMISED)}):[a-zA-Z]+(\.waitForTaskToken)?"
WAITS = ".waitForTaskToken"
LOST = "The process that made this call ended before the answer was recorded: the outcome is unknown."


@dataclass(frozen=True, slots=True)
class Call:
    """What a resource names: an action of an API, how its errors are named, and what is done before and after it.
    `finish` makes the result, or the failure, of a good answer."""

    api: Api
    action: str
    naming: Naming
    prepare: Callable[[Json, str], Json]
    finish: Callable[[Json, Answered], Json | outcome.Failed]


class ServiceCalls:
    """Performs the calls by the endpoint's services."""

    def __init__(self, door: Door, tokens: Tokens) -> None:
        self._door = door
        self._tokens = tokens

    def perform(self, task: Task) -> Stop:
        call = call_of(task.invoke.resource)
        if call is None:
            return _refuse(task)
        if not task.invoke.resource.endswith(WAITS):
            return self._ask(task, call, outcome.Succeeded)
        waiting, asking = self._tokens.wait(task), self._ask(task, call, outcome.Submitted)

        def stop() -> None:
            waiting()
            asking()

        return stop

    def recover(self, task: Task) -> Stop:
        if task.news is not None:
            return self._tokens.wait(task)
        call = call_of(task.invoke.resource)
        if call is None or call.api.is_read(call.action):
            return self.perform(task)
        task.settle_soon(failures.unknown(call.naming, LOST))
        return nothing

    def _ask(self, task: Task, call: Call, ended: Callable[[Json], outcome.Outcome]) -> Stop:
        work = asyncio.get_running_loop().create_task(self._outcome(task, call, ended))
        work.add_done_callback(lambda done: None if done.cancelled() else _settle(task, done))
        return lambda: _cancel(work)

    async def _outcome(self, task: Task, call: Call, ended: Callable[[Json], outcome.Outcome]) -> outcome.Outcome:
        arguments = call.prepare(task.invoke.arguments, task.run.arn)
        try:
            asked = call.api.request(call.action, arguments)
            answered = await self._door.ask(asked, task.run.role)
        except BadArguments as bad:
            cause = f"The Parameters '{text(arguments)}' could not be used to start the Task: [{bad}]"
            return outcome.ScheduleFailed("States.Runtime", cause)
        except Unreachable as error:
            return failures.unknown(call.naming, str(error))
        answer = call.api.read(call.action, answered)
        if isinstance(answer, Failure):
            return failures.failed(call.naming, answer)
        finished = call.finish(answer, answered)
        if isinstance(finished, outcome.Failed):
            return finished
        return ended(finished) if len(encode(finished)) <= MAX_BYTES else too_large(task.invoke.resource)


def call_of(resource: str) -> Call | None:
    """The call that a resource names; None for a service or an action that no API has."""
    *_, kind, service, action = resource.removesuffix(WAITS).split(":")
    return _sdk_call(service, action) if kind == "aws-sdk" else _optimised_call(service, action)


def _sdk_call(service: str, action: str) -> Call | None:
    client = client_of(service, action)
    if client is None:
        return None
    api = api_of(client)
    return Call(api, _capital(action), failures.of_sdk(api.id), _untouched, lambda answer, answered: answer)


def _optimised_call(service: str, action: str) -> Call:
    integration = OPTIMISED[service]

    def finish(answer: Json, answered: Answered) -> Json | outcome.Failed:
        return integration.check(answer) or told(answer, answered)

    return Call(api_of(integration.client), _capital(action), integration.naming, integration.prepare, finish)


def _untouched(arguments: Json, execution: str) -> Json:
    return arguments


def _capital(action: str) -> str:
    return action[:1].upper() + action[1:]


def _refuse(task: Task) -> Stop:
    said = f"The resource provided {task.invoke.resource} is not recognized. The value is not a valid resource ARN."
    task.settle_soon(outcome.ScheduleFailed("States.Runtime", said))
    return nothing


def _settle(task: Task, done: "asyncio.Task[outcome.Outcome]") -> None:
    match done.exception():
        case None:
            task.settle(done.result())
        case StoreError() as error:
            task.run.fail(error)
        case error:
            cause = f"The Parameters could not be used to start the Task: {error!r}"
            task.settle(outcome.ScheduleFailed("States.Runtime", cause))


def _cancel(work: "asyncio.Task[outcome.Outcome]") -> None:
    work.cancel()
