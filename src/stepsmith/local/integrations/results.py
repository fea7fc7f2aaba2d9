"""An API's answer as a state sees it.

Members begin with a capital; times are RFC 3339 in UTC, with milliseconds where there are any; a stream (the Body of
S3's GetObject) is its text, as is other binary data: UTF-8 where it is that, else base64. What belongs to the HTTP
response is left out: of an AWS SDK integration a state sees the API's own answer.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from stepsmith.asl.values import Json

from .arguments import named

if TYPE_CHECKING:
    from botocore.model import Shape


def result(shape: Shape | None, parsed: Mapping[str, Any]) -> Json:
    """The answer that botocore's parser has read, as JSON."""
    return {} if shape is None else _structure(shape, parsed)


def _structure(shape: Shape, value: Mapping[str, Any]) -> dict[str, Json]:
    members = shape.members.items()
    return {named(name): _value(of, value[name]) for name, of in members if value.get(name) is not None}


def _value(shape: Shape, value: Any) -> Json:
    if getattr(shape, "is_document_type", False):
        return value
    match shape.type_name:
        case "structure":
            return _structure(shape, value)
        case "map":
            return {key: _value(shape.value, each) for key, each in value.items()}
        case "list":
            return [_value(shape.member, each) for each in value]
        case "timestamp":
            return time(value)
        case "blob":
            return _text(value)
        case _:
            return value


def time(value: datetime) -> str:
    """``2026-11-23T02:10:00Z``, ``2026-11-23T02:10:00.123Z``."""
    precision = "milliseconds" if value.microsecond else "seconds"
    return value.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _text(value: Any) -> str:
    data = value if isinstance(value, bytes) else bytes(value.read())
    try:
        return data.decode()
    except UnicodeDecodeError:
        return base64.b64encode(data).decode()
