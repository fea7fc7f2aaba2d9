"""The table of integrations: a new one is a row."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from stepsmith.asl import outcome
from stepsmith.local.functions import Events, Functions
from stepsmith.local.integrations.activities import Activities
from stepsmith.local.integrations.aws_lambda import Calls
from stepsmith.local.integrations.door import Door
from stepsmith.local.integrations.sdk import OPTIMISED_CALL, SDK, ServiceCalls
from stepsmith.local.nested import Executions, Nested
from stepsmith.local.packing import encode
from stepsmith.local.run import Stop, Task, nothing
from stepsmith.local.tokens import Tokens

Begin = Callable[[Task], Stop]

STATES = r"arn:aws[a-z-]*:states:::"
"""What the resources of Step Functions' own integrations begin with."""
INVOKE = rf"{STATES}lambda:invoke"
INVOKE_AND_WAIT = rf"{STATES}lambda:invoke\.waitForTaskToken"
FUNCTION = r"arn:aws[a-z-]*:lambda:[^:]+:[0-9]+:function:.+"
EXECUTION = rf"{STATES}states:startExecution(\.sync(:2)?)?"
ACTIVITY = r"arn:aws[a-z-]*:states:[^:]+:[0-9]+:activity:.+"


@dataclass(frozen=True, slots=True)
class Integration:
    """How tasks of a kind begin, and how they go on after a crash."""

    resource: re.Pattern[str]
    perform: Begin
    recover: Begin


class Integrations:
    """Performs every Invoke by the first row whose pattern is the whole resource."""

    def __init__(
        self, functions: Functions, events: Events, executions: Executions, tokens: Tokens, door: Door
    ) -> None:
        calls, nested = Calls(functions, events, tokens, door.rights), Nested(executions, door.rights)
        activities, services = Activities(tokens), ServiceCalls(door, tokens)
        self._rows = (
            _row(INVOKE, calls.invoke, calls.lost),
            _row(INVOKE_AND_WAIT, calls.invoke_and_wait, calls.lost_or_waiting),
            _row(FUNCTION, calls.function, calls.lost),
            _row(EXECUTION, nested.perform, nested.perform),
            _row(ACTIVITY, activities.perform, activities.recover),
            _row(SDK, services.perform, services.recover),
            _row(OPTIMISED_CALL, services.perform, services.recover),
            _row(r".*", _unknown, _unknown),
        )

    def perform(self, task: Task) -> Stop:
        return _begun(self._row(task).perform, task)

    def recover(self, task: Task) -> Stop:
        return _begun(self._row(task).recover, task)

    def _row(self, task: Task) -> Integration:
        return next(row for row in self._rows if row.resource.fullmatch(task.invoke.resource))


def _begun(begin: Begin, task: Task) -> Stop:
    """Arguments that an integration cannot read (a list, a number for a name) are the machine's error: the task must
    have its end, in AWS's words for it."""
    try:
        return begin(task)
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        shown = encode(task.invoke.arguments).decode()[:200]
        cause = f"The Parameters {shown!r} could not be used to start the Task: {error}"
        task.settle_soon(outcome.ScheduleFailed("States.Runtime", cause))
        return nothing


def _row(resource: str, perform: Begin, recover: Begin) -> Integration:
    return Integration(re.compile(resource, re.DOTALL), perform, recover)


def _unknown(task: Task) -> Stop:
    task.settle_soon(outcome.ScheduleFailed("States.Runtime", not_recognized(task.invoke.resource)))
    return nothing


def not_recognized(resource: str) -> str:
    """AWS's words, then what this machine has."""
    known = "aws-sdk, lambda:invoke, states:startExecution, dynamodb, sns, sqs, events:putEvents, functions, activities"
    return f"The resource provided {resource} is not recognized. The value is not a valid resource ARN here: {known}."
