"""From history events to steps."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from stepsmith.contracts import ApprovalRequest, ContractError, ModelAnswer, RunOutput, ToolResult

from .steps import (
    Asked,
    Began,
    Ended,
    Failed,
    ModelAnswered,
    ModelAsked,
    Retried,
    Step,
    ToolAnswered,
    ToolCalled,
    Waited,
)
from .trace import Trace

Event = Mapping[str, Any]
About = ModelAsked | ToolCalled | Asked
"""What the events of a task can be about."""
VENDOR_WAIT = "Wait for the vendor"
"""The state in which a run is patient with a model; another Wait is beside a request for approval."""


class Reader:
    """Reads events one by one, in the order of the history; `trace` is what they tell so far."""

    def __init__(self) -> None:
        self.trace = Trace()
        self._tasks: dict[int, About] = {}  # What a task's events are about, by the event's id.

    def read(self, event: Event) -> tuple[Step, ...]:
        """The steps that one event (GetExecutionHistory's JSON) tells of: mostly none, sometimes one."""
        steps = tuple(self._steps(event))
        for step in steps:
            self.trace = self.trace.after(step)
            if isinstance(step, About):
                self._tasks[event["id"]] = step
        self._follow(event)
        return steps

    def _follow(self, event: Event) -> None:
        """A task's events each name the one before: scheduled, started, submitted, succeeded or failed."""
        about = self._tasks.pop(event.get("previousEventId", 0), None) if event["type"] in _OF_A_TASK else None
        if about is not None:
            self._tasks[event["id"]] = about

    def _steps(self, event: Event) -> Iterator[Step]:
        at = float(event["timestamp"])
        details: Event = next((value for name, value in event.items() if name.endswith("EventDetails")), {})
        match event["type"]:
            case "ExecutionStarted":
                yield Began(at, _parsed(details.get("input")))
            case "TaskScheduled" | "LambdaFunctionScheduled":
                yield from _asked(at, _payload(details))
            case "ActivityScheduled":
                yield from _approval(at, _parsed(details.get("input")), details.get("resource"))
            case "TaskSucceeded" | "LambdaFunctionSucceeded":
                yield from self._answered(at, event, _payload(details))
            case "TaskFailed" | "TaskTimedOut" | "LambdaFunctionFailed" | "LambdaFunctionTimedOut" | "ActivityTimedOut":
                yield Retried(at, _named(self._about(event)), details.get("error", ""), details.get("cause", ""))
            case "WaitStateEntered" if details.get("name") == VENDOR_WAIT:
                yield Waited(at)
            case "TaskStateExited" | "SucceedStateExited" | "PassStateExited":
                yield from _result(at, _parsed(details.get("output")))
            case "ExecutionSucceeded":
                yield _end(at, _parsed(details.get("output")))
            case "ExecutionFailed" | "ExecutionTimedOut" | "ExecutionAborted" as ended:
                status = {"ExecutionTimedOut": "TIMED_OUT"}.get(ended, ended.removeprefix("Execution").upper())
                yield Failed(at, status, details.get("error", ""), details.get("cause", ""))

    def _answered(self, at: float, event: Event, payload: Any) -> Iterator[Step]:
        """Only what was asked of a model is a model's answer: a tool may say what it likes."""
        asked = self._about(event)
        if isinstance(asked, ModelAsked):
            with suppress(ContractError):  # An answer out of contract fails the run; its own event says so.
                yield ModelAnswered(at, asked.turn, ModelAnswer.from_json(payload))

    def _about(self, event: Event) -> About | None:
        return self._tasks.get(event.get("previousEventId", 0))


_OF_A_TASK = frozenset({"TaskStarted", "TaskSubmitted", "LambdaFunctionStarted"})


def _asked(at: float, payload: Any) -> Iterator[About]:
    match payload:
        case {"model": str(model), "turn": int(turn), "transcript": _}:
            yield ModelAsked(at, turn, model)
        case {"id": str(id), "name": str(name), "input": Mapping() as input, "context": _}:
            yield ToolCalled(at, id, name, input)
        case {"Input": {"metadata": {"tool_use_id": str(id)}} as input, "StateMachineArn": str(arn)}:
            yield ToolCalled(at, id, arn.rpartition(":")[2], {"prompt": input.get("prompt")})
        case {"TableName": str(), "Item": {"request": {"S": str(request)}, "task_token": _}}:
            yield from _approval(at, _parsed(request))


def _approval(at: float, request: Any, activity: str | None = None) -> Iterator[Asked]:
    with suppress(ContractError):  # An activity may be asked for something else than an approval.
        yield Asked(at, ApprovalRequest.from_json(request), activity)


def _named(about: About | None) -> str:
    match about:
        case ModelAsked(model=model):
            return model
        case ToolCalled(name=name):
            return name
        case Asked(request=request):
            return f"approval of {request.tool}"
        case None:
            return ""


def read(events: Iterable[Event]) -> Trace:
    """A whole history as a trace."""
    reader = Reader()
    for event in events:
        reader.read(event)
    return reader.trace


def _result(at: float, output: Any) -> Iterator[Step]:
    if isinstance(output, Mapping) and output.get("type") == "tool_result":
        with suppress(ContractError):  # The machine makes results itself; what only looks like one is not ours.
            yield ToolAnswered(at, ToolResult.from_json(output))


def _end(at: float, output: Any) -> Step:
    try:
        return Ended(at, RunOutput.from_json(output))
    except ContractError as error:
        return Failed(at, "FAILED", "ContractError", f"The machine's output is not a run output: {error}")


def _payload(details: Mapping[str, Any]) -> Any:
    """What a Lambda was sent or answered: inside the optimised integration's envelope, or plain."""
    value = _parsed(details.get("parameters") or details.get("output") or details.get("input"))
    return value.get("Payload", value) if isinstance(value, Mapping) else value


def _parsed(text: Any) -> Any:
    try:
        return json.loads(text) if isinstance(text, str) else text
    except ValueError:
        return None
