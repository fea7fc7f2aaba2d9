"""A vendor's key, by its name in `caller.json`. What is wrong with one is `LlmAuthentication`: an operator must act."""

from __future__ import annotations

from collections.abc import Callable

from stepsmith.contracts import LlmAuthentication
from stepsmith.secrets import SecretError, optional_secret
from stepsmith.secrets import secret as needed_secret


def secret(name: str) -> str | None:
    """The key; None where it is set nowhere."""
    return _or_authentication(optional_secret, name)


def required(name: str) -> str:
    """The key. Raises `LlmAuthentication`, which says where to put it."""
    return _or_authentication(needed_secret, name)


def _or_authentication[T](read: Callable[[str], T], name: str) -> T:
    try:
        return read(name)
    except SecretError as error:
        raise LlmAuthentication(str(error)) from None
