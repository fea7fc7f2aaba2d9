"""How the calls of state machines reach AWS's services on this machine: by the same endpoint as everybody's.

    answered = await door.ask(asked, role)          # Asked and Answered are values of apis.py

So every service is there under every resource as soon as it is mounted, checks the caller's role where it checks it for
all clients, and shows the call in the request log. A machine's request is signed by a key of its role
(roles/machines.py).
"""

import hashlib
import time

from aiohttp import ClientError, ClientSession, ClientTimeout
from yarl import URL

from stepsmith.local.endpoint.server import Endpoint
from stepsmith.local.endpoint.signature import Session
from stepsmith.local.integrations.apis import Answered, Asked
from stepsmith.local.roles import Policies
from stepsmith.local.roles.machines import Rights
from stepsmith.signing import Asked as Signing
from stepsmith.signing import authorization, iso

REGION = "us-east-1"
NO_BOUND = ClientTimeout(total=None)
"""A task's own bounds end it; a long poll takes its time."""


class Unreachable(Exception):
    """The endpoint did not answer: whether the request was carried out is unknown."""


class Door:
    """Requests of machines to the endpoint. `rights` are those of machines; `close` ends what is under way."""

    def __init__(self, endpoint: Endpoint, policies: Policies) -> None:
        self.rights = Rights(policies)
        self._endpoint = endpoint
        self._sessions: dict[str, Session] = {}
        self._http: ClientSession | None = None

    async def ask(self, asked: Asked, role: str) -> Answered:
        """The answer, whatever its status. Raises Unreachable."""
        url = URL(f"{self._endpoint.url}{asked.path}{'?' if asked.query else ''}{asked.query}", encoded=True)
        headers = self._signed(asked, self._session(role))
        sent = self._client().request(
            asked.method, url, data=asked.body or None, headers=headers, skip_auto_headers=("Content-Type",)
        )
        try:
            async with sent as got:
                return Answered(got.status, dict(got.headers), await got.read())
        except (ClientError, OSError) as error:
            raise Unreachable(f"Unable to execute HTTP request: {error}") from error

    async def close(self) -> None:
        if self._http is not None:
            await self._http.close()

    def _session(self, role: str) -> Session:
        if role not in self._sessions:
            self._sessions[role] = self._endpoint.issue(self.rights.of(role))
        return self._sessions[role]

    def _signed(self, asked: Asked, session: Session) -> dict[str, str]:
        payload = hashlib.sha256(asked.body).hexdigest()
        headers = {
            **{name.lower(): value for name, value in asked.headers.items()},
            "host": self._endpoint.url.partition("//")[2],
            "x-amz-date": iso(time.time()),
            "x-amz-content-sha256": payload,
            "x-amz-security-token": session.token,
        }
        signing = Signing(asked.method, asked.path, asked.query, headers)
        return {**headers, "authorization": authorization(session, REGION, asked.scope, signing, payload)}

    def _client(self) -> ClientSession:
        if self._http is None:
            self._http = ClientSession(timeout=NO_BOUND)
        return self._http
