"""What a call costs, from the public price list of genai-prices (a package of data, looked up offline).

A price that is not known is None, never 0: with a cost limit the machine stops rather than count wrong. The list takes
most of a second to load in a cold process, so it is loaded after the vendor has answered.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from urllib.parse import urlsplit

from stepsmith.contracts import Usage

Price = Callable[[str, Usage], float | None]
"""USD of one call of a model; None where the price is unknown."""


def free(model: str, usage: Usage) -> float | None:
    """A model that costs nothing: a scripted one, or one on this machine."""
    return 0.0


def listed(provider: str) -> Price:
    """The prices of a provider by its id in genai-prices (``anthropic``, ``openai``)."""

    def price(model: str, usage: Usage) -> float | None:
        import genai_prices

        try:
            return float(genai_prices.calc_price(_tokens(usage), model, provider_id=provider).total_price)
        except LookupError:
            return None

    return price


def unknown(model: str, usage: Usage) -> float | None:
    """A server that nobody has told us the price of."""
    return None


def at(base_url: str | None, vendor: Price) -> Price:
    """The price at a server: the vendor's own has its list, one on a loopback address is free, others are unknown."""
    if base_url is None:
        return vendor
    return free if is_loopback(base_url) else unknown


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _tokens(usage: Usage) -> object:
    """genai-prices counts cached tokens among the input (its `Usage`: "total input tokens, including cached")."""
    from genai_prices import Usage as Tokens

    cached = usage.cache_read_tokens + usage.cache_write_tokens
    return Tokens(
        input_tokens=usage.input_tokens + cached,
        cache_read_tokens=usage.cache_read_tokens,
        cache_write_tokens=usage.cache_write_tokens,
        output_tokens=usage.output_tokens,
    )
