"""Refusals for requests that have not said which service they mean, or mean one that is not here: in AWS JSON, or in
the XML of the query protocol (SNS, IAM, CloudFormation) for who sends forms. JSON services share the first."""

from xml.sax.saxutils import escape

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
        return _xml_refusal(refused, id) if is_form(http) else json_refusal(refused, STATUS)

    def about(self, call: Call) -> tuple[str, str]:
        return "-", ""


def is_form(http: web.BaseRequest) -> bool:
    """Whether the request is one of the query protocol. `curl --data` calls JSON a form, too: a target says better."""
    return "X-Amz-Target" not in http.headers and http.content_type == "application/x-www-form-urlencoded"


def _xml_refusal(refused: Refused, id: str) -> web.Response:
    status, code, message = in_json(refused, STATUS)
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    body = f"<ErrorResponse>{error}<RequestId>{id}</RequestId></ErrorResponse>"
    return web.Response(status=status, body=body.encode(), content_type="text/xml")


def json_refusal(refused: Refused, otherwise: int) -> web.Response:
    """`otherwise` is the HTTP status that the protocol has for a bad signature."""
    status, code, message = in_json(refused, otherwise)
    body = orjson.dumps({"__type": code, "message": message})
    headers = {"Content-Type": CONTENT_TYPE, "x-amzn-ErrorType": code}
    return web.Response(status=status, body=body, headers=headers)
