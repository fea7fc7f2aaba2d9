"""What a request to Lambda's API says: its members from path, query, headers and body, checked by the service model."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from stepsmith.local import service_model
from stepsmith.local.functions import LambdaError
from stepsmith.local.functions.errors import too_large, unreadable_body
from stepsmith.local.service_model import Flag, Items, Number

from .routes import Route

Query = Mapping[str, list[str]]
"""A query's parameters: the values of each name, in their order."""
MAX_INVOKE_BYTES = 6 * 1024**2
MAX_BYTES = (50 * 1024**2) * 4 // 3 + 256 * 1024
"""A zip of 50 MB in base64, and what is beside it."""


def members(
    route: Route, labels: Mapping[str, str], query: Query, headers: Mapping[str, str], body: bytes
) -> dict[str, Any]:
    """What an action is given. Raises LambdaError: too large, unreadable, or not as the model says."""
    given: dict[str, Any] = {}
    if route.payload is None:
        given |= _parsed(body)
    elif len(body) > MAX_INVOKE_BYTES:
        raise too_large(MAX_INVOKE_BYTES, "InvokeFunction")
    given |= {member: _typed(route, member, query[name]) for name, member in route.in_query.items() if name in query}
    given |= {member: headers[name] for name, member in route.in_headers.items() if name in headers}
    given |= {member: _typed(route, member, [text]) for member, text in labels.items()}
    checked = _checked(route, given)
    return checked if route.payload is None else {**checked, route.payload: body}


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        value = orjson.loads(body) if body else {}
    except ValueError as error:
        raise unreadable_body(f"Could not parse request body into json: {error}") from None
    if not isinstance(value, dict):
        raise LambdaError("SerializationException", "Start of list found where not expected")
    return value


def _typed(route: Route, member: str, texts: list[str]) -> Any:
    """A part of the path or of the query as a JSON value of its shape."""
    text = texts[-1]
    match route.input.members[member]:
        case Number() if text.lstrip("-").isdigit():
            return int(text)
        case Flag():
            return {"true": True, "false": False}.get(text, text)
        case Items():
            return texts
        case _:
            return text


def _checked(route: Route, given: dict[str, Any]) -> dict[str, Any]:
    """The body of Invoke is any bytes: it is no base64 in JSON, and is checked by nobody."""
    shape = route.input
    if route.payload is not None:
        shape = replace(shape, members={name: each for name, each in shape.members.items() if name != route.payload})
    try:
        return service_model.checked(shape, given, _spelled)
    except service_model.Unreadable as error:
        raise LambdaError("SerializationException", str(error)) from None
    except service_model.Invalid as error:
        raise LambdaError("ValidationException", str(error)) from None


def _spelled(name: str) -> str:
    """A member as Lambda's messages call it: `functionName`."""
    return name[:1].lower() + name[1:]
