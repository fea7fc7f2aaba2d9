"""Lambda functions as tasks: `lambda:invoke` answers an envelope around the payload, a function's own ARN the payload.

The arguments of `lambda:invoke` are those of Lambda's Invoke. A qualifier (a version, an alias) may stand in the name
or beside it. Errors have the names that Step Functions gives them ("Handling errors in Step Functions workflows"),
causes the form of AWS's SDK.
"""

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stepsmith.asl import MAX_BYTES, outcome
from stepsmith.local.functions import Call, Events, Functions, LambdaError, Reply, Target, outcome_of
from stepsmith.local.integrations.bounds import too_large
from stepsmith.local.invoked import Invoked, envelope, request_id, size_of, trace_header
from stepsmith.local.packing import encode
from stepsmith.local.roles.machines import Rights
from stepsmith.local.run import Stop, Task, nothing
from stepsmith.local.tokens import Tokens

UNKNOWN_OUTCOME = outcome.Failed(
    "Lambda.SdkClientException",
    "The process that made this call ended before the answer was recorded: the outcome is unknown.",
)
GENERAL = "AWSLambdaException"
"""What has no class of its own (Developer Guide, "Handle Lambda service exceptions"; AWS's first SDK for Java)."""
EVENT, DRY_RUN, REQUEST_RESPONSE = "Event", "DryRun", "RequestResponse"
LONGEST_CLIENT_CONTEXT = 3583  # bytes of base64: Lambda's bound


class Refused(Exception):
    """Lambda would refuse the request; the outcome says how."""

    def __init__(self, failed: outcome.Failed) -> None:
        super().__init__(failed.error)
        self.failed = failed


@dataclass(frozen=True, slots=True)
class Request:
    """Invoke's arguments, checked."""

    target: Target
    payload: Any
    type: str
    client_context: str | None
    wants_log: bool


class Calls:
    """Performs calls of functions. An asynchronous call (`Event`) belongs to nobody once it was accepted."""

    def __init__(self, functions: Functions, events: Events, tokens: Tokens, rights: Rights) -> None:
        self._functions = functions
        self._events = events
        self._rights = rights
        self._tokens = tokens

    def function(self, task: Task) -> Stop:
        """The Resource is the function's ARN, the arguments are the payload."""
        given = {"FunctionName": task.invoke.resource, "Payload": task.invoke.arguments}
        return self._request(task, given, lambda invoked: outcome.Succeeded(invoked.payload))

    def invoke(self, task: Task) -> Stop:
        return self._request(task, task.invoke.arguments, lambda invoked: invoked)

    def invoke_and_wait(self, task: Task) -> Stop:
        """The token may be answered while the function still runs."""

        def submitted(invoked: Invoked) -> outcome.Submitted:
            effect, now_ms = task.invoke.id, task.run.now_ms
            return outcome.Submitted(envelope(invoked, task.run.arn, effect, now_ms))

        waiting = self._tokens.wait(task)
        return _both(waiting, self._request(task, task.invoke.arguments, submitted))

    def lost(self, task: Task) -> Stop:
        task.settle_soon(UNKNOWN_OUTCOME)
        return nothing

    def lost_or_waiting(self, task: Task) -> Stop:
        return self.lost(task) if task.news is None else self._tokens.wait(task)

    def _request(self, task: Task, arguments: Any, shape: "Shape") -> Stop:
        try:
            return self._begin(task, self._allowed(task, self._parsed(arguments)), shape)
        except LambdaError as error:
            task.settle_soon(_failed(task, error))
        except Refused as refused:
            task.settle_soon(refused.failed)
        return nothing

    def _parsed(self, arguments: Any) -> Request:
        """Raises Refused, LambdaError; AttributeError and the like for arguments that are none of Invoke's."""
        type = arguments.get("InvocationType", REQUEST_RESPONSE)
        if type not in (EVENT, REQUEST_RESPONSE, DRY_RUN):
            raise Refused(_constraint(type, "invocationType", f"{EVENT}, {REQUEST_RESPONSE}, {DRY_RUN}"))
        log = arguments.get("LogType", "None")
        if log not in ("None", "Tail"):
            raise Refused(_constraint(log, "logType", "None, Tail"))
        context = _client_context(arguments.get("ClientContext"))
        target = self._functions.find(arguments["FunctionName"], _text(arguments.get("Qualifier")))
        return Request(target, arguments.get("Payload", {}), type, context, wants_log=log == "Tail")

    def _allowed(self, task: Task, request: Request) -> Request:
        """Raises LambdaError where the machine's role may not call the function."""
        refusal = self._rights.refusal(task.run.role, "lambda:InvokeFunction", request.target.arn)
        if refusal is not None:
            raise LambdaError(GENERAL, refusal, 403)
        return request

    def _begin(self, task: Task, request: Request, shape: "Shape") -> Stop:
        if request.type == DRY_RUN:
            task.settle_soon(shape(Invoked("", version=None, status=204)))
            return nothing
        if request.type == EVENT:
            self._events.accept(request.target, _call_of(task, request))
            task.settle_soon(shape(Invoked("", version=None, status=202)))
            return nothing
        call = asyncio.get_running_loop().create_task(self._call(task, request))
        call.add_done_callback(lambda done: None if done.cancelled() else _settle(task, request, done.result(), shape))
        return lambda: _cancel(call)

    async def _call(self, task: Task, request: Request) -> Reply | outcome.Failed:
        try:
            return await self._functions.invoke(request.target, _call_of(task, request))
        except LambdaError as error:
            return _failed(task, error)
        except Exception as error:  # noqa: BLE001 - whatever it was, the task must have its end
            return outcome.Failed("Lambda.Unknown", f"{request.target.arn} could not be called: {error!r}")


Shape = Callable[[Invoked], outcome.Succeeded | outcome.Submitted | Invoked]
"""What a state gets of an answer."""


def _settle(task: Task, request: Request, ended: Reply | outcome.Failed, shape: Shape) -> None:
    if isinstance(ended, outcome.Failed):
        task.settle(ended)
        return
    match outcome_of(request.target.arn, ended):
        case outcome.Succeeded(payload):
            log_tail = ended.log_tail if request.wants_log else None
            task.settle(_bounded(task, shape(Invoked(payload, ended.version, 200, log_tail))))
        case outcome.Failed() as failed:
            task.settle(failed)


def _bounded(
    task: Task, result: outcome.Succeeded | outcome.Submitted | Invoked
) -> outcome.Succeeded | outcome.Submitted | outcome.Failed | Invoked:
    """A result over the bound is refused, in AWS's words, before it is recorded."""
    match result:
        case Invoked():
            size = size_of(result)
        case outcome.Succeeded(value) | outcome.Submitted(value):
            size = len(encode(value))
    return result if size <= MAX_BYTES else too_large(task.invoke.resource)


def _call_of(task: Task, request: Request) -> Call:
    execution, effect = task.run.arn, task.invoke.id
    id, trace = request_id(execution, effect), trace_header(execution, effect, task.run.now_ms)
    return Call(encode(request.payload), id, trace, request.client_context)


def _text(qualifier: Any) -> str | None:
    return None if qualifier is None else str(qualifier)


def _client_context(given: str | None) -> str | None:
    """The JSON that ClientContext carries in base64, as one line of ASCII."""
    if given is None:
        return None
    try:
        if len(given) > LONGEST_CLIENT_CONTEXT:
            raise ValueError("too long")
        return json.dumps(json.loads(base64.b64decode(given, validate=True)), separators=(",", ":"))
    except ValueError as error:
        said = "Client context must be a valid Base64-encoded JSON object."
        raise Refused(outcome.Failed("Lambda.InvalidRequestContentException", said)) from error


def _constraint(value: Any, member: str, known: str) -> outcome.Failed:
    said = "failed to satisfy constraint: Member must satisfy enum value set"
    cause = f"1 validation error detected: Value '{value}' at '{member}' {said}: [{known}]"
    return outcome.Failed(f"Lambda.{GENERAL}", cause)


def _failed(task: Task, error: LambdaError) -> outcome.Failed:
    id = request_id(task.run.arn, task.invoke.id)
    told = f"(Service: Lambda, Status Code: {error.status}, Request ID: {id})"
    return outcome.Failed(f"Lambda.{error.code}", f"{error.message} {told}")


def _both(first: Stop, second: Stop) -> Stop:
    def stop() -> None:
        first()
        second()

    return stop


def _cancel(work: "asyncio.Task[Reply | outcome.Failed]") -> None:
    work.cancel()
