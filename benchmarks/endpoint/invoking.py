"""Calls of a function that was created through Lambda's API: an empty handler in Python, warm.

moto runs functions in Docker alone; where that is not at hand, what it answers stands in the table.
"""

from __future__ import annotations

import base64
import io
import statistics
import time
import zipfile
from urllib.parse import urlencode

import orjson

from benchmarks.endpoint.servers import Server
from benchmarks.endpoint.wire import Refused, Wire

FUNCTIONS = "/2015-03-31/functions"
INVOKE = f"{FUNCTIONS}/empty/invocations"
TRUST = {"AssumeRolePolicyDocument": '{"Version": "2012-10-17", "Statement": []}'}
COLD = 3
"""Calls that are not counted: the start of the process, and what is loaded once."""


def warm(server: Server, repeats: int = 500) -> str:
    """The median in milliseconds, as text. Refused: the server does not run functions."""
    wire = server.wire()
    try:
        _create(wire)
        times = [_milliseconds(wire) for _ in range(COLD + repeats)]
        return f"{statistics.median(times[COLD:]):.2f} ms"
    finally:
        wire.close()


def of_a_peer(server: Server, repeats: int) -> str:
    """The same, or how the peer refuses."""
    try:
        return warm(server, repeats)
    except (Refused, OSError) as refused:
        return f"does not run it: {refused}"


def _create(wire: Wire) -> None:
    role = urlencode({"Action": "CreateRole", "Version": "2010-05-08", "RoleName": "empty", **TRUST})
    _, made = wire.post("/", role.encode(), "iam", "application/x-www-form-urlencoded")
    given = {
        "FunctionName": "empty",
        "Runtime": "python3.12",
        "Handler": "main.handler",
        "Role": made.partition(b"<Arn>")[2].partition(b"</Arn>")[0].decode(),
        "Code": {"ZipFile": base64.b64encode(_zipped()).decode()},
    }
    _sent(wire, FUNCTIONS, orjson.dumps(given))


def _zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("main.py", "def handler(event, context):\n    return None\n")
    return made.getvalue()


def _sent(wire: Wire, path: str, body: bytes) -> bytes:
    status, answered = wire.post(path, body)
    if status >= 300:
        raise Refused(f"{status} {answered[:200].decode(errors='replace')}")
    return answered


def _milliseconds(wire: Wire) -> float:
    began = time.perf_counter()
    answered = _sent(wire, INVOKE, b"{}")
    if answered != b"null":
        raise Refused(f"it answers {answered[:200].decode(errors='replace')}")
    return (time.perf_counter() - began) * 1000
