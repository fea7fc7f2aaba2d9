"""The rest of AWS behind the endpoint: whatever service is not ours and that moto has.

    moto = Moto(data_folder)
    endpoint.fall_back_to(moto)                      # every signature for a service of services.py
    answer = await moto.call("sqs", "POST", "/", headers, body)          # the same within this process
    table = await moto.ask("dynamodb", "DescribeTable", {"TableName": "approvals"})       # JSON services, in short

moto works in one thread of its own, one request after the other: it is synchronous and keeps its state in globals.
Nothing of it is imported before the first request, and no service before its own; nor is aiohttp, before an answer goes
out by HTTP.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from stepsmith.local.endpoint.refusals import Refused, in_json, in_query
from stepsmith.local.errors import StoreError
from stepsmith.local.roles import OWNER, Permissions

from . import cbor, patterns, polling, resources, sessions, undelivered
from .facts import Policies, secret_arn
from .faults import Answer, Fault, in_words
from .gaps import CALLER
from .keeper import Keeper
from .reading import Reading
from .request import MAX_BYTES, Request, of_json, protocol, understood
from .services import SCOPES, SERVICES, Served
from .state import MARK

if TYPE_CHECKING:
    from aiohttp import web

    from stepsmith.local.endpoint.service import Call

FILE = "aws.db"
HOST = "localhost"
STATUS = 400

Seeds = Mapping[str, Sequence[tuple[str, Mapping[str, Any]]]]
"""By service: what must exist before its first request, as (operation, parameters)."""
Hooks = Mapping[str, Callable[[], Awaitable[None]]]
"""By service: what is awaited before each of its requests from outside."""


class Moto:
    """moto's services over one data folder. `host` is what URLs in answers lead to (`127.0.0.1:4599`)."""

    name = "moto"
    max_bytes: int | None = MAX_BYTES

    def __init__(
        self, data: Path, host: str = HOST, *, seeds: Seeds | None = None, before: Hooks | None = None
    ) -> None:
        self.host = host
        self.assume: sessions.Assume | None = None
        self.before: dict[str, Callable[[], Awaitable[None]]] = dict(before or {})
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="moto")
        self._keeper = Keeper(data / FILE, seeds or {})
        self._reading = Reading(data / FILE)
        self.policies = Policies(self._reading)
        self._changed = asyncio.Condition()  # for those who wait for messages
        self._is_used = False

    @property
    def names(self) -> Sequence[str]:
        """What signatures call the services that are answered."""
        return sorted(SCOPES)

    async def answer(self, call: Call) -> web.StreamResponse:
        asked = call.asked
        served = SCOPES[_scope(call)]
        path = f"{asked.path}?{asked.query}" if asked.query else asked.path
        if served.name in self.before:
            await self.before[served.name]()
        headers = {**asked.headers, CALLER: call.role.arn}
        answer = await self._answer(served, asked.method, path, headers, call.body, call.id, call.role)
        return _over_http(answer)

    async def call(
        self, service: str, method: str, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Status, headers and body of a request of this process; `service` is moto's name. Needs no signature."""
        answer = await self._answer(SERVICES[service], method, path, headers, body, str(uuid.uuid4()))
        return answer.status, answer.headers, answer.body

    async def ask(self, service: str, operation: str, parameters: Mapping[str, Any]) -> Any:
        """The answer of a service that speaks JSON. Fault: its error."""
        made = of_json(SERVICES[service], operation, parameters)
        status, _, body = await self.call(service, made.method, made.path, made.headers, made.body)
        found = orjson.loads(body or b"{}")
        if status >= 300:
            code = str(found.get("__type", "InternalFailure")).rpartition("#")[2]
            raise Fault(code, str(found.get("message", found.get("Message", ""))), status)
        return found

    async def tell(self, service: str, asked: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """Many requests, as (operation, parameters), of a service that speaks JSON: kept at once, so that they cost
        little more than one. Who tells takes no answer, not even a refusal. Fault, StoreError: nothing was kept."""
        made = [of_json(SERVICES[service], *each) for each in asked]
        await self._in_thread(self._keeper.answers, made, self.host)

    async def mark(self, service: str) -> int:
        """How often the service has changed, by whatever process; 0: never. Imports nothing of moto."""
        row = self._reading.row(MARK, (service,))
        return int(row[0]) if row else 0

    async def close(self) -> None:
        """Ends the thread and closes the database; what was answered is kept already."""
        self._reading.close()
        if self._is_used:
            await self._in_thread(self._keeper.close)
        self._thread.shutdown()

    def refuse(self, http: web.BaseRequest, refused: Refused, id: str) -> web.Response:
        headers = {name.lower(): value for name, value in http.headers.items()}
        spoken = protocol(SERVICES["iam"], headers)
        status, code, message = in_query(refused) if spoken == "query" else in_json(refused, STATUS)
        return _over_http(in_words(Fault(code, message, status), spoken, id))

    def about(self, call: Call) -> tuple[str, str]:
        asked = call.asked
        try:
            request = understood(SCOPES[_scope(call)], asked.method, asked.path, asked.headers, call.body)
        except Fault:
            return asked.method, asked.path
        return request.operation, ", ".join(arn for arn in resources.arns(request) if arn != resources.ANY)

    async def _answer(
        self,
        served: Served,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes,
        id: str,
        role: Permissions = OWNER,
    ) -> Answer:
        lower = {name.lower(): value for name, value in headers.items()}
        try:
            request = understood(served, method, path, lower, body)
            self._check(request, role)
            undelivered.check(request)
            patterns.check(request)
            sessions.check(request)
            if sessions.is_assumption(request):
                return await self._assumed(request)
            if polling.is_poll(request):
                return await polling.polled(request, self._ask, self._changed)
            answer = await self._ask(request)
            return cbor.in_cbor(answer, served, request.operation) if cbor.is_spoken(lower) else answer
        except Fault as fault:
            return in_words(fault, protocol(served, lower), id)
        except StoreError as error:
            return in_words(Fault("ServiceUnavailable", str(error), 503), protocol(served, lower), id)

    async def _assumed(self, request: Request) -> Answer:
        arn = str(request.parameters.get("RoleArn"))
        if self.policies.of_role(arn.rpartition("/")[2]) is None:
            caller = request.headers.get(CALLER, OWNER.arn)
            said = f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {arn}"
            raise Fault("AccessDenied", said, 403)
        answer = await self._ask(request)
        return sessions.with_session(request, answer, self.assume) if self.assume else answer

    async def _ask(self, request: Request) -> Answer:
        answer = await self._in_thread(self._keeper.answer, request, self.host)
        if not request.is_read and not polling.is_poll(request):
            async with self._changed:
                self._changed.notify_all()
        return answer

    def _check(self, request: Request, role: Permissions) -> None:
        """roles.Denied: the role may not."""
        if role is OWNER:
            return
        for arn in resources.arns(request):
            role.check(f"{request.served.prefix}:{request.operation}", self._whole(arn))

    def _whole(self, arn: str) -> str:
        """A secret may be named without the letters behind its name; policies name it with them."""
        _, is_secret, name = arn.partition(":secret:")
        return (secret_arn(self._reading, name) or arn) if is_secret else arn

    async def _in_thread[**P, T](self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        self._is_used = True
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: work(*args, **kwargs))


def _over_http(answer: Answer) -> web.Response:
    from aiohttp import web  # 80 ms, which `stepsmith approvals` has no use for

    return web.Response(status=answer.status, headers=answer.headers, body=answer.body)


def _scope(call: Call) -> str:
    return call.signed.scope.split("/")[2]
