"""A vendor's key, by its name in `caller.json`. What is wrong with one is `LlmAuthentication`: an operator must act."""

from __future__ import annotations

from collections.abc import Callable

from stepsmith.contracts import LlmAuthentication
from stepsmith.secrets import SecretError, optional_secret
from stepsmith.secrets import secret as needed_secret


def secret(name: str) -> str | None:
    """The key; None where it is set nowhere."""
    key = _or_authentication(optional_secret, name)
    return None if key is None else _sendable(name, key)


def required(name: str) -> str:
    """The key. Raises `LlmAuthentication`, which says where to put it."""
    return _sendable(name, _or_authentication(needed_secret, name))


def _or_authentication[T](read: Callable[[str], T], name: str) -> T:
    try:
        return read(name)
    except SecretError as error:
        raise LlmAuthentication(str(error)) from None


def _sendable(name: str, key: str) -> str:
    """The key without the line break that a copy leaves at its end; an HTTP header takes printable ASCII only."""
    key = key.strip()
    if key.isascii() and key.isprintable():
        return key
    raise LlmAuthentication(f"{name} holds characters that no key has: copy it again.")
