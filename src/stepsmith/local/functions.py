"""The Lambda functions that runs call: where they run, as whom, and what they see.

A function's environment is decided here and nowhere else: the endpoint of this machine, a session key of its own that
opens no more than its role does, the secrets that it lists, and its own settings. Tests and benchmarks host plain
Python callables (`InProcess`) in place of processes.
"""

import inspect
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from stepsmith import lambdas
from stepsmith.asl import outcome
from stepsmith.local.packing import decode, encode, recorded
from stepsmith.local.roles import Role


@dataclass(frozen=True, slots=True)
class InProcess:
    """A Python callable as a function: takes the payload as a JSON value, answers one (or an awaitable of one)."""

    call: Callable[[Any], Any | Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class Hosted:
    """A function and the role that it runs as."""

    handler: lambdas.Function | InProcess
    role: Role = field(default_factory=Role)


@dataclass(frozen=True, slots=True)
class Reply:
    """How a call ended, and the last 4 KB that the function printed during it."""

    outcome: outcome.Succeeded | outcome.Failed
    log_tail: str = ""


class Functions:
    """All functions of a runtime, by ARN. `environment(role)` gives what the endpoint adds to a function's own."""

    def __init__(
        self,
        hosted: Mapping[str, Hosted],
        processes: lambdas.Processes,
        environment: Callable[[Role], Mapping[str, str]],
    ) -> None:
        self._hosted = hosted
        self._processes = processes
        self._environment = environment
        self._ready: dict[str, lambdas.Function | InProcess] = {}

    @property
    def arns(self) -> tuple[str, ...]:
        return tuple(self._hosted)

    def find(self, name: str) -> str | None:
        """The ARN of a function by its name, its ARN or a part of it, with or without a version; None if unknown."""
        if name in self._hosted:
            return name
        parts = name.split(":")
        wanted = parts[parts.index("function") + 1] if "function" in parts else parts[0]
        return next((arn for arn in self._hosted if arn.split(":")[6:7] == [wanted]), None)

    async def invoke(
        self,
        arn: str,
        payload: Any,
        request_id: str,
        trace_header: str | None = None,
        client_context: str | None = None,
    ) -> Reply:
        """Calls the function with a JSON value. Succeeded: its answer as a JSON value. Failed: its error's type, and
        its error document as compact JSON (engine.md). `client_context` is a text of JSON. Raises
        lambdas.NotRunnable."""
        handler = self._handler(arn)
        if isinstance(handler, InProcess):
            return Reply(await _call(handler, payload))
        answer = await self._processes.invoke(
            handler,
            encode(payload),
            request_id=request_id,
            trace_header=trace_header,
            client_context=client_context,
        )
        return Reply(_failed(answer.payload) if answer.error else _succeeded(arn, answer.payload), answer.log_tail)

    def _handler(self, arn: str) -> lambdas.Function | InProcess:
        """The function with its whole environment, made once: equal values share warm processes."""
        if arn not in self._ready:
            hosted = self._hosted[arn]
            self._ready[arn] = hosted.handler
            if isinstance(hosted.handler, lambdas.Function):
                ours = self._environment(hosted.role)
                self._ready[arn] = replace(hosted.handler, environment={**ours, **hosted.handler.environment})
        return self._ready[arn]


async def _call(handler: InProcess, payload: Any) -> outcome.Succeeded | outcome.Failed:
    try:
        answer = handler.call(payload)
        return outcome.Succeeded(recorded(await answer if inspect.isawaitable(answer) else answer))
    except Exception as error:  # noqa: BLE001 - a function may raise anything: that is its answer
        trace = traceback.format_tb(error.__traceback__)[1:]
        document = {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": trace}
        return outcome.Failed(type(error).__name__, encode(document).decode())


def _succeeded(arn: str, payload: bytes) -> outcome.Succeeded | outcome.Failed:
    try:
        return outcome.Succeeded(decode(payload) if payload else None)
    except ValueError:
        return outcome.Failed("Lambda.Unknown", f"The function {arn!r} answered what is no JSON.")


def _failed(document: bytes) -> outcome.Failed:
    """The error by its type; a document without one is Lambda.Unknown, in AWS's words."""
    try:
        value = decode(document)
    except ValueError:
        value = None
    match value:
        case {"errorType": str(error)} if error:
            return outcome.Failed(error, encode(value).decode())
        case _:
            return outcome.Failed("Lambda.Unknown", _UNTYPED + document.decode(errors="replace"))


_UNTYPED = "The cause could not be determined because Lambda did not return an error type. Returned payload: "
