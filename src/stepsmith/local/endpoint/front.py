"""Who may knock: names that lead to this machine only, and no web page.

Any page that a browser on this machine shows can send requests to a loopback port, under a name of its own that it
points at 127.0.0.1 (DNS rebinding). Such a request carries that name as its Host, or an Origin: both are refused before
anything else is looked at.
"""

import ipaddress
import re
from collections.abc import Set

from aiohttp import web

from .refusals import Reason, Refused

_LOOPBACK = re.compile(r"([a-z0-9-]+\.)*localhost|127\.0\.0\.1|\[::1\]", re.IGNORECASE)
_HOST = re.compile(r"(?:sync-)?(.+?)(?::[0-9]{1,5})?", re.IGNORECASE | re.DOTALL)
"""SDKs put `sync-` before the name for StartSyncExecution and TestState (`hostPrefix` in the service model)."""

_S3 = r"s3(?:[.-][a-z0-9-]+)?\."
_BUCKET = re.compile(rf"(?:(?P<bucket>(?!{_S3}localhost).+?)\.)?(?:{_S3})?localhost(?::[0-9]+)?", re.IGNORECASE)


def check(request: web.BaseRequest, allowed: Set[str]) -> None:
    """`allowed` are further names in lower case. Refused: another Host, or an Origin."""
    host = request.headers.get("Host", "")
    found = _HOST.fullmatch(host)
    name = found[1] if found else ""
    if not _LOOPBACK.fullmatch(name) and name.lower() not in allowed:
        raise Refused(Reason.HOST, repr(host[:100]))
    if "Origin" in request.headers:
        raise Refused(Reason.ORIGIN)


def bucket_of(host: str) -> str | None:
    """The bucket of S3 that a host's name names: `reports.localhost`, `reports.s3.localhost:4599`,
    `reports.s3.us-east-1.localhost`; None where it names none."""
    found = _BUCKET.fullmatch(host)
    return found["bucket"] if found else None


def is_loopback(host: str) -> bool:
    """Whether listening on this address or name is reached from this machine only."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
