"""Labels, counts and times in the few words that a picture has room for; both writers use the same."""

from __future__ import annotations

from collections.abc import Iterator

from .lights import Light

EVERYTHING = "States.ALL"
LABEL_LETTERS = 34
NOTABLE = 0.005
"""Seconds from which on a time is worth a word."""
_UNITS = (("d", 86400), ("h", 3600), ("min", 60))


def brief(labels: tuple[str, ...]) -> Iterator[str]:
    """The first label, and how many more there are; a Catch of all errors says just that."""
    if EVERYTHING in labels:
        yield EVERYTHING
    elif labels:
        yield cut(labels[0].replace("$states.", ""), LABEL_LETTERS)
        if len(labels) > 1:
            yield f"+{len(labels) - 1}"


def shown(light: Light) -> str:
    """How often, ``caught``, ``2 retries``, ``0.52 s``; what goes without saying is left out."""
    parts = [often(light.visits)] if light.visits > 1 else []
    parts += [light.status] if light.status not in ("succeeded", "untouched") else []
    parts += [times(light.retries, "retry", "retries")] if light.retries else []
    parts += [duration(light.seconds)] if light.seconds >= NOTABLE else []
    return " · ".join(parts)


def often(count: int) -> str:
    """The number with a multiplication sign."""
    return f"{count}\N{MULTIPLICATION SIGN}"


def times(count: int, one: str, more: str = "") -> str:
    return f"{count:,} {one if count == 1 else more or f'{one}s'}"


def duration(seconds: float) -> str:
    """``0.08 s``, ``12 s``, ``4.5 min``, ``26 h``: two digits or three say how long it was."""
    for unit, length in _UNITS:
        if seconds >= 2 * length:
            return f"{seconds / length:.3g} {unit}"
    return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"


def cut(text: str, letters: int) -> str:
    """The text on one line, cut where it has more letters."""
    line = " ".join(text.split())
    return line if len(line) <= letters else f"{line[: letters - 1]}…"


def seen(text: str) -> str:
    """The text without what has no picture of its own: XML forbids some of it, the rest could mislead."""
    return "".join(letter if letter.isprintable() or letter == "\n" else " " for letter in text)
