"""What a tool function may return: a closed union of values, and the one exception that is meant for the model.

    str                   text
    dict, list            JSON, written by `stepsmith.tool.plain`
    Rows                  a table: a page of it is shown, all of it is kept
    Picture, File         bytes; they go to the artifact store, the model gets a reference
    Parts                 several of these, in order

A `ToolError` becomes an error result that the model reads: it says what to change. Any other exception is a bug, and
the model learns its class only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class ToolError(Exception):
    """For the model: a bad input, a vendor's 404. The message says what to change."""


@dataclass(frozen=True)
class Picture:
    """A picture. `name` is a file name with its extension, not used twice in one answer."""

    data: bytes
    name: str
    media_type: str = "image/png"


@dataclass(frozen=True)
class File:
    """Any other file. `name` is a file name with its extension, not used twice in one answer."""

    data: bytes
    name: str
    media_type: str


@dataclass(frozen=True)
class Rows:
    """A table. Column names differ from each other; each row has one value per column.

    The text is JSON: ``{"rows": [{column: value}, ...], "row_count": n, ...facts}``. Where not all rows are shown
    (more than `page`, or over the budget), it says how many are, and all of them go to the artifact store. `files` are
    the same rows for other programs (CSV, Parquet). `facts` are more keys of the text.
    """

    columns: tuple[str, ...]
    rows: Sequence[Sequence[Any]]
    files: tuple[File, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    page: int = 100


@dataclass(frozen=True)
class Parts:
    """Several answers as one, in order."""

    parts: tuple[str | dict[str, Any] | list[Any] | Rows | Picture | File, ...]


type Part = str | dict[str, Any] | list[Any] | Rows | Picture | File
type Answer = Part | Parts
