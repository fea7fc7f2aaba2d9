"""Invoke: a call of a function and its answer, a call in the background, or none at all.

Headers, codes and bounds are those of "Invoke" in the API reference.
"""

import asyncio
import base64
import json
from typing import Any

import orjson

from stepsmith.local.functions import Call, Reply
from stepsmith.local.functions.errors import event_too_large, unreadable_body

from .api import Answer, Api, Raw

MAX_EVENT_BYTES = 1024**2
LONGEST_CLIENT_CONTEXT = 3583


async def invoke(api: Api, given: dict[str, Any]) -> Answer:
    wanted = api.named(given)
    target = api.functions.find(wanted.function, wanted.qualifier)
    call = Call(_payload(given["Payload"]), given["id"], given["trace"], _client_context(given.get("ClientContext")))
    match given.get("InvocationType", "RequestResponse"):
        case "DryRun":
            return Raw(b"", 204, {})
        case "Event":
            if len(call.payload) > MAX_EVENT_BYTES:
                raise event_too_large(MAX_EVENT_BYTES)
            api.events.accept(target, call)
            return Raw(b"", 202, {})
        case _:
            # A client that hangs up does not end the function, as on AWS.
            reply = await asyncio.shield(api.functions.begin(target, call))
            return _answer(reply, with_log=given.get("LogType") == "Tail")


def _payload(body: bytes) -> bytes:
    """The body as it came, once it is known to be JSON."""
    if not body:
        return b"{}"
    try:
        orjson.loads(body)
    except ValueError as error:
        raise unreadable_body(f"Could not parse request body into json: {error}") from None
    return body


def _client_context(given: str | None) -> str | None:
    """The JSON that the header carries in base64, as one line of ASCII."""
    if given is None:
        return None
    try:
        if len(given) > LONGEST_CLIENT_CONTEXT:
            raise ValueError("too long")
        return json.dumps(json.loads(base64.b64decode(given, validate=True)), separators=(",", ":"))
    except ValueError:
        raise unreadable_body("Client context must be a valid Base64-encoded JSON object.") from None


def _answer(reply: Reply, *, with_log: bool) -> Raw:
    headers = {"Content-Type": "application/json", "X-Amz-Executed-Version": reply.version}
    if with_log:
        headers["X-Amz-Log-Result"] = base64.b64encode(reply.log_tail.encode()).decode()
    if reply.is_error:
        headers["X-Amz-Function-Error"] = "Unhandled"
    return Raw(reply.payload, 200, headers)
