"""One POST through a vendor's SDK, its errors as ours.

The SDKs of Anthropic and OpenAI come from one generator: a client with ``post`` for any path (their READMEs, "Making
custom/undocumented requests"), and one tree of errors. The answer is taken as the vendor's JSON, without the SDK's
model classes, which would cost more to import than the call takes to send.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx2

from stepsmith.contracts import LlmError, LlmTimeout, LlmUnavailable, Message, Text, ToolResult, ToolUse

from .question import Question

CONNECT_SECONDS = 10.0
SHORTEST_KEY = 8
"""Characters. What is shorter guards nothing, and may be a word."""


class Client(Protocol):
    """What is used of an SDK's client."""

    @property
    def base_url(self) -> httpx2.URL: ...

    @property
    def api_key(self) -> str | None: ...

    def post(self, path: str, *, cast_to: type[httpx2.Response], body: object, options: Any) -> httpx2.Response: ...


@dataclass(frozen=True)
class Errors:
    """An SDK's errors: no answer in time, no connection, an HTTP error (with its ``response``)."""

    timeout: type[Exception]
    connection: type[Exception]
    status: type[Exception]


def post(client: Client, path: str, body: Mapping[str, Any], question: Question, errors: Errors) -> dict[str, Any]:
    """The vendor's answer as decoded JSON. Raises the `LlmError` that says who must act."""
    server = urlsplit(str(client.base_url)).netloc.rpartition("@")[2]  # Without a user's name and password.
    timeout = httpx2.Timeout(question.timeout_seconds, connect=min(CONNECT_SECONDS, question.timeout_seconds))
    try:
        # A redirect could carry the key and the conversation to another host: it is an error, told with its status.
        options = {"timeout": timeout, "follow_redirects": False}
        response = client.post(path, cast_to=httpx2.Response, body=dict(body), options=options)
    except errors.timeout:
        raise LlmTimeout(f"{server} gave no answer within {question.timeout_seconds:.0f} s.") from None
    except errors.connection as error:
        raise LlmUnavailable(
            f"{server} cannot be reached ({_reason(error)}): is it up, and the base URL right?"
        ) from None
    except errors.status as error:
        raise _refused(server, question, client.api_key or "", _response(error)) from None
    return _object(response, server)


def _object(response: httpx2.Response, server: str) -> dict[str, Any]:
    try:
        value = response.json()
    except (ValueError, RecursionError):  # Brackets in brackets without end.
        value = None
    if isinstance(value, dict):
        return value
    kind = response.headers.get("content-type", "no content type")
    raise LlmUnavailable(f"{server} answered HTTP {response.status_code} with {kind} that is no JSON object.")


def _refused(server: str, question: Question, key: str, response: httpx2.Response) -> LlmError:
    from . import refusals  # Only a call that failed needs it.

    error = _error(response)
    refusal = refusals.Refusal(
        vendor=server,
        model=question.model,
        status=response.status_code,
        kind=_text(error.get("type")),
        code=_text(error.get("code")),
        words=_without(key, _text(error.get("message"))),
        headers={name.lower(): value for name, value in response.headers.items()},
    )
    return refusals.error(refusal, _texts(question))


def _error(response: httpx2.Response) -> Mapping[str, Any]:
    """The error of an answer: ``{"error": {"type", "code", "message"}}``, or ``{"error": "words"}`` (Ollama)."""
    try:
        body = response.json()
    except (ValueError, RecursionError):
        return {}
    error = body.get("error", body) if isinstance(body, dict) else {}
    return error if isinstance(error, dict) else {"message": error}


def _response(error: Exception) -> httpx2.Response:
    response = getattr(error, "response", None)
    if not isinstance(response, httpx2.Response):
        raise TypeError(f"{type(error).__name__} has no response") from error
    return response


def _reason(error: Exception) -> str:
    return type(error.__cause__ or error).__name__


def _texts(question: Question) -> Iterator[str]:
    """Everything that a vendor might repeat and nobody may log."""
    yield question.request.system
    for message in question.messages:
        yield from _message_texts(message)


def _message_texts(message: Message) -> Iterator[str]:
    for block in message.content:
        match block:
            case Text():
                yield block.text
            case ToolUse():
                yield from (each for each in block.input.values() if isinstance(each, str))
            case ToolResult():
                yield from (each.text for each in block.content if isinstance(each, Text))
            case _:
                pass


def _without(key: str, words: str) -> str:
    """A server of one's own may have a key of any form, and may repeat it."""
    return words.replace(key, "<key>") if len(key) >= SHORTEST_KEY else words


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
