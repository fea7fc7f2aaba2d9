"""Functions of the repository, and what runs as them."""

import inspect
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from stepsmith import lambdas
from stepsmith.local.packing import decode, encode, recorded
from stepsmith.local.roles import Role


@dataclass(frozen=True, slots=True)
class InProcess:
    """A Python callable as a function, for tests and benchmarks: takes the payload as a JSON value, answers one (or an
    awaitable of one)."""

    call: Callable[[Any], Any | Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Hosted:
    """A function and the role that it runs as."""

    handler: lambdas.Function | InProcess
    role: Role = field(default_factory=Role)


async def answer(handler: InProcess, payload: bytes) -> tuple[bytes, bool]:
    """What the callable answers as JSON, or the document of what it raised, and whether it raised."""
    try:
        answered = handler.call(decode(payload))
        return encode(recorded(await answered if inspect.isawaitable(answered) else answered)), False
    except Exception as error:  # noqa: BLE001 - a function may raise anything: that is its answer
        trace = traceback.format_tb(error.__traceback__)[1:]
        document = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": trace}
        return encode(document), True
