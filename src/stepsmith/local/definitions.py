"""Definitions of state machines as the database keeps them: each text once, packed, under a number.

Executions, machines and versions refer to the number. A text is found again by its hash.
"""

import hashlib
import zlib

from stepsmith.local.database import Database


def number_of(database: Database, text: str) -> int:
    """The text's number, which it gets now if it has none. Within a transaction of the caller's."""
    digest = hashlib.sha256(text.encode()).digest()[:16]
    found = database.execute("SELECT id FROM definition WHERE hash = ?", (digest,)).fetchone()
    if found:
        return int(found[0])
    body = zlib.compress(text.encode(), 9)
    added = database.execute("INSERT INTO definition (hash, body) VALUES (?, ?)", (digest, body))
    assert added.lastrowid is not None
    return added.lastrowid


def opened(body: bytes) -> str:
    """The text of a row's `body`."""
    return zlib.decompress(body).decode()
