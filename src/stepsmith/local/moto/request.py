"""A request to one of moto's services as a value, and which operation it asks for.

The operation is in the target (JSON), in the form's Action (query) or in the path (REST, CBOR). A service may speak
several protocols (CloudWatch: boto3 sends JSON, Terraform forms, Go's SDK CBOR), so the request says which. Whether it
changes anything is in the operation's name, as AWS names operations: what only reads needs no record.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, parse_qsl

import orjson

from . import cbor
from .faults import Fault, Protocol
from .services import Served, model

MAX_BYTES = 16 * 1024**2  # a BatchWriteItem; the other services say less
FORM = "application/x-www-form-urlencoded"
READS = (
    *("BatchGet", "Check", "Decode", "Decrypt", "Describe", "Encrypt", "Filter", "GenerateData", "GenerateMac"),
    *("GenerateRandom", "Get", "List", "Lookup", "Query", "Scan", "Search", "Sign", "Simulate", "Test", "Validate"),
    "Verify",
)
_GZIP = 16 + zlib.MAX_WBITS
"""As zlib has it told."""


@dataclass(frozen=True, slots=True)
class Request:
    """`path` has the query; header names are lower-case. `operation` is empty for S3, which needs none."""

    served: Served
    operation: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_read(self) -> bool:
        return self.method in ("GET", "HEAD") or self.operation.startswith(READS)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What the request says: the members of its JSON, or the fields of its form."""
        given = _read(self.body)
        if isinstance(given, dict):
            return given
        return dict(parse_qsl(self.body.decode("utf-8", "replace") or self.path.partition("?")[2]))


def understood(served: Served, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Request:
    """The request, its operation named. Fault: the service has no such operation, or the body is unreadable."""
    lower = {name.lower(): value for name, value in headers.items()}
    if lower.get("content-encoding") == "gzip":
        del lower["content-encoding"]
        body = _unpacked(body)
    if cbor.is_spoken(lower) and cbor.NAME in model(served).protocols:
        lower, path, body = cbor.in_json(lower, path, body)
    return Request(served, _operation(served, method, path, lower, body), method, path, lower, body)


def of_json(served: Served, operation: str, parameters: Mapping[str, Any]) -> Request:
    """The request for an operation, of a service that speaks JSON. Fault: the service has no such operation."""
    headers = {"x-amz-target": f"{model(served).target}.{operation}", "content-type": "application/x-amz-json-1.0"}
    return understood(served, "POST", "/", headers, orjson.dumps(parameters))


def protocol(served: Served, headers: Mapping[str, str]) -> Protocol:
    """What a client that sends such headers (their names lower-case) reads."""
    if served.name == "s3":
        return "s3"
    if cbor.is_spoken(headers):
        return "cbor"
    is_form = "x-amz-target" not in headers and headers.get("content-type", "").startswith(FORM)
    return "query" if is_form else "json"


def _operation(served: Served, method: str, path: str, headers: Mapping[str, str], body: bytes) -> str:
    if served.name == "s3":
        return ""
    if "smithy-protocol" in headers:
        said = f"{headers['smithy-protocol'][:40]!r} is not spoken with {served.name} here: say it in JSON or a form."
        raise Fault("UnsupportedOperationException", said, 501)
    if "x-amz-target" in headers:
        return _by_target(served, headers["x-amz-target"], body)
    if protocol(served, headers) == "query" or "Action=" in path:
        return _by_form(served, body.decode("utf-8", "replace") or path.partition("?")[2])
    return _by_path(served, method, path.partition("?")[0])


def _by_target(served: Served, target: str, body: bytes) -> str:
    prefix, _, name = target.rpartition(".")
    if prefix != model(served).target or name not in model(served).operations:
        raise Fault("UnknownOperationException", f"{target[:100]!r} is no operation of {served.name}.")
    if body and not isinstance(_read(body), dict):
        raise Fault("SerializationException", "The request's body is no JSON object.")
    return name


def _by_form(served: Served, form: str) -> str:
    name = parse_qs(form).get("Action", [""])[0]
    if name not in model(served).operations:
        raise Fault("InvalidAction", f"Could not find operation {name[:100]} for version {served.model}")
    return name


def _by_path(served: Served, method: str, path: str) -> str:
    name = model(served).paths.get((method, path))
    if name is None:
        raise Fault("UnknownOperationException", f"{method} {path[:100]!r} is no operation of {served.name}.", 404)
    return name


def _unpacked(body: bytes) -> bytes:
    """What a client packed: SDKs do so with a PutMetricData of more than 10 KB."""
    packed = zlib.decompressobj(wbits=_GZIP)
    try:
        found = packed.decompress(body, MAX_BYTES)
    except zlib.error as error:
        raise Fault("SerializationException", f"The request's body is no gzip: {error}") from None
    if len(found) == MAX_BYTES:
        raise Fault("RequestEntityTooLarge", f"Unpacked, the request's body has {MAX_BYTES:,} bytes or more.", 413)
    if not packed.eof:
        raise Fault("SerializationException", "The request's body is gzip that ends too soon.")
    return found


def _read(body: bytes) -> Any:
    """The JSON, None where it is none."""
    try:
        return orjson.loads(body)
    except ValueError:
        return None
