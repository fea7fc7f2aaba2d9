"""The caller of Anthropic's models: the Messages API through the vendor's SDK.

The key is ``ANTHROPIC_API_KEY`` (or the secret of ``ANTHROPIC_API_KEY_SECRET_ARN``); ``ANTHROPIC_BASE_URL`` points the
SDK at another server. `wire` maps, `stepsmith.llm` does the rest.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from stepsmith.contracts import LlmUnavailable
from stepsmith.llm import Question, Reply, frugal, sdk, secrets, serve
from stepsmith.llm.prices import listed

from . import wire

DIET = frugal.Diet(
    package="anthropic",
    names=("Anthropic", "APITimeoutError", "APIConnectionError", "APIStatusError"),
    hollow=("types", "types.shared", "types.beta", "resources", "lib", "lib._tracing"),
    deferred={
        "_error_classes": ("make_status_error",),
        "lib._tracing._api_call": ("finish_api_call_span", "messages_create_request_attributes"),
    },
    absent=("_vendor.httpx_aiohttp",),
)
with frugal.imports(DIET):
    from anthropic import Anthropic, APIConnectionError, APIStatusError, APITimeoutError

ERRORS = sdk.Errors(timeout=APITimeoutError, connection=APIConnectionError, status=APIStatusError)


def ask(question: Question) -> Reply:
    """Asks the model once. Raises an `LlmError`."""
    body = wire.arguments(question, output_format(question.output_schema))
    answer = sdk.post(client(secrets.required("ANTHROPIC_API_KEY")), "/v1/messages", body, question, ERRORS)
    try:
        return wire.reply(answer)
    except (KeyError, TypeError) as error:
        raise LlmUnavailable(f"Anthropic's answer is not as documented ({type(error).__name__}: {error}).") from None


@functools.lru_cache(maxsize=4)
def client(key: str) -> Anthropic:
    """The SDK's client, without its own retries (the machine retries) and without tracing of its own."""
    return Anthropic(api_key=key, max_retries=0, open_telemetry=False)


def output_format(schema: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The schema as structured outputs take it; None where the SDK cannot express it, and the model is told instead."""
    if schema is None:
        return None
    from anthropic import transform_schema  # Only agents with an output schema need it.

    try:
        return {"type": "json_schema", "schema": transform_schema(dict(schema))}
    except (ValueError, TypeError, AttributeError, AssertionError):
        return None


handler = serve(wire.PROVIDER, ask, listed(wire.PROVIDER), pictures=True)
