"""Calls of a function that was created through Lambda's API: an empty handler in Python, warm.

moto runs functions in Docker alone; where that is not at hand, what it answers stands in the table.
"""

from __future__ import annotations

import base64
import io
import statistics
import time
import zipfile

import orjson

from benchmarks.endpoint.servers import Server
from benchmarks.endpoint.wire import Wire

FUNCTIONS = "/2015-03-31/functions"
INVOKE = f"{FUNCTIONS}/empty/invocations"
COLD = 3
"""Calls that are not counted: the start of the process, and what is loaded once."""


def warm(server: Server, repeats: int = 500) -> str:
    """The median in milliseconds, as text."""
    wire = server.wire()
    try:
        _create(wire)
        times = [_milliseconds(wire) for _ in range(COLD + repeats)]
        return f"{statistics.median(times[COLD:]):.2f} ms"
    finally:
        wire.close()


def answer(server: Server) -> str:
    """How a server that may not run it answers: the time, or the refusal."""
    wire = server.wire()
    try:
        _create(wire)
        status, body = wire.rest("POST", INVOKE, b"{}")
        refused = f"does not run it ({status}: {body[:120].decode(errors='replace')})"
        return refused if status != 200 or b"error" in body.lower() else warm(server, 50)
    except OSError as error:
        return f"does not run it ({error})"
    finally:
        wire.close()


def _create(wire: Wire) -> None:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("main.py", "def handler(event, context):\n    return None\n")
    given = {
        "FunctionName": "empty",
        "Runtime": "python3.12",
        "Handler": "main.handler",
        "Role": "arn:aws:iam::000000000000:role/benchmark",
        "Code": {"ZipFile": base64.b64encode(made.getvalue()).decode()},
    }
    wire.rest("POST", FUNCTIONS, orjson.dumps(given))


def _milliseconds(wire: Wire) -> float:
    began = time.perf_counter()
    status, body = wire.rest("POST", INVOKE, b"{}")
    if (status, body) != (200, b"null"):
        raise AssertionError(f"the handler answered {status} {body!r}")
    return (time.perf_counter() - began) * 1000
