"""Answers to task tokens from any process that sees the data folder, kept until the run's own process takes them up.

    inbox.put(token, {"decision": "approve", ...}, now_ms)        # here: `stepsmith approve`, in another terminal
    for letter in inbox.unread(): ...                             # there: the process that works on the run
    inbox.close(letter.token, "TaskTimedOut")                     # what became of it, for whoever asks `verdict`

Whoever answers need not know whether anybody works on the run just now: a process that does looks here a few times a
second (`has_news` costs a microsecond or two), and one that resumes it looks here first. A token has one letter.
"""

from dataclasses import dataclass
from typing import Any

from stepsmith.local.database import Database
from stepsmith.local.packing import pack, unpack

TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Letter:
    """The answer to a token: the task's output, and when it was given."""

    token: str
    time_ms: int
    output: Any


class Inbox:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._seen: int | None = None

    def put(self, token: str, output: Any, now_ms: int) -> bool:
        """Keeps a success for the token; False where somebody has answered before. Part of the caller's transaction."""
        values = (token, now_ms, pack(output))
        statement = "INSERT INTO letter (token, time_ms, body) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
        return self._database.execute(statement, values).rowcount == 1

    def has_news(self) -> bool:
        """Whether another connection has changed the file since this was asked last."""
        version = self._database.execute("PRAGMA data_version").fetchone()[0]
        seen, self._seen = self._seen, version
        return bool(seen != version)

    def unread(self) -> list[Letter]:
        """Letters that nobody has taken up, oldest first."""
        query = "SELECT token, time_ms, body FROM letter WHERE verdict IS NULL ORDER BY time_ms"
        with self._database.typed():
            rows = self._database.execute(query).fetchall()
            return [Letter(token, time_ms, unpack(body)) for token, time_ms, body in rows]

    def close(self, token: str, verdict: str) -> None:
        """Says what became of the letter: TAKEN, or why it was not (an error of tokens, by its name)."""
        self._database.execute("UPDATE letter SET verdict = ? WHERE token = ?", (verdict, token))

    def verdict(self, token: str) -> str | None:
        """What became of it; None while it waits, or where there is none."""
        found = self._database.execute("SELECT verdict FROM letter WHERE token = ?", (token,)).fetchone()
        return None if found is None else found[0]
