"""Claims on prices: known, nothing, or unknown."""

import pytest

from stepsmith.contracts import Usage
from stepsmith.llm.prices import at, free, is_loopback, listed, unknown

MILLION = 1_000_000


def test_the_four_counts_are_priced_each_by_its_own_price() -> None:
    price = listed("anthropic")
    kinds = [
        Usage(input_tokens=1000),
        Usage(output_tokens=1000),
        Usage(cache_read_tokens=1000),
        Usage(cache_write_tokens=1000),
    ]
    each = [price("claude-sonnet-4-5", usage) for usage in kinds]
    assert each == pytest.approx([0.003, 0.015, 0.0003, 0.00375])
    assert price("claude-sonnet-4-5", Usage(1000, 1000, 1000, 1000)) == pytest.approx(sum(filter(None, each)))


@pytest.mark.parametrize(("provider", "model"), [("anthropic", "nobody-knows-it"), ("nobody", "gpt-5"), ("openai", "")])
def test_an_unknown_model_has_no_price(provider: str, model: str) -> None:
    assert listed(provider)(model, Usage(1, 1)) is None


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000/v1", "http://localhost:11434/v1", "http://[::1]:1", "http://llm.localhost"]
)
def test_a_server_on_this_machine_costs_nothing(url: str) -> None:
    assert at(url, listed("openai")) is free


@pytest.mark.parametrize(
    "url", ["http://10.0.0.7:8000/v1", "https://openrouter.ai/api/v1", "http://localhost.example.com"]
)
def test_the_price_of_another_server_is_unknown(url: str) -> None:
    assert at(url, listed("openai")) is unknown
    assert unknown("m", Usage()) is None


def test_without_a_server_the_vendor_s_own_price_counts() -> None:
    own = listed("openai")
    assert at(None, own) is own


def test_text_that_is_no_url_is_not_this_machine() -> None:
    assert not is_loopback("nonsense")
