"""The cells of a run as a log: what each one left, and what it answered.

``<artifacts>execute_python/cells/000003.json`` is the third cell: a `Cell`. Variables and files lie beside it under the
hash of their bytes, ``execute_python/blobs/<sha256>``: what a cell did not change is not stored again. A cell is
committed by creating its object, once: a repeat of the same call finds it there and gives the same answer, and of two
that run at the same time one is first. The next cell starts from the last one's state, wherever it runs.

The blobs are the work of untrusted code. They are never read here, only carried; unpickling happens in the sandbox.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stepsmith.contracts.codec import Contract, Positive

FOLDER = "execute_python/"
CELLS = f"{FOLDER}cells/"
BLOBS = f"{FOLDER}blobs/"
REMEMBERED = 64  # A turn has at most 20 calls, and only calls of the last turn are repeated.


@dataclass(frozen=True)
class Kept(Contract):
    """A file of an answer: its name, its media type, and the hash of its bytes."""

    name: str
    media_type: str
    blob: str


@dataclass(frozen=True)
class Cell(Contract):
    """One cell that ran. `effects` are the calls of the last cells, this one last; `variables` and `files` the state it
    left (hashes of blobs); the rest is its answer."""

    number: Positive
    effects: tuple[str, ...]
    variables: str | None
    files: Mapping[str, str]
    document: Mapping[str, Any]
    is_error: bool
    pictures: tuple[Kept, ...] = ()
    attachments: tuple[Kept, ...] = ()

    def number_of(self, effect_id: str) -> int | None:
        """The number of the cell that this call ran as; None where it has not run."""
        if effect_id not in self.effects:
            return None
        return self.number - (len(self.effects) - 1 - self.effects.index(effect_id))


@dataclass(frozen=True)
class Before:
    """What a cell starts from."""

    number: int = 0
    effects: tuple[str, ...] = ()
    variables: str | None = None
    files: Mapping[str, str] = field(default_factory=dict)


def before(last: Cell | None) -> Before:
    if last is None:
        return Before()
    return Before(last.number, last.effects, last.variables, last.files)


def effects_with(start: Before, effect_id: str) -> tuple[str, ...]:
    return (*start.effects, effect_id)[-REMEMBERED:]


def cell_key(number: int) -> str:
    return f"{CELLS}{number:06d}.json"


def last_number(keys: Sequence[str]) -> int:
    """The number of the last cell among the keys below the run's artifacts; 0 where there is none."""
    found = [match for key in keys if (match := re.fullmatch(rf"{CELLS}(\d{{6}})\.json", key))]
    return max((int(match[1]) for match in found), default=0)


@dataclass(frozen=True)
class Inputs:
    """Files of other tools' results for the working folder, and those that the code names but that are too large."""

    names: tuple[str, ...]
    too_large: tuple[str, ...]


PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp")


def _is_data(name: str) -> bool:
    return not name.lower().endswith(PICTURES)


def _title(name: str) -> str:
    """The name that a file had before the kit gave it digits of its own: ``rows-1a2b3c4d.csv`` was ``rows.csv``."""
    return re.sub(r"-[0-9a-f]{8}(?=\.|$)", "", name)


def choose_inputs(
    artifacts: Mapping[str, int], own: Collection[str], code: str, max_files: int, max_bytes: int
) -> Inputs:
    """Of the run's artifacts (sizes by name) those that the code names, then the other data, smaller ones first, while
    they fit. Pictures come only when named: a cell reads data. So do copies of the cells' `own` files."""
    named = sorted((name for name in artifacts if name in code), key=lambda name: artifacts[name])
    others = [name for name in artifacts if name not in named and _is_data(name) and _title(name) not in own]
    chosen: list[str] = []
    total = 0
    for name in [*named, *sorted(others, key=lambda name: artifacts[name])]:
        if len(chosen) < max_files and total + artifacts[name] <= max_bytes:
            chosen.append(name)
            total += artifacts[name]
    return Inputs(tuple(chosen), tuple(name for name in named if name not in chosen))
