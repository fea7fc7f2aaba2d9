"""What is asked of moto's services at each request of a role's key: kept besides, to be read without loading moto.

    documents = Policies(reading).of_role("reports")      # (JSON, ...), None: there is no such role
    arn = secret_arn(reading, "key")                            # with the letters that AWS puts behind the name

A `Facts` is the Plane of a service that keeps nothing apart, but writes one value for each name.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson

from stepsmith.local.database import Database

from .reading import Reading
from .request import Request

FACT = "SELECT value FROM fact WHERE service = ? AND name = ?"


class Policies:
    """The policies of IAM's roles as they are now; `roles.Policies`."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def of_role(self, name: str) -> Sequence[str] | None:
        """The documents of all policies of a role, inline ones and attached ones in their default version."""
        row = self._reading.row(FACT, ("iam", name))
        return None if row is None else tuple(orjson.loads(row[0]))


def secret_arn(reading: Reading, name: str) -> str | None:
    """The ARN of a secret, None where there is none of this name."""
    row = reading.row(FACT, ("secretsmanager", name))
    return None if row is None else str(row[0])


class Facts:
    """`found` tells the values of a backend by their names."""

    def __init__(self, database: Database, service: str, found: Callable[[Any], Mapping[str, str]]) -> None:
        self._database = database
        self._service = service
        self._found = found

    def is_all(self, request: Request) -> bool:
        return False

    @contextmanager
    def detached(self, backend: Any) -> Iterator[None]:
        yield

    def save(self, backend: Any, request: Request) -> bool:
        kept = dict(
            self._database.execute("SELECT name, value FROM fact WHERE service = ?", (self._service,)).fetchall()
        )
        now = self._found(backend)
        for name in kept.keys() - now.keys():
            self._database.execute("DELETE FROM fact WHERE service = ? AND name = ?", (self._service, name))
        for name, value in now.items() - kept.items():
            self._database.execute("INSERT OR REPLACE INTO fact VALUES (?, ?, ?)", (self._service, name, value))
        return kept != now

    def load(self, backend: Any) -> None:
        pass


def policies(backend: Any) -> Mapping[str, str]:
    """By role, its policies' documents in one JSON list."""
    return {role.name: orjson.dumps(_documents(role)).decode() for role in backend.roles.values()}


def secrets(backend: Any) -> Mapping[str, str]:
    """By name, the secret's ARN."""
    return {secret.name: secret.arn for secret in backend.secrets.values()}


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
