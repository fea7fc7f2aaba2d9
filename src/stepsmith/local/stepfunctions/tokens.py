"""Tasks that clients end: SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat, and the long poll of workers.

A worker that hangs up while it waits loses no task: its place in the queue goes with the request, and a task that was
just handed to it is the next one again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from stepsmith.local.errors import InvalidToken, RunIsFinished, TaskDoesNotExist, TaskTimedOut
from stepsmith.local.packing import decode, encode

from .api import Answer, Api
from .errors import NO_JSON, invalid_output, invalid_task_token, task_does_not_exist, task_timed_out, validation
from .executions import told

MAX_OUTPUT_BYTES = 262_144


@contextmanager
def _answered() -> Iterator[None]:
    with told():
        try:
            yield
        except InvalidToken as error:
            raise invalid_task_token() from error
        except TaskDoesNotExist as error:
            raise task_does_not_exist() from error
        except (TaskTimedOut, RunIsFinished) as error:
            raise task_timed_out() from error


def send_task_success(api: Api, given: dict[str, Any]) -> Answer:
    text = given["output"].encode()
    if len(text) > MAX_OUTPUT_BYTES:
        raise validation(
            "1 validation error detected: Value at 'output' failed to satisfy constraint: Member must have length less"
            f" than or equal to {MAX_OUTPUT_BYTES}"
        )
    try:
        output = decode(text)
    except ValueError as error:
        raise invalid_output(NO_JSON) from error
    with _answered():
        api.runtime.tokens.success(given["taskToken"], output)
    return {}


def send_task_failure(api: Api, given: dict[str, Any]) -> Answer:
    with _answered():
        api.runtime.tokens.failure(given["taskToken"], given.get("error"), given.get("cause"))
    return {}


def send_task_heartbeat(api: Api, given: dict[str, Any]) -> Answer:
    with _answered():
        api.runtime.tokens.heartbeat(given["taskToken"])
    return {}


async def get_activity_task(api: Api, given: dict[str, Any]) -> Answer:
    """An empty answer when no task came within a minute."""
    activity = api.catalog.activities.get(given["activityArn"])
    with told():
        task = await api.runtime.tokens.get_activity_task(activity.arn, given.get("workerName"))
    if task is None:
        return {}
    return {"taskToken": task.token, "input": (task.text or encode(task.input)).decode()}
