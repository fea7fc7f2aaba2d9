"""The table of integrations: which resource is performed how.

A new one is a row at the foot of the table. After a crash an integration takes a task up again by `recover`: a Lambda
call has an unknown outcome and fails as AWS's client would report it, so that the machine's own Retry and Catch decide;
tokens, activities and children stay what they were.
"""

import asyncio
import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stepsmith import lambdas
from stepsmith.asl import MAX_BYTES, outcome
from stepsmith.local.functions import Functions
from stepsmith.local.nested import Executions, Nested
from stepsmith.local.packing import encode
from stepsmith.local.run import Stop, Task
from stepsmith.local.tokens import Tokens

Begin = Callable[[Task], Stop]

STATES = "arn:aws[a-z-]*:states:::"
"""What the resources of Step Functions' own integrations begin with."""

UNKNOWN_OUTCOME = outcome.Failed(
    "Lambda.SdkClientException",
    "The process that made this call ended before the answer was recorded: the outcome is unknown.",
)


@dataclass(frozen=True, slots=True)
class Integration:
    """How tasks of a kind begin, and how they go on after a crash."""

    resource: re.Pattern[str]
    perform: Begin
    recover: Begin


class Integrations:
    """Performs every Invoke by the first row whose pattern is the whole resource."""

    def __init__(self, functions: Functions, executions: Executions, tokens: Tokens) -> None:
        calls, nested = _Calls(functions, tokens), Nested(executions)
        self._rows = (
            _row(rf"{STATES}lambda:invoke", calls.invoke, calls.lost),
            _row(rf"{STATES}lambda:invoke\.waitForTaskToken", calls.invoke_and_wait, calls.lost_or_waiting),
            _row(r"arn:aws[a-z-]*:lambda:[^:]+:[0-9]+:function:.+", calls.function, calls.lost),
            _row(rf"{STATES}states:startExecution(\.sync(:2)?)?", nested.perform, nested.perform),
            _row(r"arn:aws[a-z-]*:states:[^:]+:[0-9]+:activity:.+", *_activity(tokens)),
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
        return _nothing


def _row(resource: str, perform: Begin, recover: Begin) -> Integration:
    return Integration(re.compile(resource, re.DOTALL), perform, recover)


class _Calls:
    """Lambda: `lambda:invoke` answers an envelope around the payload, a function's own ARN the payload itself."""

    def __init__(self, functions: Functions, tokens: Tokens) -> None:
        self._functions = functions
        self._tokens = tokens

    def function(self, task: Task) -> Stop:
        return self._begin(task, task.invoke.resource, task.invoke.arguments, _payload_alone, task.settle)

    def invoke(self, task: Task) -> Stop:
        name, payload = _function_and_payload(task)
        return self._begin(task, name, payload, _envelope, task.settle)

    def invoke_and_wait(self, task: Task) -> Stop:
        """The token may be answered while the function still runs."""

        def submit(result: outcome.Outcome) -> None:
            task.settle(outcome.Submitted(result.result) if isinstance(result, outcome.Succeeded) else result)

        name, payload = _function_and_payload(task)
        return _both(self._tokens.wait(task), self._begin(task, name, payload, _envelope, submit))

    def lost(self, task: Task) -> Stop:
        task.settle_soon(UNKNOWN_OUTCOME)
        return _nothing

    def lost_or_waiting(self, task: Task) -> Stop:
        return self.lost(task) if task.news is None else self._tokens.wait(task)

    def _begin(
        self, task: Task, name: str, payload: Any, shape: "Shape", settle: Callable[[outcome.Outcome], None]
    ) -> Stop:
        arn = self._functions.find(name)
        if arn is None:
            task.settle_soon(outcome.Failed("Lambda.ResourceNotFoundException", f"Function not found: {name}"))
            return _nothing
        work = asyncio.get_running_loop().create_task(self._call(task, arn, payload, shape))
        work.add_done_callback(lambda done: None if done.cancelled() else settle(done.result()))
        return lambda: _cancel(work)

    async def _call(self, task: Task, arn: str, payload: Any, shape: "Shape") -> outcome.Outcome:
        request_id = str(uuid.uuid4())
        try:
            answer = await self._functions.invoke(arn, payload, request_id)
            if not isinstance(answer, outcome.Succeeded):
                return answer
            return _bounded(task.invoke.resource, shape(answer.result, request_id))
        except lambdas.NotRunnable as error:
            return outcome.Failed("Lambda.ResourceNotReadyException", str(error))
        except Exception as error:  # noqa: BLE001 - whatever it was, the task must have its end
            return outcome.Failed("Lambda.Unknown", f"{arn} could not be called: {error!r}")


Shape = Callable[[Any, str], Any]


def _payload_alone(payload: Any, request_id: str) -> Any:
    return payload


def _envelope(payload: Any, request_id: str) -> dict[str, Any]:
    """What `lambda:invoke` answers, without the HTTP headers that AWS adds."""
    return {
        "ExecutedVersion": "$LATEST",
        "Payload": payload,
        "SdkHttpMetadata": {"HttpStatusCode": 200},
        "SdkResponseMetadata": {"RequestId": request_id},
        "StatusCode": 200,
    }


def _bounded(resource: str, result: Any) -> outcome.Outcome:
    """A result over the bound is refused, in AWS's words, before it is recorded."""
    if len(encode(result)) <= MAX_BYTES:
        return outcome.Succeeded(result)
    size = "a size exceeding the maximum number of bytes service limit"
    return outcome.Failed("States.DataLimitExceeded", f"The state/task '{resource}' returned a result with {size}.")


def _function_and_payload(task: Task) -> tuple[str, Any]:
    arguments = task.invoke.arguments
    return str(arguments.get("FunctionName")), arguments.get("Payload", {})


def _activity(tokens: Tokens) -> tuple[Begin, Begin]:
    """A worker that took the task before a crash still holds its token; other tasks wait for a worker again."""

    def perform(task: Task) -> Stop:
        return tokens.offer(task.invoke.resource, task)

    def recover(task: Task) -> Stop:
        return perform(task) if task.news is None else tokens.wait(task)

    return perform, recover


def _unknown(task: Task) -> Stop:
    known = "see the table in stepsmith/local/integrations.py"
    cause = f"The local runtime does not know the integration {task.invoke.resource!r}; {known}."
    task.settle_soon(outcome.ScheduleFailed("States.Runtime", cause))
    return _nothing


def _both(first: Stop, second: Stop) -> Stop:
    def stop() -> None:
        first()
        second()

    return stop


def _cancel(work: asyncio.Task[outcome.Outcome]) -> None:
    work.cancel()


def _nothing() -> None:
    """Stops a task that has nothing to stop."""
