"""Step Functions as a service of the endpoint: AWS JSON 1.0 over POST."""

from collections.abc import Iterator

import orjson
from aiohttp import web

from stepsmith.local import stepfunctions
from stepsmith.local.roles import OWNER
from stepsmith.local.stepfunctions.protocol import CONTENT_TYPE
from stepsmith.local.stepfunctions.shapes import TARGET

from .nobody import STATUS, json_refusal
from .refusals import Refused
from .service import Call

MAX_BYTES = 4 * 1024**2  # a definition of 1 MB may take twice that in JSON, and there are tags


class States:
    """The API over a runtime. A function's key may do what its role lists (`states:SendTaskSuccess`), by default
    nothing."""

    name = "states"
    max_bytes = MAX_BYTES

    def __init__(self, api: stepfunctions.Api) -> None:
        self._api = api

    async def answer(self, call: Call) -> web.StreamResponse:
        target = _target(call)
        if call.role is not OWNER:  # whose body need not be read twice
            call.role.check(f"{self.name}:{target.removeprefix(f'{TARGET}.')}", _arn(call.body))
        status, body = await stepfunctions.answer(self._api, target, call.body)
        return web.Response(status=status, body=body, headers={"Content-Type": CONTENT_TYPE})

    def refuse(self, http: web.BaseRequest, refused: Refused, id: str) -> web.Response:
        return json_refusal(refused, STATUS)

    def about(self, call: Call) -> tuple[str, str]:
        return _target(call).removeprefix(f"{TARGET}."), _resource(call.body)


def _target(call: Call) -> str:
    return call.asked.headers.get("x-amz-target", "")


def _resource(body: bytes) -> str:
    """The ARN or name that a request is about: its first member of that kind."""
    return next((value for name, value in _texts(body) if name.endswith(("Arn", "name"))), "")


def _arn(body: bytes) -> str:
    """The ARN that a role must name for the request; `*` where it is about none yet."""
    return next((value for name, value in _texts(body) if name.endswith("Arn") and name != "roleArn"), "*")


def _texts(body: bytes) -> Iterator[tuple[str, str]]:
    try:
        given = orjson.loads(body)
    except ValueError:
        return
    for name, value in given.items() if isinstance(given, dict) else ():
        if isinstance(value, str):
            yield name, value
