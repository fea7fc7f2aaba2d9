"""What the policies of IAM's roles say, in a table of its own: who checks a caller's rights need not load moto.

    documents = await policies.of_role("reports")      # (JSON, ...), None: there is no such role

Written whenever IAM changes, read at each request of a role's key.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import orjson

from stepsmith.local.database import Database

from .reading import Reading
from .request import Request


class Policies:
    """The roles' policies as they are now; `roles.Policies`."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    async def of_role(self, name: str) -> Sequence[str] | None:
        """The documents of all policies of a role, inline ones and attached ones in their default version."""
        row = self._reading.row("SELECT documents FROM role WHERE name = ?", (name,))
        return None if row is None else tuple(orjson.loads(row[0]))


class RolePolicies:
    """The Plane of IAM: it keeps nothing apart, but writes the table besides."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_all(self, request: Request) -> bool:
        return False

    @contextmanager
    def detached(self, backend: Any) -> Iterator[None]:
        yield

    def save(self, backend: Any, request: Request) -> bool:
        kept = dict(self._database.execute("SELECT name, documents FROM role").fetchall())
        now = {role.name: orjson.dumps(_documents(role)).decode() for role in backend.roles.values()}
        for name in kept.keys() - now.keys():
            self._database.execute("DELETE FROM role WHERE name = ?", (name,))
        for name, documents in now.items() - kept.items():
            self._database.execute("INSERT OR REPLACE INTO role VALUES (?, ?)", (name, documents))
        return kept != now

    def load(self, backend: Any) -> None:
        pass


def _documents(role: Any) -> list[str]:
    attached = (
        version.document
        for policy in role.managed_policies.values()
        for version in policy.versions
        if version.version_id == policy.default_version_id
    )
    return [*map(_text, role.policies.values()), *map(_text, attached)]


def _text(document: Any) -> str:
    return document if isinstance(document, str) else orjson.dumps(document).decode()
