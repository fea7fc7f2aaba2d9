"""A copy of the state on this machine, as it was when it was last whole.

Terraform writes its local state in place: killed at that moment it leaves an empty file, or half a one. So whoever
watches it at work keeps a copy after each resource, and the next command begins with that. What is missing from it was
made in the last moment, and is taken over (`adoption`).
"""

from __future__ import annotations

import os
from pathlib import Path

import orjson

from .root import Root

SUFFIX = ".kept"


def keep(root: Root) -> None:
    """Copies the state, unless it is just being written, or lies elsewhere."""
    state = root.state
    if state is None or (text := _whole(state)) is None:
        return
    aside = state.with_suffix(".new")
    aside.touch(mode=0o600)
    aside.write_bytes(text)
    os.replace(aside, state.with_suffix(SUFFIX))


def restore(root: Root) -> bool:
    """Puts the copy in place of a state that is not whole, and says whether it had to."""
    state = root.state
    if state is None or not state.exists() or _whole(state) is not None:
        return False
    copy = state.with_suffix(SUFFIX)
    if copy.exists():
        os.replace(copy, state)
    else:
        state.unlink()  # nothing had been made by then
    return True


def _whole(state: Path) -> bytes | None:
    try:
        text = state.read_bytes()
        orjson.loads(text)
    except (OSError, ValueError):
        return None
    return text
