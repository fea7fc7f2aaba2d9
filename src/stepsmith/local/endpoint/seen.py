"""One line a request, for whoever watches: what was asked of which service, and how it went. Never a payload."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Seen:
    """An answered request. `resource` is a name or an ARN as the client sent it."""

    service: str
    action: str
    resource: str
    status: int
    ms: float
