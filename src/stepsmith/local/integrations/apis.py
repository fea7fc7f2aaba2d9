"""AWS's APIs as botocore describes them: a request made from a state's arguments, a result read from an answer.

    api = api_of("dynamodb")
    asked = api.request("PutItem", {"TableName": "t", "Item": {...}})     # Asked: method, path, query, headers, body
    answer = api.read("PutItem", Answered(200, headers, body))            # a JSON value, or a Failure

Names, types and places of members are those of the service model, written and read by botocore's own serializers and
parsers (they are loaded with the first call). What Step Functions makes of arguments and results: arguments.py,
results.py.
"""

from __future__ import annotations

import base64
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from stepsmith.asl.values import Json

if TYPE_CHECKING:
    from botocore.model import OperationModel

from .arguments import parameters
from .results import result


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to a service, unsigned. `scope` is the name that signatures have for the service."""

    scope: str
    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answered:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """An error of the API: its shape in the model where it has one, else its code, with the service's words."""

    code: str
    message: str
    status: int
    request_id: str
    is_modelled: bool


class Api:
    """One service, by botocore's name for it."""

    def __init__(self, client: str) -> None:
        import botocore.loaders
        from botocore import parsers, serialize
        from botocore.model import ServiceModel

        described = botocore.loaders.create_loader().load_service_model(client, "service-2")
        self._model = ServiceModel(described, client)
        self._serializer = serialize.create_serializer(self._model.resolved_protocol, include_validation=False)
        self._parser = parsers.create_parser(self._model.resolved_protocol)

    @property
    def id(self) -> str:
        """The service's id, from which SDKs take their names: ``CloudWatch Logs``."""
        return str(self._model.metadata["serviceId"])

    def request(self, action: str, arguments: Json) -> Asked:
        """The request that these arguments make. Raises BadArguments."""
        operation = self._operation(action)
        given = parameters(operation.input_shape, arguments)
        made = self._serializer.serialize_to_request(given, operation)
        body = _bytes(made["body"])
        headers = {**made["headers"], **_checksum(operation, body)}
        if isinstance(made["body"], dict):
            headers.setdefault("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
        path, _, fixed = made["url_path"].partition("?")
        query = "&".join(each for each in (fixed, _query(made["query_string"])) if each)
        return Asked(self._model.signing_name, made["method"], path, query, headers, body)

    def read(self, action: str, answered: Answered) -> Json | Failure:
        """The result as a state sees it, or what the service refused."""
        from botocore.awsrequest import HeadersDict

        operation = self._operation(action)
        is_stream = operation.has_streaming_output and answered.status < 300
        response = {
            "status_code": answered.status,
            "headers": HeadersDict(answered.headers),
            "body": io.BytesIO(answered.body) if is_stream else answered.body,
            "context": {"operation_name": action},
        }
        parsed = self._parser.parse(response, operation.output_shape)
        if answered.status < 300:
            return result(operation.output_shape, parsed)
        return self._failure(operation, answered, parsed)

    def is_read(self, action: str) -> bool:
        """Whether the action changes nothing, so that it may be asked again by whoever does not know how it ended."""
        return action.startswith(_READS) and action not in _HANDS_OUT

    def _operation(self, action: str) -> OperationModel:
        return self._model.operation_model(action)

    def _failure(self, operation: OperationModel, answered: Answered, parsed: Mapping[str, Any]) -> Failure:
        error = parsed.get("Error", {})
        # SQS tells an error's older name, too, which botocore prefers: the exception's class is that of the shape.
        code = str(error.get("QueryErrorCode") or error.get("Code") or answered.status)
        message = str(error.get("Message") or "")
        id = _request_id(answered.headers)
        shape = self._model.shape_for_error_code(code) or _only_one(operation, answered)
        return Failure(shape.name if shape else code, message, answered.status, id, shape is not None)


@cache
def api_of(client: str) -> Api:
    """The API of a service by botocore's name; read once, since it takes some milliseconds."""
    return Api(client)


_READS = ("BatchGet", "Describe", "Filter", "Get", "Head", "List", "Lookup", "Query", "Scan", "Search")
_HANDS_OUT = frozenset({"GetActivityTask"})
"""Whoever gets one has taken it from the others."""


def _only_one(operation: OperationModel, answered: Answered) -> Any:
    """The answer to a HEAD has no body, so its status must say which of the action's errors it is."""
    errors = operation.error_shapes
    return errors[0] if answered.status == 404 and not answered.body and len(errors) == 1 else None


def _checksum(operation: OperationModel, body: bytes) -> dict[str, str]:
    """The digest of the body that some actions of S3 ask for."""
    if not operation.http_checksum_required and not operation.http_checksum.get("requestChecksumRequired"):
        return {}
    return {"Content-MD5": base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()}


def _bytes(body: Any) -> bytes:
    """The body: a form of the query protocol is still a mapping."""
    match body:
        case dict():
            return urlencode(body, doseq=True, quote_via=quote).encode()
        case str():
            return body.encode()
        case _:
            return bytes(body)


def _query(given: Any) -> str:
    return given if isinstance(given, str) else urlencode(given, doseq=True, quote_via=quote, safe="~")


def _request_id(headers: Mapping[str, str]) -> str:
    found = {name.lower(): value for name, value in headers.items()}
    return found.get("x-amzn-requestid") or found.get("x-amz-request-id") or ""
