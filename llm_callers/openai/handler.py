"""The caller of OpenAI's models, and of any server that speaks Chat Completions (Ollama, vLLM, llama.cpp, ...).

``OPENAI_BASE_URL`` names such a server; it needs no key, unless it asks for one. Without it the key is
``OPENAI_API_KEY`` (or the secret of ``OPENAI_API_KEY_SECRET_ARN``). The price is known at OpenAI itself, nothing on a
loopback address, and unknown elsewhere. ``OPENAI_SHOWS_PICTURES=1`` says that a compatible server's model can see.
"""

from __future__ import annotations

import functools
import os
from dataclasses import replace
from urllib.parse import urlsplit

from stepsmith.contracts import LlmInvalidRequest, LlmUnavailable, Usage
from stepsmith.llm import Question, Reply, frugal, prices, sdk, secrets, serve

from . import wire

DIET = frugal.Diet(
    package="openai",
    names=("OpenAI", "APITimeoutError", "APIConnectionError", "APIStatusError"),
    hollow=("types", "types.shared", "types.chat", "resources", "lib"),
    absent=("_vendor.httpx_aiohttp",),
)
with frugal.imports(DIET):
    from openai import APIConnectionError, APIStatusError, APITimeoutError, OpenAI

ERRORS = sdk.Errors(timeout=APITimeoutError, connection=APIConnectionError, status=APIStatusError)
OWN_HOST = "api.openai.com"
NO_KEY = "none"


def ask(question: Question) -> Reply:
    """Asks the model once. Raises an `LlmError`."""
    server = base_url()
    body = wire.arguments(question, dialect(server))
    answer = sdk.post(client(key(server), server), "/chat/completions", body, question, ERRORS)
    try:
        return wire.reply(answer)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise LlmUnavailable(f"The model's answer is not as documented ({type(error).__name__}: {error}).") from None


def base_url() -> str | None:
    """The compatible server; None for OpenAI itself. Raises `LlmInvalidRequest`."""
    url = os.environ.get("OPENAI_BASE_URL")
    try:
        return None if not url or urlsplit(url).hostname == OWN_HOST else url
    except ValueError:
        raise LlmInvalidRequest(f"OPENAI_BASE_URL={url!r} is no URL: write it like https://host/v1.") from None


def dialect(server: str | None) -> wire.Dialect:
    if server is None:
        return wire.OPENAI
    return replace(wire.COMPATIBLE, pictures=os.environ.get("OPENAI_SHOWS_PICTURES") == "1")


def key(server: str | None) -> str:
    return secrets.required("OPENAI_API_KEY") if server is None else secrets.secret("OPENAI_API_KEY") or NO_KEY


@functools.lru_cache(maxsize=4)
def client(key: str, server: str | None) -> OpenAI:
    """The SDK's client, without its own retries: the machine retries."""
    return OpenAI(api_key=key, base_url=server, max_retries=0)


def price(model: str, usage: Usage) -> float | None:
    """What the server that is asked takes."""
    return prices.at(base_url(), prices.listed(wire.PROVIDER))(model, usage)


handler = serve(wire.PROVIDER, ask, price, pictures=True)
