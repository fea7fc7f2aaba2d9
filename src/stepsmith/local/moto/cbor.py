"""Smithy's RPC v2 in CBOR, which newer SDKs (Go's) speak with CloudWatch: moto's JSON, in other bytes.

Path, headers and types are those of https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html: a timestamp is
tagged and bytes are bytes, where JSON has a number and base64. cbor2 is imported with the first such request.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any

import orjson

from stepsmith.local import service_model

from .faults import CBOR, JSON, Answer, Fault
from .services import Served

NAME = "smithy-rpc-v2-cbor"
"""In the models' lists of protocols."""
EPOCH = 1
"""The tag of a time in seconds, RFC 8949."""


def is_spoken(headers: Mapping[str, str]) -> bool:
    """Whether headers (their names lower-case) are those of a request in this protocol."""
    return headers.get("smithy-protocol") == CBOR["smithy-protocol"]


def in_json(headers: Mapping[str, str], path: str, body: bytes) -> tuple[dict[str, str], str, bytes]:
    """Headers, path and body of the same request in JSON. Fault: it cannot be read."""
    match path.strip("/").split("/"):
        case ["service", target, "operation", operation]:
            others = {name: value for name, value in headers.items() if name != "smithy-protocol"}
            return {**others, "x-amz-target": f"{target}.{operation}", "content-type": JSON}, "/", _json(body)
        case _:
            raise Fault("UnknownOperationException", f"{path[:100]!r} is no operation.", 404)


def in_cbor(answer: Answer, served: Served, operation: str) -> Answer:
    """The operation's answer, or its error, as a client of this protocol reads it."""
    import cbor2

    of, shapes = _outputs(served)
    found = orjson.loads(answer.body or b"{}")
    typed = found if answer.status >= 300 else _typed(found, of.get(operation, ""), shapes)
    return Answer(answer.status, {**answer.headers, **CBOR}, cbor2.dumps(typed))


def _json(body: bytes) -> bytes:
    import cbor2

    try:
        given = cbor2.loads(body) if body else {}
        return orjson.dumps(given, default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)
    except (cbor2.CBORDecodeError, TypeError, RecursionError) as error:
        raise Fault("SerializationException", f"The request's body cannot be read as CBOR: {error}") from None


def _plain(value: object) -> object:
    match value:
        case datetime():
            return value.timestamp()
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            raise TypeError(f"{type(value).__name__} is no value of AWS's")


@cache
def _outputs(served: Served) -> tuple[Mapping[str, str], Mapping[str, Any]]:
    """The names of the operations' output shapes, and all shapes of the service's model."""
    given = service_model.read(f"{served.name}/{served.model}")
    return {name: of.get("output", {}).get("shape", "") for name, of in given["operations"].items()}, given["shapes"]


def _typed(value: Any, name: str, shapes: Mapping[str, Any]) -> Any:
    """A value of JSON as the model's shape of this name has it."""
    shape = shapes.get(name, {"type": "structure", "members": {}})
    match shape["type"], value:
        case "structure", dict():
            members = shape["members"]
            known = {key: each for key, each in value.items() if key in members and each is not None}
            return {key: _typed(each, members[key]["shape"], shapes) for key, each in known.items()}
        case "map", dict():
            return {key: _typed(each, shape["value"]["shape"], shapes) for key, each in value.items()}
        case "list", list():
            return [_typed(each, shape["member"]["shape"], shapes) for each in value]
        case "timestamp", int() | float():
            import cbor2

            return cbor2.CBORTag(EPOCH, value)
        case "double" | "float", int():
            return float(value)
        case "blob", str():
            return base64.b64decode(value)
        case _:
            return value
