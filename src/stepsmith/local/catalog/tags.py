"""Tags of state machines and activities: at most 50 a resource, kept in the order in which their keys came.

Keys and values "may only contain Unicode letters, digits, white space, or these symbols: _ . : / = + - @" (API
reference, Tag); keys that begin with `aws:` are AWS's own. A key given twice has its last value.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from stepsmith.local.catalog import arns
from stepsmith.local.catalog.errors import ResourceNotFound, TooManyTags, ValidationException
from stepsmith.local.catalog.records import Records
from stepsmith.local.catalog.tables import Tables
from stepsmith.local.catalog.values import Quotas, Tags

_ALLOWED = re.compile(r"[\w\s.:/=+\-@]*")


@dataclass(frozen=True, slots=True)
class TagTable:
    """The tags of everything that may have some."""

    records: Records
    tables: Tables
    quotas: Quotas

    def of(self, arn: str) -> Tags:
        """Raises InvalidArn, ResourceNotFound."""
        return self._of(self._existing(arn))

    def add(self, arn: str, tags: Tags) -> None:
        """Raises InvalidArn, ResourceNotFound, ValidationException, TooManyTags."""
        with self.records.changing():
            self.put(self._existing(arn), tags)

    def remove(self, arn: str, keys: Iterable[str]) -> None:
        """Keys that are not there are none too many. Raises InvalidArn, ResourceNotFound."""
        with self.records.changing():
            resource = self._existing(arn)
            for key in keys:
                self.records.write("DELETE FROM tag WHERE resource = ? AND key = ?", (resource, key))

    def put(self, arn: str, tags: Tags) -> None:
        """Tags something that is known to be there. Raises ValidationException, TooManyTags."""
        for key, value in tags.items():
            _check(key, value)
        if len({**self._of(arn), **tags}) > self.quotas.tags:
            raise TooManyTags(arn, self.quotas.tags)
        for key, value in tags.items():
            self.records.write(
                "INSERT INTO tag (resource, key, value) VALUES (?, ?, ?)"
                " ON CONFLICT (resource, key) DO UPDATE SET value = excluded.value",
                (arn, key, value),
            )

    def _of(self, arn: str) -> Tags:
        return dict(self.records.all("SELECT key, value FROM tag WHERE resource = ? ORDER BY id", (arn,)))

    def _existing(self, arn: str) -> str:
        is_activity = arns.read(arn, "stateMachine", "activity").kind == "activity"
        there = self.records.count("activity WHERE arn = ?", arn) if is_activity else self.tables.machine(arn)
        if not there:
            raise ResourceNotFound(arn)
        return arn


def _check(key: str, value: str) -> None:
    if not key:
        raise ValidationException("A tag must have a key.")
    if key.lower().startswith("aws:"):
        raise ValidationException("aws: prefixed tag key names are not allowed for external use.")
    for text in (key, value):
        if not _ALLOWED.fullmatch(text):
            raise ValidationException(
                "Tags may only contain Unicode letters, digits, white space, or these symbols: _ . : / = + - @."
                f" This one does not: '{text}'"
            )
