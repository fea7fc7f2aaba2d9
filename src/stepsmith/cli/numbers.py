"""Numbers as the options of commands take them; argparse says which option holds what is none."""

from __future__ import annotations

import math
from argparse import ArgumentTypeError


def positive(text: str) -> int:
    """An integer from 1 on. Raises `ArgumentTypeError`."""
    if text.isascii() and text.isdigit() and 0 < len(text) < 10 and (number := int(text)):
        return number
    raise ArgumentTypeError(f"a whole number from 1 on is needed, not {text!r}")


def amount(text: str) -> float:
    """A number from 0 on. Raises `ArgumentTypeError`."""
    try:
        number = float(text)
    except ValueError:
        number = -1
    if number >= 0 and math.isfinite(number):
        return number
    raise ArgumentTypeError(f"a number from 0 on is needed, not {text!r}")


def port(text: str) -> int:
    """A TCP port, 0 for any free one. Raises `ArgumentTypeError`."""
    if text.isascii() and text.isdigit() and len(text) < 6 and (number := int(text)) < 65_536:
        return number
    raise ArgumentTypeError(f"a port from 0 to 65535 is needed, not {text!r}")
