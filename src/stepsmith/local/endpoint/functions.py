"""Lambda's `Invoke` as a service of the endpoint, for the functions that the runtime hosts.

    POST /2015-03-31/functions/NAME/invocations        RequestResponse | Event | DryRun

Headers, codes and bounds are those of "Invoke" in the Lambda API reference. An asynchronous call (Event) is made once:
there is no queue that survives this process, and no retry. Other actions of Lambda come later.
"""

import asyncio
import base64
import binascii
import re
from typing import Any
from urllib.parse import unquote

import orjson
from aiohttp import web

from stepsmith import lambdas
from stepsmith.asl import outcome
from stepsmith.local.functions import Functions, Reply

from .nobody import json_refusal
from .refusals import Refused
from .service import Call

STATUS = 403  # of a bad signature, in REST services
MAX_BYTES = 6 * 1024**2
MAX_EVENT_BYTES = 1024**2
LATEST = "$LATEST"

_PATH = re.compile(r"/2015-03-31/functions/([^/]+)/invocations/?")


class Fault(Exception):
    """An error of Lambda's API: its code, a sentence, an HTTP status."""

    def __init__(self, code: str, message: str, status: int) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


class Lambda:
    """Invoke, over the functions of a runtime. A function's key may invoke where its role lists
    `lambda:InvokeFunction`."""

    name = "lambda"
    max_bytes = MAX_BYTES

    def __init__(self, functions: Functions) -> None:
        self._functions = functions
        self._in_background: set[asyncio.Task[Any]] = set()

    async def answer(self, call: Call) -> web.StreamResponse:
        try:
            return await self._invoke(call)
        except Fault as fault:
            return _fault(fault)

    def refuse(self, http: web.BaseRequest, refused: Refused, id: str) -> web.Response:
        return json_refusal(refused, STATUS)

    def about(self, call: Call) -> tuple[str, str]:
        found = _PATH.fullmatch(call.asked.path)
        return ("Invoke", unquote(found[1])) if found else (call.asked.method, call.asked.path)

    async def _invoke(self, call: Call) -> web.Response:
        arn, payload = self._function(call), _payload(call.body)
        call.role.check("lambda:InvokeFunction", arn)
        match call.asked.headers.get("x-amz-invocation-type", "RequestResponse"):
            case "DryRun":
                return web.Response(status=204)
            case "Event":
                if len(call.body) > MAX_EVENT_BYTES:
                    raise _too_large(MAX_EVENT_BYTES)
                self._begin(call, arn, payload)
                return web.Response(status=202)
            case "RequestResponse":
                # A client that hangs up does not end the function, as on AWS.
                return _answer(await asyncio.shield(self._begin(call, arn, payload)), call)
            case other:
                wanted = "Member must satisfy enum value set: [Event, DryRun, RequestResponse]"
                said = f"Value '{other}' at 'invocationType' failed to satisfy constraint: {wanted}"
                raise Fault("ValidationException", f"1 validation error detected: {said}", 400)

    def _begin(self, call: Call, arn: str, payload: Any) -> asyncio.Task[Reply]:
        made = self._functions.invoke(
            arn, payload, call.id, call.asked.headers.get("x-amzn-trace-id"), _client_context(call)
        )
        task = asyncio.get_running_loop().create_task(_reply(made))
        self._in_background.add(task)
        task.add_done_callback(self._in_background.discard)
        return task

    def _function(self, call: Call) -> str:
        """The function's ARN. There is one version of each: the latest."""
        found = _PATH.fullmatch(call.asked.path)
        if found is None or call.asked.method != "POST":
            what = f"{call.asked.method} {call.asked.path[:100]}"
            raise Fault("UnsupportedOperationException", f"{what}: of Lambda, this endpoint has Invoke alone yet.", 501)
        name = unquote(found[1])
        qualifier = call.asked.parameters.get("Qualifier", LATEST)
        arn = self._functions.find(name)
        if arn is None or qualifier != LATEST:
            missing = name if arn is None else f"{arn}:{qualifier}"
            raise Fault("ResourceNotFoundException", f"Function not found: {missing}", 404)
        return arn


async def _reply(invocation: Any) -> Reply:
    """The function's reply; one that cannot be run at all is Lambda's fault of that name."""
    try:
        reply: Reply = await invocation
        return reply
    except lambdas.NotRunnable as error:
        return Reply(outcome.Failed("ResourceNotReadyException", str(error)))


def _payload(body: bytes) -> Any:
    try:
        return orjson.loads(body) if body else {}
    except ValueError as error:
        said = f"Could not parse request body into json: {error}"
        raise Fault("InvalidRequestContentException", said, 400) from None


def _client_context(call: Call) -> str | None:
    given = call.asked.headers.get("x-amz-client-context")
    try:
        return None if given is None else base64.b64decode(given, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        said = "Client context must be a valid Base64-encoded JSON object."
        raise Fault("InvalidRequestContentException", said, 400) from None


def _answer(reply: Reply, call: Call) -> web.Response:
    headers = {"Content-Type": "application/json", "X-Amz-Executed-Version": LATEST}
    if call.asked.headers.get("x-amz-log-type") == "Tail":
        headers["X-Amz-Log-Result"] = base64.b64encode(reply.log_tail.encode()).decode()
    match reply.outcome:
        case outcome.Succeeded(result):
            return web.Response(body=orjson.dumps(result), headers=headers)
        case outcome.Failed("ResourceNotReadyException" as code, cause):
            return _fault(Fault(code, cause or code, 502))
        case outcome.Failed(error, cause):
            headers["X-Amz-Function-Error"] = "Unhandled"
            return web.Response(body=_document(error or "Lambda.Unknown", cause or ""), headers=headers)


def _document(error: str, cause: str) -> bytes:
    """The function's error document; made here where the function left none."""
    try:
        orjson.loads(cause)
        return cause.encode()
    except ValueError:
        return orjson.dumps({"errorType": error, "errorMessage": cause})


def _too_large(most: int) -> Fault:
    said = f"Request must be smaller than {most} bytes for the InvokeFunction operation"
    return Fault("RequestTooLargeException", said, 413)


def _fault(fault: Fault) -> web.Response:
    body = orjson.dumps({"Type": "User" if fault.status < 500 else "Service", "Message": fault.message})
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": fault.code}
    return web.Response(status=fault.status, body=body, headers=headers)
