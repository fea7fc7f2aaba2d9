"""What to tell a model whose statement failed: the database's own words, and what to change.

The names that the message quotes are compared with those of the catalog, so that a slip of spelling is repaired by
the next call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches

NEAREST = 5

_WORD = re.compile(r"[\w.]*\w")
_QUOTED = re.compile(r'"([^"]+)"')
_TABLE = re.compile(r"no such table|relation ")


def advice(message: str, catalog: Mapping[str, Sequence[str]], quote: Callable[[str], str]) -> str:
    """The database's message and the nearest names; `catalog` has the columns of each table."""
    sentence = next((sentence for sign, sentence in _REMEDIES.items() if sign in message.casefold()), "")
    near = _nearest(message, catalog, quote) if not sentence else []
    hint = f"Nearest names: {', '.join(near)}." if near else ""
    return " ".join(filter(None, (f"The database says: {message.strip().rstrip('.')}.", sentence or hint)))


_REMEDIES = {
    "one statement": "Send one statement in each call, without a second one after its semicolon.",
    "multiple commands": "Send one statement in each call, without a second one after its semicolon.",
    "not authorized": "The database can only be read: write one SELECT (or WITH, VALUES), no PRAGMA, no ATTACH.",
    "read-only": "The database can only be read: write one SELECT (or WITH, VALUES).",
    "readonly": "The database can only be read: write one SELECT (or WITH, VALUES).",
    "incorrect number of bindings": "Write the values into the statement; it takes no parameters (?, :name).",
    "unrecognized token": "Put text in single quotes, and names that are no plain words in double quotes.",
    "too big": "Ask for shorter values: use substr(), or fewer columns.",
    "too much memory": "Filter or aggregate before sorting and joining, or ask for fewer columns.",
}


def _nearest(message: str, catalog: Mapping[str, Sequence[str]], quote: Callable[[str], str]) -> list[str]:
    """Tables, or columns, whose names are like a word of the message, in the spelling that SQL wants."""
    spellings = _tables(catalog, quote) if _TABLE.search(message) else _columns(catalog, quote)
    quoted = _QUOTED.findall(message)  # PostgreSQL quotes names, SQLite puts them after a colon.
    words = [word.casefold() for word in quoted or _WORD.findall(message.rpartition(":")[2])]
    wanted = dict.fromkeys(part for word in words for part in (word, word.rpartition(".")[2]))
    near = dict.fromkeys(match for word in wanted for match in get_close_matches(word, spellings, NEAREST, 0.6))
    return [spelling for name in near for spelling in spellings[name]][:NEAREST]


def _tables(catalog: Mapping[str, Sequence[str]], quote: Callable[[str], str]) -> dict[str, list[str]]:
    return {table.casefold(): [quote(table)] for table in catalog}


def _columns(catalog: Mapping[str, Sequence[str]], quote: Callable[[str], str]) -> dict[str, list[str]]:
    """The columns of one name, with their tables, by that name in lower case."""
    found: dict[str, list[str]] = {}
    for table, columns in catalog.items():
        for column in columns:
            found.setdefault(column.casefold(), []).append(f"{quote(table)}.{quote(column)}")
    return found
