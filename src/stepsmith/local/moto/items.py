"""The items of DynamoDB's tables: one row for each in `aws.db`, written when a request has changed it.

A put into a table of ten thousand items writes one row, and a table is read back as it is, not as the story of its
changes. Records of streams are not kept: a reader of a stream begins anew after a restart.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import orjson

from stepsmith.local.database import Database

from .pickling import packed, unpacked
from .request import Request

Key = Mapping[str, Any]


class Items:
    """The Plane of DynamoDB."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_all(self, request: Request) -> bool:
        return request.operation in _TOUCHED

    @contextmanager
    def detached(self, backend: Any) -> Iterator[None]:
        held = [(table, table.items, _records(table)) for table in backend.tables.values()]
        for table, _, _ in held:
            table.items = defaultdict(dict)
            _set_records(table, [])
        try:
            yield
        finally:
            for table, items, records in held:
                table.items = items
                _set_records(table, records)

    def save(self, backend: Any, request: Request) -> bool:
        if not self.is_all(request):
            self._keep_tables(backend)
            return True
        touched = list(_TOUCHED[request.operation](orjson.loads(request.body)))
        changes = [self._keep(backend, table, given) for table, given in touched]
        return any(changes)

    def load(self, backend: Any) -> None:
        for name, body in self._database.execute("SELECT tbl, body FROM item").fetchall():
            if name in backend.tables:
                _put(backend.tables[name], unpacked(body))

    def _keep(self, backend: Any, named: str, given: Key) -> bool:
        """The row of one item as it is now; whether there was anything to record."""
        table = _table(backend, named)
        if table is None or not all(name in given for name in _key_names(table)):
            return False
        item = table.get_item(*_key(table, given))
        key = orjson.dumps([given[name] for name in _key_names(table)], default=bytes.hex).decode()
        if item is None:
            gone = self._database.execute("DELETE FROM item WHERE tbl = ? AND key = ?", (table.name, key))
            return gone.rowcount > 0
        body = packed(item.to_json()["Attributes"])
        self._database.execute("INSERT OR REPLACE INTO item VALUES (?, ?, ?)", (table.name, key, body))
        return True

    def _keep_tables(self, backend: Any) -> None:
        """Rows of tables that are gone go, too; a table that came with items (restored from a backup) has its rows."""
        kept = {name for (name,) in self._database.execute("SELECT DISTINCT tbl FROM item").fetchall()}
        for name in kept - backend.tables.keys():
            self._database.execute("DELETE FROM item WHERE tbl = ?", (name,))
        for name in backend.tables.keys() - kept:
            for item in backend.tables[name].all_items():
                self._keep(backend, name, item.to_json()["Attributes"])


def _one(member: str) -> Any:
    return lambda given: [(given["TableName"], given[member])]


def _batch(given: Any) -> Iterator[tuple[str, Key]]:
    for table, requests in given["RequestItems"].items():
        for each in requests:
            yield table, each["PutRequest"]["Item"] if "PutRequest" in each else each["DeleteRequest"]["Key"]


def _transaction(given: Any) -> Iterator[tuple[str, Key]]:
    for item in given["TransactItems"]:
        for kind, each in item.items():
            if kind != "ConditionCheck":
                yield each["TableName"], each["Item"] if kind == "Put" else each["Key"]


_TOUCHED = {
    "PutItem": _one("Item"),
    "UpdateItem": _one("Key"),
    "DeleteItem": _one("Key"),
    "BatchWriteItem": _batch,
    "TransactWriteItems": _transaction,
}
"""Which items a request may change: their tables, and attributes among which their keys are."""


def _table(backend: Any, named: str) -> Any:
    """The table of this name or ARN, None where there is none."""
    return backend.tables.get(named.rpartition("/")[2])


def _key_names(table: Any) -> Sequence[str]:
    return [name for name in (table.hash_key_attr, table.range_key_attr) if name is not None]


def _key(table: Any, given: Key) -> list[Any]:
    from moto.dynamodb.models.dynamo_type import DynamoType

    return [DynamoType(given[name]) for name in _key_names(table)]


def _put(table: Any, attributes: Key) -> None:
    """Past the table's own put, which would tell its stream."""
    from moto.dynamodb.models.dynamo_type import Item

    hash_key, *range_key = _key(table, attributes)
    item = Item(hash_key, range_key[0] if range_key else None, dict(attributes))
    if range_key:
        table.items[hash_key][range_key[0]] = item
    else:
        table.items[hash_key] = item


def _records(table: Any) -> list[Any]:
    return table.stream_shard.items if table.stream_shard else []


def _set_records(table: Any, records: list[Any]) -> None:
    if table.stream_shard:
        table.stream_shard.items = records
