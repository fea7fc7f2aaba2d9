"""AWS JSON 1.0: a target and a body in, a status and a body out.

    status, body = await answer(api, "AWSStepFunctions.DescribeExecution", b'{"executionArn": "..."}')

See "AWS JSON 1.0 protocol" of Smithy. Errors are `{"__type": CODE, "message": TEXT}`. What an action raises besides an
ApiError is a defect: it is logged with its traceback, and the client gets an InternalFailure.
"""

import inspect
import logging
from typing import Any

import orjson

from stepsmith.local.catalog import CatalogError
from stepsmith.local.errors import StoreError

from .actions import ACTIONS
from .api import Api
from .errors import ApiError, internal, not_here_yet, serialization, unknown_operation
from .shapes import TARGET, checked, operations

CONTENT_TYPE = "application/x-amz-json-1.0"

_LOG = logging.getLogger("stepsmith.local.stepfunctions")


def operation(target: str) -> str:
    """The action that `X-Amz-Target` names. UnknownOperationException for another service's or none."""
    service, _, name = target.partition(".")
    if service != TARGET or name not in operations():
        raise unknown_operation(target)
    return name


async def answer(api: Api, target: str, body: bytes) -> tuple[int, bytes]:
    """HTTP status and body. Never raises but when it is cancelled."""
    try:
        name = operation(target)
        given = checked(operations()[name], _parsed(body))
        return 200, orjson.dumps(present(await _act(api, name, given)))
    except ApiError as error:
        return refusal(error)
    except CatalogError as error:
        return refusal(ApiError(error.code, str(error), error.status, **error.members))
    except StoreError as error:
        return refusal(ApiError("ServiceUnavailable", str(error), 503))
    except Exception:  # noqa: BLE001 - whatever a defect is, the client gets an answer
        _LOG.exception("%s broke", target)
        return refusal(internal())


async def _act(api: Api, name: str, given: dict[str, Any]) -> dict[str, Any]:
    if name not in ACTIONS:
        raise not_here_yet(name)
    answered = ACTIONS[name](api, given)
    return await answered if inspect.isawaitable(answered) else answered


def refusal(error: ApiError) -> tuple[int, bytes]:
    return error.status, orjson.dumps({"__type": error.code, "message": error.message, **error.members})


def present(value: Any) -> Any:
    """The value without members that are None."""
    match value:
        case dict():
            return {name: present(each) for name, each in value.items() if each is not None}
        case list() | tuple():
            return [present(each) for each in value]
        case _:
            return value


def _parsed(body: bytes) -> Any:
    """An empty body is an empty request; anything but a JSON object is refused."""
    try:
        value = orjson.loads(body) if body else {}
    except ValueError:
        raise serialization("The body of the request is no JSON.") from None
    if not isinstance(value, dict):
        raise serialization("The body of the request must be a JSON object.")
    return value
