"""Lambda as a service of the endpoint: a request in, the answer of its action or AWS's error out.

An error's body is `{"Type": "User", "Message": ...}`, its code stands in a header. What an action raises besides a
LambdaError or a StoreError is a defect, which the endpoint tells.
"""

import inspect
from typing import Any
from urllib.parse import parse_qs

import orjson
from aiohttp import web

from stepsmith.local.endpoint.nobody import json_refusal
from stepsmith.local.endpoint.refusals import Refused
from stepsmith.local.endpoint.service import Call
from stepsmith.local.errors import StoreError
from stepsmith.local.functions import LambdaError
from stepsmith.local.functions.names import read

from .actions import ACTIONS
from .api import Answer, Api, Raw
from .request import MAX_BYTES, members
from .routes import Route, find

STATUS = 403  # of a bad signature, in REST services
IAM_NAMES = {"Invoke": "InvokeFunction", "GetLayerVersionByArn": "GetLayerVersion"}
"""Actions that policies know by another name."""


class Lambda:
    """The API. A key may do what its role allows: `lambda:<Action>` on the function's ARN."""

    name = "lambda"
    max_bytes = MAX_BYTES

    def __init__(self, api: Api) -> None:
        self._api = api

    async def answer(self, call: Call) -> web.StreamResponse:
        try:
            route, given = _understood(call)
            action = IAM_NAMES.get(route.action, route.action)
            call.role.check(f"lambda:{action}", _resource(given))
            if route.payload is not None:
                given = {**given, "id": call.id, "trace": call.asked.headers.get("x-amzn-trace-id")}
            answered = ACTIONS[route.action](self._api, given)
            return _answer(route, await answered if inspect.isawaitable(answered) else answered)
        except LambdaError as error:
            return _fault(error)
        except StoreError as error:
            return _fault(LambdaError("ServiceException", str(error), 500))

    def refuse(self, http: web.BaseRequest, refused: Refused, id: str) -> web.Response:
        return json_refusal(refused, STATUS)

    def about(self, call: Call) -> tuple[str, str]:
        found = find(call.asked.method, call.asked.path, parse_qs(call.asked.query, keep_blank_values=True))
        if found is None:
            return call.asked.method, call.asked.path
        route, labels = found
        return route.action, next(iter(labels.values()), "")


def _understood(call: Call) -> tuple[Route, dict[str, Any]]:
    asked, query = call.asked, parse_qs(call.asked.query, keep_blank_values=True)
    found = find(asked.method, asked.path, query)
    if found is None:
        raise LambdaError(
            "UnknownOperationException", f"{asked.method} {asked.path[:100]} is no action of Lambda.", 404
        )
    route, labels = found
    if route.action not in ACTIONS:
        said = f"{route.action} is not part of this endpoint: docs/lambda.md lists what is."
        raise LambdaError("UnsupportedOperationException", said, 501)
    return route, members(route, labels, query, asked.headers, call.body)


def _resource(given: dict[str, Any]) -> str:
    """The ARN that a role must name: the function's with its qualifier, else `*`."""
    match given:
        case {"FunctionName": str(name)}:
            return read(name, given.get("Qualifier")).arn
        case {"Resource": str(arn)}:
            return arn
        case _:
            return "*"


def _answer(route: Route, answered: Answer) -> web.Response:
    match answered:
        case None:
            return web.Response(status=route.status)
        case Raw(body, status, headers):
            return web.Response(status=status, body=body, headers=headers)
        case _:
            body = orjson.dumps({name: each for name, each in answered.items() if each is not None})
            return web.Response(status=route.status, body=body, content_type="application/json")


def _fault(error: LambdaError) -> web.Response:
    told = {"Type": "User" if error.status < 500 else "Service", "Message": error.message, "Reason": error.reason}
    body = orjson.dumps({name: each for name, each in told.items() if each is not None})
    headers = {"Content-Type": "application/json", "x-amzn-ErrorType": error.code}
    return web.Response(status=error.status, body=body, headers=headers)
