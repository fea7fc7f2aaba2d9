"""The rows of functions, versions, aliases, policies and layers: SQL and nothing else, no rule of AWS's.

Version 0 of a function is `$LATEST`. Writes belong into `changing()`.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from typing import Any

from stepsmith.local.database import Database

from .values import Alias, Code, Created, EventInvoke, Layer, LayerVersion, Policy, Settings, Version

_VERSION = "function, number, settings, code, bytes, modified_ms, revision"
_ALIAS = "function, name, version, description, weights, revision"
_EVENT_INVOKE = "function, qualifier, settings, modified_ms"
_LAYER = "layer, number, settings, code, bytes, created_ms"
_CODES = """
SELECT code, bytes FROM version UNION SELECT code, bytes FROM layer_version UNION
SELECT value ->> '$.code.sha256', value ->> '$.code.bytes' FROM version, json_each(settings, '$.layers')
"""
_OF_A_FUNCTION = ("version", "alias", "policy", "event_invoke")


class Tables:
    """The rows of a data folder, whose database is opened when it is first needed; `None` where there is no row. Raises
    StoreErrors only."""

    def __init__(self, open_database: Callable[[], Database]) -> None:
        self._open_database = open_database

    @cached_property
    def database(self) -> Database:
        return self._open_database()

    def close(self) -> None:
        if "database" in self.__dict__:
            self.database.close()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """One transaction for what is read and written in it."""
        with self.database.writing():
            yield

    def function(self, name: str) -> Created | None:
        rows = self._all("SELECT name, versions, reserved FROM function WHERE name = ?", name)
        return Created(*rows[0]) if rows else None

    def add_function(self, name: str) -> None:
        self._write("INSERT INTO function (name) VALUES (?)", name)

    def remove_function(self, name: str) -> None:
        """The function with all that is its own."""
        for table in _OF_A_FUNCTION:
            self._write(f"DELETE FROM {table} WHERE function = ?", name)
        self._write("DELETE FROM function WHERE name = ?", name)

    def count_functions(self) -> int:
        return int(self._all("SELECT count(*) FROM function")[0][0])

    def reserve(self, function: str, concurrency: int | None) -> None:
        self._write("UPDATE function SET reserved = ? WHERE name = ?", concurrency, function)

    def reserved(self) -> int:
        """All reserved concurrency together."""
        return int(self._all("SELECT ifnull(sum(reserved), 0) FROM function")[0][0])

    def latest(self, after: str, limit: int) -> list[Version]:
        """`$LATEST` of every function by name, from the first after `after`."""
        query = f"SELECT {_VERSION} FROM version WHERE number = 0 AND function > ? ORDER BY function LIMIT ?"
        return [_version(*row) for row in self._all(query, after, limit)]

    def all_versions(self, after: str, limit: int) -> list[Version]:
        """The same with the published ones, by their ARN's order; `after` is a `function:number`."""
        function, _, number = after.partition(":")
        where = "(function, number) > (?, ?) ORDER BY function, number LIMIT ?"
        rows = self._all(f"SELECT {_VERSION} FROM version WHERE {where}", function, int(number or -1), limit)
        return [_version(*row) for row in rows]

    def version(self, function: str, number: int) -> Version | None:
        rows = self._all(f"SELECT {_VERSION} FROM version WHERE function = ? AND number = ?", function, number)
        return _version(*rows[0]) if rows else None

    def versions(self, function: str, after: int, limit: int) -> list[Version]:
        """By number, `$LATEST` first."""
        query = f"SELECT {_VERSION} FROM version WHERE function = ? AND number > ? ORDER BY number LIMIT ?"
        return [_version(*row) for row in self._all(query, function, after, limit)]

    def next_number(self, function: str) -> int:
        """A number that no version of this function ever had."""
        self._write("UPDATE function SET versions = versions + 1 WHERE name = ?", function)
        return int(self._all("SELECT versions FROM function WHERE name = ?", function)[0][0])

    def put_version(self, version: Version) -> None:
        v = version
        facts = (json.dumps(asdict(v.settings)), v.code.sha256, v.code.bytes, v.modified_ms, v.revision_id)
        self._write(f"REPLACE INTO version ({_VERSION}) VALUES (?, ?, ?, ?, ?, ?, ?)", v.function, v.number, *facts)

    def remove_version(self, function: str, number: int) -> None:
        self._write("DELETE FROM version WHERE function = ? AND number = ?", function, number)

    def alias(self, function: str, name: str) -> Alias | None:
        rows = self._all(f"SELECT {_ALIAS} FROM alias WHERE function = ? AND name = ?", function, name)
        return _alias(*rows[0]) if rows else None

    def aliases(self, function: str, after: str, limit: int) -> list[Alias]:
        query = f"SELECT {_ALIAS} FROM alias WHERE function = ? AND name > ? ORDER BY name LIMIT ?"
        return [_alias(*row) for row in self._all(query, function, after, limit)]

    def put_alias(self, alias: Alias) -> None:
        a = alias
        facts = (a.function, a.name, a.version, a.description, json.dumps(dict(a.weights)), a.revision_id)
        self._write(f"REPLACE INTO alias ({_ALIAS}) VALUES (?, ?, ?, ?, ?, ?)", *facts)

    def remove_alias(self, function: str, name: str) -> None:
        self._write("DELETE FROM alias WHERE function = ? AND name = ?", function, name)

    def policy(self, function: str, qualifier: str) -> Policy | None:
        query = "SELECT statements, revision FROM policy WHERE function = ? AND qualifier = ?"
        rows = self._all(query, function, qualifier)
        return Policy(function, qualifier, tuple(json.loads(rows[0][0])), rows[0][1]) if rows else None

    def put_policy(self, policy: Policy) -> None:
        """One without statements is none."""
        p = policy
        self._write("DELETE FROM policy WHERE function = ? AND qualifier = ?", p.function, p.qualifier)
        if p.statements:
            row = (p.function, p.qualifier, json.dumps([dict(each) for each in p.statements]), p.revision_id)
            self._write("INSERT INTO policy (function, qualifier, statements, revision) VALUES (?, ?, ?, ?)", *row)

    def event_invoke(self, function: str, qualifier: str) -> EventInvoke | None:
        query = f"SELECT {_EVENT_INVOKE} FROM event_invoke WHERE function = ? AND qualifier = ?"
        rows = self._all(query, function, qualifier)
        return _event_invoke(*rows[0]) if rows else None

    def event_invokes(self, function: str, after: str, limit: int) -> list[EventInvoke]:
        where = "function = ? AND qualifier > ? ORDER BY qualifier LIMIT ?"
        rows = self._all(f"SELECT {_EVENT_INVOKE} FROM event_invoke WHERE {where}", function, after, limit)
        return [_event_invoke(*row) for row in rows]

    def put_event_invoke(self, settings: EventInvoke) -> None:
        s = settings
        kept = json.dumps([s.retries, s.age_seconds, s.on_success, s.on_failure])
        row = (s.function, s.qualifier, kept, s.modified_ms)
        self._write(f"REPLACE INTO event_invoke ({_EVENT_INVOKE}) VALUES (?, ?, ?, ?)", *row)

    def remove_event_invoke(self, function: str, qualifier: str) -> None:
        self._write("DELETE FROM event_invoke WHERE function = ? AND qualifier = ?", function, qualifier)

    def layer_version(self, layer: str, number: int) -> LayerVersion | None:
        rows = self._all(f"SELECT {_LAYER} FROM layer_version WHERE layer = ? AND number = ?", layer, number)
        return _layer(*rows[0]) if rows else None

    def layer_versions(self, layer: str) -> list[LayerVersion]:
        """The latest first."""
        query = f"SELECT {_LAYER} FROM layer_version WHERE layer = ? ORDER BY number DESC"
        return [_layer(*row) for row in self._all(query, layer)]

    def layers(self) -> list[str]:
        """The names of layers that have a version."""
        return [name for (name,) in self._all("SELECT DISTINCT layer FROM layer_version ORDER BY layer")]

    def next_layer_number(self, layer: str) -> int:
        """A number that no version of this layer ever had."""
        grown = "ON CONFLICT DO UPDATE SET versions = versions + 1"
        self._write(f"INSERT INTO layer (name, versions) VALUES (?, 1) {grown}", layer)
        return int(self._all("SELECT versions FROM layer WHERE name = ?", layer)[0][0])

    def add_layer_version(self, version: LayerVersion) -> None:
        v = version
        facts = (v.layer, v.number, json.dumps(dict(v.about)), v.code.sha256, v.code.bytes, v.created_ms)
        self._write(f"INSERT INTO layer_version ({_LAYER}) VALUES (?, ?, ?, ?, ?, ?)", *facts)

    def remove_layer_version(self, layer: str, number: int) -> None:
        self._write("DELETE FROM layer_version WHERE layer = ? AND number = ?", layer, number)

    def tags(self, resource: str) -> dict[str, str]:
        return dict(self._all("SELECT key, value FROM tag WHERE resource = ? ORDER BY key", resource))

    def put_tags(self, resource: str, tags: dict[str, str]) -> None:
        for key, value in tags.items():
            self._write("REPLACE INTO tag (resource, key, value) VALUES (?, ?, ?)", resource, key, value)

    def remove_tags(self, resource: str, keys: list[str] | None = None) -> None:
        """Of these keys, or all."""
        for key in self.tags(resource) if keys is None else keys:
            self._write("DELETE FROM tag WHERE resource = ? AND key = ?", resource, key)

    def codes(self) -> dict[str, int]:
        """Every zip that a version of a function or a layer needs, with its size."""
        return dict(self._all(_CODES))

    def _all(self, query: str, *values: Any) -> list[Any]:
        with self.database.typed():
            return self.database.execute(query, values).fetchall()

    def _write(self, statement: str, *values: Any) -> None:
        self.database.execute(statement, values)


def _version(function: str, number: int, settings: str, code: str, bytes: int, *rest: Any) -> Version:
    kept = json.loads(settings)
    layers = tuple(Layer(each["arn"], Code(**each["code"])) for each in kept["layers"])
    read = Settings(**{**kept, "layers": layers, "architectures": tuple(kept["architectures"])})
    return Version(function, number, read, Code(code, bytes), *rest)


def _alias(function: str, name: str, version: str, description: str, weights: str, revision: str) -> Alias:
    return Alias(function, name, version, description, json.loads(weights), revision)


def _event_invoke(function: str, qualifier: str, settings: str, modified_ms: int) -> EventInvoke:
    return EventInvoke(function, qualifier, modified_ms, *json.loads(settings))


def _layer(layer: str, number: int, about: str, code: str, bytes: int, created_ms: int) -> LayerVersion:
    return LayerVersion(layer, number, Code(code, bytes), created_ms, json.loads(about))
