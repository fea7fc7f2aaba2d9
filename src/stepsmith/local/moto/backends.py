"""moto's backends, called in this process: no server, no sockets, no patched clients.

    answer = backends.answer(request)        # a Request of ours -> Answer, by moto's own handlers
    backends.of("iam")                       # the object that holds the service's state

moto is imported when the first request comes, and each service when it is first asked for (docs/aws.md has the costs).
Its handlers take a request as werkzeug has it and answer (status, headers, body). All of moto's state is in module
globals, so there is one of it in a process: `LOCK` is held by whoever calls it. One account and one region, whatever a
signature says.
"""

import functools
import importlib
import logging
import os
import re
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping
from importlib.metadata import version
from types import ModuleType
from typing import Any

from stepsmith.local.roles.permissions import ACCOUNT, REGION

from . import gaps
from .faults import Answer, Fault
from .request import Request
from .services import SERVICES

LOCK = threading.RLock()
PARTITION = "aws"
_LOG = logging.getLogger("stepsmith.local.moto")

Handler = Callable[[Any, str, Any], tuple[int, Mapping[str, Any], str | bytes]]


def of(name: str) -> Any:
    """The backend of a service (moto's object) in our account and region, made on first use."""
    accounts = _accounts(name)
    return accounts[ACCOUNT][PARTITION if SERVICES[name].is_global else REGION]


def at(name: str, account: str, region: str) -> Any:
    """The backend of a service, wherever it says that it is."""
    return _accounts(name)[account][region]


def forget(name: str) -> None:
    """Drops whatever the service holds in memory."""
    _accounts(name).clear()


def random_name() -> str:
    """Sixteen letters and digits, for an ARN of which moto makes none."""
    from moto.moto_api._internal import mock_random

    return mock_random.get_random_string(16).upper()


def random_id() -> str:
    """A UUID as moto makes them."""
    from moto.moto_api._internal import mock_random

    return str(mock_random.uuid4())


def answer(request: Request, host: str) -> Answer:
    """moto's answer; `host` stands in URLs that it makes (of queues). Fault: moto does not do this, or broke on it."""
    try:
        return _plain(*_called(request, host))
    except (NotImplementedError, ModuleNotFoundError) as error:  # it wants further packages for a few actions
        what = f"{request.served.name} {request.operation or request.method}"
        said = (
            f"{what} is not part of this endpoint (moto {version('moto')} lacks it: {error}); docs/aws.md has a list."
        )
        raise Fault("UnsupportedOperationException", said, 501) from None
    except Exception as error:  # noqa: BLE001 - whatever a library's defect is, the client gets an answer
        _LOG.warning("moto broke on %s %s: %r", request.served.name, request.operation, error, exc_info=_is_verbose())
        raise Fault("InternalFailure", f"moto could not answer this request: {error!r}", 500) from None


def _called(request: Request, host: str) -> tuple[int, Mapping[str, Any], str | bytes]:
    from moto.core.request import Request as Wanted
    from werkzeug.exceptions import HTTPException

    name = request.served.name
    gaps.prepare(request, of(name))
    handler = gaps.handler(name, request.operation) or _handler(name, request.path.partition("?")[0])
    made = Wanted.from_primitives(request.method, f"http://{host}{request.path}", _headers(request, host), request.body)
    try:
        return handler(made, made.raw_url, made.headers)
    except HTTPException as error:
        return error.code or 500, dict(error.get_headers()), error.get_body()


def _headers(request: Request, host: str) -> dict[str, str]:
    """Those of the request but for who signed it, which this endpoint knows, and for which region."""
    kept = {name: value for name, value in request.headers.items() if name not in _OURS}
    scope = f"AKIAIOSFODNN7EXAMPLE/20200101/{REGION}/{request.served.signed_as}/aws4_request"
    signed = {"host": host, "x-moto-account-id": ACCOUNT, "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, "}
    return {**kept, **signed}


def _plain(status: int, headers: Mapping[str, Any], body: str | bytes) -> Answer:
    kept = {str(name): str(value) for name, value in headers.items() if str(name).lower() not in _NOT_ANSWERED}
    return Answer(int(status), kept, body.encode() if isinstance(body, str) else body)


@functools.cache
def _paths(name: str) -> tuple[tuple[re.Pattern[str], Handler], ...]:
    """moto's table of paths, without the host names that it has in front of them."""
    table: Mapping[str, Handler] = importlib.import_module(f"moto.{name}.urls").url_paths
    return tuple((re.compile(path.replace("{0}", "")), handler) for path, handler in table.items())


def _handler(name: str, path: str) -> Handler:
    found = next((handler for pattern, handler in _paths(name) if pattern.match(path)), None)
    if found is None:
        raise NotImplementedError(path)
    return found


@functools.cache
def _accounts(name: str) -> Any:
    """The service's BackendDict, of every account and region."""
    os.environ.pop("MOTO_ACCOUNT_ID", None)  # it would win over the account that a request says
    _without_ec2()
    from moto.backends import get_backend
    from moto.core.model_instances import model_data

    found = get_backend(name)  # type: ignore[call-overload]  # a literal of every service that moto has
    for each in (model for models in model_data.values() for model in models.values()):
        setattr(each, "instances_tracked", deque(maxlen=0))  # noqa: B010 - moto would remember whatever it ever made
    return found


def _without_ec2() -> None:
    """moto's SSM imports its EC2 (4 s and 115 MB) to send commands to instances, of which there are none here."""
    if "moto.ec2" not in sys.modules:
        absent = ModuleType("moto.ec2", "Left out by stepsmith.local.moto: no instances on a laptop.")
        absent.ec2_backends = {}  # type: ignore[attr-defined]
        sys.modules["moto.ec2"] = absent


def _is_verbose() -> bool:
    return _LOG.isEnabledFor(logging.DEBUG)


_OURS = frozenset({"host", "authorization", "x-amz-security-token", "user-agent", "content-length", "expect"})
_NOT_ANSWERED = frozenset({"status", "server", "date", "content-length", "connection", "x-amzn-requestid"})
