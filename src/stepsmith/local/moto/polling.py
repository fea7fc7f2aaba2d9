"""Long polls of SQS: moto would sleep in them, and with it every other request. Here the waiting is outside.

A poll asks moto for what is there now. While that is nothing it waits for the next change in this process, and looks
again twice a second besides: messages become visible by time, and other processes send some.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from urllib.parse import urlencode

import orjson

from .faults import Answer
from .request import Request

WAIT = "WaitTimeSeconds"
LONGEST_SECONDS = 20.0
LOOK_SECONDS = 0.5

Ask = Callable[[Request], Awaitable[Answer]]


def is_poll(request: Request) -> bool:
    return request.operation == "ReceiveMessage"


async def polled(request: Request, ask: Ask, changed: asyncio.Condition) -> Answer:
    """The answer with messages, or without when the request's time is over. Raises what `ask` raises."""
    at_once = with_parameter(request, WAIT, 0)
    answer = await ask(at_once)
    if _has_messages(answer):
        return answer
    loop = asyncio.get_running_loop()
    deadline = loop.time() + await _seconds(request, ask)
    while not _has_messages(answer) and (left := deadline - loop.time()) > 0:
        await _change(changed, min(left, LOOK_SECONDS))
        answer = await ask(at_once)
    return answer


def with_parameter(request: Request, name: str, value: int) -> Request:
    """The same request but for one parameter, in the protocol that it came in."""
    given = {**request.parameters, name: value}
    is_json = "x-amz-target" in request.headers
    return replace(request, body=orjson.dumps(given) if is_json else urlencode(given).encode())


def _has_messages(answer: Answer) -> bool:
    return answer.status != 200 or b'"Messages"' in answer.body or b"<Message>" in answer.body


async def _seconds(request: Request, ask: Ask) -> float:
    """How long to wait: as the request says, else as its queue does."""
    said = request.parameters.get(WAIT)
    if said is None:
        headers = {"x-amz-target": "AmazonSQS.GetQueueAttributes", "content-type": "application/x-amz-json-1.0"}
        asked = {"QueueUrl": request.parameters.get("QueueUrl"), "AttributeNames": [_DEFAULT]}
        about = replace(request, operation="GetQueueAttributes", headers=headers, body=orjson.dumps(asked), path="/")
        answer = await ask(about)
        said = orjson.loads(answer.body).get("Attributes", {}).get(_DEFAULT) if answer.status == 200 else None
    return min(float(said or 0), LONGEST_SECONDS)


async def _change(changed: asyncio.Condition, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds), changed:
            await changed.wait()
    except TimeoutError:
        pass


_DEFAULT = "ReceiveMessageWaitTimeSeconds"
