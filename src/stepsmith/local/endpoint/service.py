"""What a service behind the endpoint is, and the verified requests that it gets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web

from stepsmith.local.roles import Permissions
from stepsmith.signing import Asked

from .refusals import Refused
from .signature import Signed


@dataclass(frozen=True, slots=True)
class Call:
    """A request whose signature fits. `body` is the whole of it, empty for a service that reads it itself; `id` is the
    request id that its answer carries, `role` what the caller may do now."""

    http: web.BaseRequest
    asked: Asked
    signed: Signed
    body: bytes
    id: str
    role: Permissions


class Service(Protocol):
    """One of AWS's services, under the name that signatures have for it."""

    @property
    def name(self) -> str: ...

    @property
    def max_bytes(self) -> int | None:
        """What a body may have, None for a service that reads and bounds bodies itself (and takes presigned URLs)."""
        ...

    async def answer(self, call: Call) -> web.StreamResponse:
        """The answer; a service's own errors are answers too. roles.Denied: the caller may not."""
        ...

    def refuse(self, http: web.BaseRequest, refused: Refused, id: str) -> web.Response:
        """The refusal in this service's words."""
        ...

    def about(self, call: Call) -> tuple[str, str]:
        """The action and the resource, for the request log: names, never a payload."""
        ...


class Fallback(Service, Protocol):
    """Many services in one: whatever the endpoint has no service of its own for."""

    @property
    def names(self) -> Sequence[str]:
        """What signatures call the services that it answers."""
        ...
