"""The API as `aws-sdk:sfn:*` integrations call it: by the SDK's names, answered by the very same actions.

    runtime.services["sfn"] = service(api)          # integrations/sdk.py

An SDK's members begin with a capital (`StateMachineArn`), the wire's do not; its times are texts, its exceptions end in
`Exception`. JSON documents (`Input`, `Output`, `Definition`) may be given as values.
"""

from datetime import UTC, datetime
from functools import partial
from typing import Any

from stepsmith.local.integrations import Action, SdkError
from stepsmith.local.packing import decode, encode

from .actions import ACTIONS
from .api import Api
from .protocol import answer
from .shapes import TARGET

DOCUMENTS = frozenset({"input", "output", "definition"})
TIMES = ("Date", "Timestamp")


def service(api: Api) -> dict[str, Action]:
    """Every action of the API, by its name in a resource: `describeExecution`."""
    return {_small(name): partial(_call, api, name) for name in ACTIONS}


async def _call(api: Api, name: str, arguments: dict[str, Any]) -> Any:
    status, body = await answer(api, f"{TARGET}.{name}", encode(_sent(arguments)))
    answered = decode(body)
    if status == 200:
        return _received(answered)
    code = answered["__type"].removesuffix("Exception")
    raise SdkError(f"{code}Exception", answered.get("message", ""), status)


def _sent(value: Any) -> Any:
    match value:
        case dict():
            return {_small(name): _document(_small(name), _sent(each)) for name, each in value.items()}
        case list():
            return [_sent(each) for each in value]
        case _:
            return value


def _document(name: str, value: Any) -> Any:
    return encode(value).decode() if name in DOCUMENTS and not isinstance(value, str) else value


def _received(value: Any) -> Any:
    match value:
        case dict():
            return {_capital(name): _time(name, _received(each)) for name, each in value.items()}
        case list():
            return [_received(each) for each in value]
        case _:
            return value


def _time(name: str, value: Any) -> Any:
    """RFC 3339 in UTC, as Step Functions writes an SDK's times."""
    if not isinstance(value, int | float) or isinstance(value, bool) or not _capital(name).endswith(TIMES):
        return value
    return datetime.fromtimestamp(value, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _small(name: str) -> str:
    return name[:1].lower() + name[1:]


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
