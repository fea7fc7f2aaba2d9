"""Items of DynamoDB tables, as far as approvals need them: kept in `runs.db`, in DynamoDB's own form.

    items = Items(database, {"stepsmith-local-approvals": ("run_id", "effect_id")})
    items.put("stepsmith-local-approvals", {"run_id": {"S": "7f3k"}, "effect_id": {"S": "9c.."}, ...})

A table is a name and the names of its key attributes, which hold texts. `put` replaces the item of the same key, as
PutItem does; `without` lists the items that lack an attribute, `add` gives an item an attribute that it lacks (a
conditional UpdateItem: of several who try, one wins). DynamoDB itself joins the endpoint later, behind this door.
"""

import json
from collections.abc import Mapping
from typing import Any

from stepsmith.local.database import Database

Item = Mapping[str, Mapping[str, Any]]
"""Attributes by name, each with its type: `{"run_id": {"S": "7f3k"}}`."""

LARGEST_ITEM = 400 * 1024  # bytes ("Service, account, and table quotas in Amazon DynamoDB")
TYPES = frozenset({"S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"})


class NoSuchTable(Exception):
    """DynamoDB's ResourceNotFoundException."""


class BadItem(Exception):
    """DynamoDB's ValidationException; the text is its message."""


class Items:
    """The tables of a data folder, by name, each with its key attributes."""

    def __init__(self, database: Database, tables: Mapping[str, tuple[str, ...]]) -> None:
        self._database = database
        self._tables = tables

    def put(self, table: str, item: Item) -> None:
        """Keeps the item in place of the one with the same key. An equal item changes nothing, so that a request that
        is made again after a crash keeps what was added to it meanwhile. Raises NoSuchTable, BadItem, StoreError."""
        key = self._key(table, item)
        _check(item)
        with self._database.writing():
            before = self._read(table, key)
            if before is None or not item.items() <= before.items():
                self._database.execute("INSERT OR REPLACE INTO item VALUES (?, ?, ?)", (table, key, json.dumps(item)))

    def get(self, table: str, *key: str) -> Item | None:
        """The item with these key attributes."""
        return self._read(table, json.dumps(key))

    def without(self, table: str, attribute: str) -> list[Item]:
        """All items of the table that lack the attribute."""
        assert attribute.isidentifier(), attribute  # in the text, so that SQLite takes the index of migrations.py
        query = f"SELECT body FROM item WHERE tbl = ? AND json_type(body, '$.\"{attribute}\"') IS NULL"
        rows = self._database.execute(query, (table,)).fetchall()
        return [json.loads(body) for (body,) in rows]

    def add(self, table: str, key: tuple[str, ...], attribute: str, value: Mapping[str, Any]) -> bool:
        """Gives the item the attribute; False where it has one, or where there is no such item."""
        with self._database.writing():
            item = self.get(table, *key)
            if item is None or attribute in item:
                return False
            body = json.dumps({**item, attribute: value})
            self._database.execute("UPDATE item SET body = ? WHERE tbl = ? AND key = ?", (body, table, json.dumps(key)))
            return True

    def _key(self, table: str, item: Item) -> str:
        if table not in self._tables:
            raise NoSuchTable(table)
        return json.dumps([_text(item, name) for name in self._tables[table]])

    def _read(self, table: str, key: str) -> Item | None:
        found = self._database.execute("SELECT body FROM item WHERE tbl = ? AND key = ?", (table, key)).fetchone()
        return None if found is None else json.loads(found[0])


def _text(item: Item, name: str) -> str:
    """A key attribute's text, in DynamoDB's words where there is none."""
    match item.get(name):
        case {"S": ""}:
            said = f"cannot contain an empty string value. Key: {name}"
            raise BadItem(f"One or more parameter values are not valid. The AttributeValue for a key attribute {said}")
        case {"S": str(text)}:
            return text
        case None:
            raise BadItem(f"One or more parameter values were invalid: Missing the key {name} in the item")
        case other:
            actual = next(iter(other), "NULL")
            wrong = f"Type mismatch for key {name} expected: S actual: {actual}"
            raise BadItem(f"One or more parameter values were invalid: {wrong}")


def _check(item: Item) -> None:
    for value in item.values():
        if not isinstance(value, Mapping) or len(value) != 1 or not TYPES.issuperset(value):
            said = "must contain exactly one of the supported datatypes"
            raise BadItem(f"Supplied AttributeValue is empty, {said}")
    if len(json.dumps(item, ensure_ascii=False).encode()) > LARGEST_ITEM:
        raise BadItem("Item size has exceeded the maximum allowed size")
