"""Task: one call of the world outside, its events and its errors.

Three families of events: `LambdaFunction*` for a function's own ARN, `Activity*` for an activity, `Task*` for
integrations. An integration's resource `arn:aws:states:::lambda:invoke.waitForTaskToken` is the resourceType `lambda`
and the resource `invoke.waitForTaskToken` in history.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, assert_never

from .. import errors
from ..document import Task
from ..errors import StateError, told
from ..outcome import Failed, Outcome, ScheduleFailed, Slept, Started, SubmitFailed, Submitted, Succeeded, TimedOut
from ..parameters import wrong_parameters
from ..values import MAX_BYTES, Json, encode, text
from ..visit import Transition, Visit
from ..wants import Listen, Perform, Record, Steps
from .numbers import whole
from .typed import unexpected, wrong

MAX_SECONDS = 99_999_999
MAX_ERROR = 256
MAX_CAUSE = 32_768
"""Characters of an error's name and cause (API reference, TaskFailedEventDetails)."""
_SYNC_SUFFIXES = (".sync", ".sync:2")
_TOKEN_SUFFIXES = (".waitForTaskToken", *_SYNC_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Kind:
    """How a resource appears in history: the event types' prefix, and the details all its events share."""

    prefix: str
    names: dict[str, str]
    resource: str

    def scheduled(self, arguments: Json, facts: dict[str, Json], region: str) -> Record:
        if self.prefix == "Task":
            return self.event("Scheduled", region=region, parameters=arguments, **facts)
        return Record(f"{self.prefix}Scheduled", {"resource": self.resource, "input": arguments, **facts})

    def event(self, suffix: str, **facts: Json) -> Record:
        return Record(self.prefix + suffix, {**self.names, **facts})

    def failure(self, suffix: str, error: str | None, cause: str | None) -> Record:
        return self.event(suffix, **told(error, cause))


def task(visit: Visit, state: Task) -> Steps[Transition]:
    """One attempt: arguments, the call, its outcome, Output and Assign."""
    kind = kind_of(state.resource)
    token = visit.frame.world.new_token() if has_token(state.resource) else None
    visit.token = token if kind.prefix == "Task" else None
    timeout, heartbeat = _seconds(visit, state)
    arguments = visit.input
    if state.arguments is not None:
        arguments = visit.checked(visit.render(state.arguments), "Arguments")
        _check(visit, state.resource, arguments)
    facts = {**_bounds(kind, timeout, heartbeat), **_credentials(visit, state, kind)}
    yield kind.scheduled(arguments, facts, visit.frame.world.region)
    if kind.prefix != "Activity":
        yield kind.event("Started")
    outcome = yield Perform(state.resource, arguments, timeout, heartbeat, token)
    result = yield from _result(kind, outcome, visit)
    return (yield from visit.leave(state.next, result, state.output, state.assign, result=result))


def _check(visit: Visit, resource: str, arguments: Json) -> None:
    """Nothing is scheduled with arguments that the integration does not take."""
    wrong = [message for _, message in wrong_parameters(resource, arguments)]
    if wrong:
        cause = f"The Parameters '{text(arguments)}' could not be used to start the Task: [{', '.join(wrong)}]"
        raise StateError(errors.RUNTIME, visit.whereabouts() + cause)


@lru_cache(maxsize=1024)
def kind_of(resource: str) -> Kind:
    """The family of a resource, by its ARN."""
    parts = resource.split(":")
    service = parts[2] if len(parts) > 2 else ""
    if service == "lambda":
        return Kind("LambdaFunction", {}, resource)
    if service == "states" and len(parts) > 6 and parts[5] == "activity":
        return Kind("Activity", {}, resource)
    names = {"resourceType": ":".join(parts[5:-1]) or resource, "resource": parts[-1]}
    if resource.endswith(".sync:2"):
        names = {"resourceType": ":".join(parts[5:-2]), "resource": ":".join(parts[-2:])}
    return Kind("Task", names, resource)


def has_token(resource: str) -> bool:
    """Whether somebody else ends the task: an activity, `.waitForTaskToken`, `.sync`."""
    return kind_of(resource).prefix == "Activity" or resource.endswith(_TOKEN_SUFFIXES)


def _seconds(visit: Visit, state: Task) -> tuple[int | None, int | None]:
    """TimeoutSeconds and HeartbeatSeconds, which must be the smaller one (States Language, "Task State")."""
    timeout = whole(visit, state.timeout_seconds, 1, MAX_SECONDS)
    heartbeat = whole(visit, state.heartbeat_seconds, 1, MAX_SECONDS)
    if state.heartbeat_seconds is not None and timeout and heartbeat and heartbeat >= timeout:
        raise wrong(state.heartbeat_seconds, f"returned {heartbeat}, which is not less than TimeoutSeconds ({timeout})")
    return timeout, heartbeat


def _credentials(visit: Visit, state: Task, kind: Kind) -> dict[str, Json]:
    """The role that AWS assumes for the task, as the event shows it; an activity's worker has its own."""
    if state.credentials is None or kind.prefix == "Activity":
        return {}
    value = visit.render(state.credentials)
    role = value.get("RoleArn") if isinstance(value, dict) else None
    if not isinstance(role, str):
        raise unexpected(state.credentials, role, "'string'", "Credentials/RoleArn")
    return {"taskCredentials": {"roleArn": role}}


def _bounds(kind: Kind, timeout: int | None, heartbeat: int | None) -> dict[str, int]:
    """The bounds as the event has them; that of a function's own ARN knows no heartbeat."""
    given = {"timeoutInSeconds": timeout}
    if kind.prefix != "LambdaFunction":
        given["heartbeatInSeconds"] = heartbeat
    return {name: seconds for name, seconds in given.items() if seconds is not None}


def _result(kind: Kind, outcome: Outcome, visit: Visit) -> Steps[Json]:
    """Records what became of the task; returns its result or raises its error.

    A `.sync` task that fails before its request was accepted failed in the request.
    """
    refused = "SubmitFailed" if kind.resource.endswith(_SYNC_SUFFIXES) else "Failed"
    while isinstance(outcome, Started | Submitted):
        refused = "Failed"
        yield _news(kind, outcome)
        outcome = yield Listen()
    match outcome:
        case Succeeded(result=result):
            if len(encode(result)) > MAX_BYTES:
                yield from _failed(kind, "Failed", errors.DATA_LIMIT_EXCEEDED, _too_large(kind))
            yield kind.event("Succeeded", output=result)
            return result
        case Failed(error=error, cause=cause):
            yield from _failed(kind, refused, error, cause)
        case ScheduleFailed(error=error, cause=cause):
            yield from _failed(kind, "StartFailed" if kind.prefix == "Task" else "ScheduleFailed", error, cause)
        case SubmitFailed(error=error, cause=cause):
            yield from _failed(kind, "SubmitFailed" if kind.prefix == "Task" else "StartFailed", error, cause)
        case TimedOut(cause=cause, heartbeat=heartbeat):
            also = errors.HEARTBEAT_TIMEOUT if heartbeat else None
            yield from _failed(kind, "TimedOut", errors.TIMEOUT, cause, also)
        case Slept():
            raise TypeError("a task was answered Slept; answer it with what became of the task")
        case _:
            assert_never(outcome)


def _news(kind: Kind, outcome: Started | Submitted) -> Record:
    match outcome:
        case Started(worker_name=name):
            return kind.event("Started", **({} if name is None else {"workerName": name}))
        case Submitted(output=output):
            return kind.event("Submitted", output=output)


def _failed(kind: Kind, suffix: str, error: str | None, cause: str | None, also: str | None = None) -> Steps[Any]:
    """Records the failure and raises it, both with a name and a cause of a length that AWS keeps."""
    failure = StateError(error and error[:MAX_ERROR], cause and cause[:MAX_CAUSE], also=also)
    yield kind.failure(suffix, failure.error, failure.cause)
    raise failure


def _too_large(kind: Kind) -> str:
    name = kind.names.get("resourceType", kind.resource)
    return f"The state/task '{name}' returned a result with a size exceeding the maximum number of bytes service limit."
