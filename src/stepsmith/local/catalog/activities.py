"""Activities: names that programs outside poll under. What waits for a worker is the runtime's business."""

import json
from collections.abc import Callable, Mapping

from stepsmith.local.catalog import arns
from stepsmith.local.catalog.errors import ActivityAlreadyExists, ActivityDoesNotExist, ActivityLimitExceeded
from stepsmith.local.catalog.records import Records
from stepsmith.local.catalog.settings import AWS_OWNED_KEY, Encryption
from stepsmith.local.catalog.tags import TagTable
from stepsmith.local.catalog.values import Activity, Quotas

_COLUMNS = "arn, name, created_ms, encryption"


class Activities:
    """The activities of one account."""

    def __init__(
        self, records: Records, tags: TagTable, now_ms: Callable[[], int], quotas: Quotas, arn: Callable[[str], str]
    ) -> None:
        self._records = records
        self._tags = tags
        self._now_ms = now_ms
        self._quotas = quotas
        self._arn = arn
        self.find = records.remembered(self._read)

    def create(
        self, name: str, encryption: Encryption = AWS_OWNED_KEY, tags: Mapping[str, str] | None = None
    ) -> Activity:
        """The same name again is the same activity, its tags as they were; another encryption is refused.

        Raises InvalidName, ActivityAlreadyExists, ActivityLimitExceeded, TooManyTags, ValidationException.
        """
        arns.check_name(name)
        with self._records.changing():
            found = self.find(self._arn(name))
            if found is None:
                return self._add(Activity(self._arn(name), name, self._now_ms(), encryption), tags or {})
            if found.encryption != encryption:
                raise ActivityAlreadyExists(found.arn)
            return found

    def _add(self, activity: Activity, tags: Mapping[str, str]) -> Activity:
        if self._records.count("activity") >= self._quotas.activities:
            raise ActivityLimitExceeded(self._quotas.activities)
        encryption = json.dumps(activity.encryption.answer())
        values = (activity.arn, activity.name, activity.created_ms, encryption)
        self._records.write(f"INSERT INTO activity ({_COLUMNS}) VALUES (?, ?, ?, ?)", values)
        self._tags.put(activity.arn, tags)
        return activity

    def get(self, arn: str) -> Activity:
        """Raises InvalidArn, ActivityDoesNotExist."""
        arns.read(arn, "activity")
        found = self.find(arn)
        if found is None:
            raise ActivityDoesNotExist(arn)
        return found

    def delete(self, arn: str) -> None:
        """Nothing happens to an activity that is not there. Raises InvalidArn."""
        arns.read(arn, "activity")
        with self._records.changing():
            self._records.write("DELETE FROM tag WHERE resource = ?", (arn,))
            self._records.write("DELETE FROM activity WHERE arn = ?", (arn,))

    def list(self, limit: int, after: str = "") -> list[Activity]:
        """By name, from the first after `after`."""
        query = f"SELECT {_COLUMNS} FROM activity WHERE name > ? ORDER BY name LIMIT ?"
        return [_activity(*row) for row in self._records.all(query, (after, limit))]

    def _read(self, arn: str) -> Activity | None:
        rows = self._records.all(f"SELECT {_COLUMNS} FROM activity WHERE arn = ?", (arn,))
        return _activity(*rows[0]) if rows else None


def _activity(arn: str, name: str, created_ms: int, encryption: str) -> Activity:
    return Activity(arn, name, created_ms, Encryption.read(json.loads(encryption)))
