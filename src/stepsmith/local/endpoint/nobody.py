"""Refusals in AWS JSON, for requests that have not said which service they mean, and for JSON services."""

import orjson
from aiohttp import web

from .refusals import Refused, in_json
from .service import Call

CONTENT_TYPE = "application/x-amz-json-1.0"
STATUS = 400


class Nobody:
    """The service that is not there."""

    name = "-"
    max_bytes: int | None = 0

    async def answer(self, call: Call) -> web.StreamResponse:
        raise AssertionError("nothing is routed to nobody")

    def refuse(self, http: web.BaseRequest, refused: Refused, id: str) -> web.Response:
        return json_refusal(refused, STATUS)

    def about(self, call: Call) -> tuple[str, str]:
        return "-", ""


def json_refusal(refused: Refused, otherwise: int) -> web.Response:
    """`otherwise` is the HTTP status that the protocol has for a bad signature."""
    status, code, message = in_json(refused, otherwise)
    body = orjson.dumps({"__type": code, "message": message})
    headers = {"Content-Type": CONTENT_TYPE, "x-amzn-ErrorType": code}
    return web.Response(status=status, body=body, headers=headers)
