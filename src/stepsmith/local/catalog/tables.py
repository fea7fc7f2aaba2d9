"""The rows of machines, versions and aliases: SQL and nothing else; no rule of AWS's is decided here.

A machine's row holds its current configuration, a version's row the one it was published with; the text of a definition
is kept once, however many rows have it. A machine that is being deleted is there as long as an execution of it runs.
"""

import json
from typing import Any

from stepsmith.local import definitions
from stepsmith.local.catalog.records import Records
from stepsmith.local.catalog.settings import Encryption, Logging, Tracing
from stepsmith.local.catalog.values import (
    Alias,
    Configuration,
    Machine,
    MachineListed,
    Publication,
    Route,
    Version,
    VersionListed,
)

_CONFIGURATION = "role, settings, (SELECT body FROM definition WHERE id = definition)"
_MACHINE = f"arn, name, type, deleting, created_ms, updated_ms, revision, publish, description, {_CONFIGURATION}"
_VERSION = f"machine, number, created_ms, description, revision, {_CONFIGURATION}"
_RUNS = "EXISTS (SELECT 1 FROM execution WHERE execution.machine = machine.arn AND status = 'RUNNING')"
_ALIAS = "id, machine, name, description, routes, created_ms, updated_ms"


class Tables:
    """The rows of one database; `None` where there is no row. Writes belong into `records.changing()`."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._machine = records.remembered(self._read_machine)
        self.version = records.remembered(self._read_version)
        self.alias = records.remembered(self._read_alias)

    def machine(self, arn: str) -> Machine | None:
        found = self._machine(arn)
        return None if found and found.status == "DELETING" and not self.is_running(arn) else found

    def machines(self, after: str, limit: int) -> list[MachineListed]:
        """By name, from the first after `after`."""
        there = f"name > ? AND (NOT deleting OR {_RUNS})"
        query = f"SELECT arn, name, type, created_ms FROM machine WHERE {there} ORDER BY name LIMIT ?"
        return [MachineListed(*row) for row in self._records.all(query, (after, limit))]

    def count_machines(self) -> int:
        return self._records.count("machine")

    def is_running(self, machine: str) -> bool:
        """Whether an execution of the machine runs."""
        query = "SELECT 1 FROM execution WHERE status = 'RUNNING' AND machine = ? LIMIT 1"
        return bool(self._records.all(query, (machine,)))

    def add_machine(self, machine: Machine) -> None:
        m = machine
        facts = (m.arn, m.name, m.type, m.created_ms, m.updated_ms)
        self._records.write(
            "INSERT INTO machine (arn, name, type, created_ms, updated_ms, publish, description, role, settings,"
            " definition) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*facts, m.created_with.publish, m.created_with.description, *self._columns(m.configuration)),
        )

    def update_machine(self, machine: Machine) -> None:
        self._records.write(
            "UPDATE machine SET updated_ms = ?, revision = ?, role = ?, settings = ?, definition = ? WHERE arn = ?",
            (machine.updated_ms, machine.revision_id, *self._columns(machine.configuration), machine.arn),
        )

    def begin_to_delete(self, machine: str) -> None:
        self._records.write("UPDATE machine SET deleting = 1 WHERE arn = ?", (machine,))
        self._records.write("DELETE FROM version WHERE machine = ?", (machine,))
        self._records.write("DELETE FROM alias WHERE machine = ?", (machine,))

    def remove_deleted(self) -> None:
        """What was being deleted and whose last execution has ended, with its tags."""
        gone = f"deleting AND NOT {_RUNS}"
        self._records.write(f"DELETE FROM tag WHERE resource IN (SELECT arn FROM machine WHERE {gone})")
        self._records.write(f"DELETE FROM machine WHERE {gone}")

    def versions(self, machine: str, before: int | None, limit: int) -> list[VersionListed]:
        """The latest first, below the number `before`."""
        condition = "WHERE machine = ? AND number < ifnull(?, number + 1) ORDER BY number DESC LIMIT ?"
        query = f"SELECT machine || ':' || number, number, created_ms FROM version {condition}"
        return [VersionListed(*row) for row in self._records.all(query, (machine, before, limit))]

    def version_of(self, machine: Machine) -> Version | None:
        """The version that holds the machine's current revision."""
        query = f"SELECT {_VERSION} FROM version WHERE machine = ? AND revision IS ?"
        rows = self._records.all(query, (machine.arn, machine.revision_id))
        return _version(*rows[0]) if rows else None

    def count_versions(self, machine: str) -> int:
        return self._records.count("version WHERE machine = ?", machine)

    def next_number(self, machine: str) -> int:
        """A number that no version of this machine ever had."""
        self._records.write("UPDATE machine SET versions = versions + 1 WHERE arn = ?", (machine,))
        return int(self._records.all("SELECT versions FROM machine WHERE arn = ?", (machine,))[0][0])

    def add_version(self, version: Version) -> None:
        v = version
        self._records.write(
            "INSERT INTO version (machine, number, created_ms, description, revision, role, settings, definition)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (v.machine, v.number, v.created_ms, v.description, v.revision_id, *self._columns(v.configuration)),
        )

    def remove_version(self, machine: str, number: int) -> None:
        self._records.write("DELETE FROM version WHERE machine = ? AND number = ?", (machine, number))

    def aliases(self, machine: str) -> list[Alias]:
        """All of a machine, the latest first."""
        query = f"SELECT {_ALIAS} FROM alias WHERE machine = ? ORDER BY id DESC"
        return [_alias(*row) for row in self._records.all(query, (machine,))]

    def add_alias(self, alias: Alias) -> Alias:
        """The alias with its id."""
        a = alias
        facts = (a.machine, a.name, a.description, _routes(a), a.created_ms, a.updated_ms)
        self._records.write(f"INSERT INTO alias ({_ALIAS}) VALUES (NULL, ?, ?, ?, ?, ?, ?)", facts)
        return _alias(*self._records.all(f"SELECT {_ALIAS} FROM alias WHERE id = last_insert_rowid()")[0])

    def update_alias(self, alias: Alias) -> None:
        self._records.write(
            "UPDATE alias SET description = ?, routes = ?, updated_ms = ? WHERE id = ?",
            (alias.description, _routes(alias), alias.updated_ms, alias.id),
        )

    def remove_alias(self, machine: str, name: str) -> None:
        self._records.write("DELETE FROM alias WHERE machine = ? AND name = ?", (machine, name))

    def _read_machine(self, arn: str) -> Machine | None:
        rows = self._records.all(f"SELECT {_MACHINE} FROM machine WHERE arn = ?", (arn,))
        return _machine(*rows[0]) if rows else None

    def _read_version(self, machine: str, number: int) -> Version | None:
        query = f"SELECT {_VERSION} FROM version WHERE machine = ? AND number = ?"
        rows = self._records.all(query, (machine, number))
        return _version(*rows[0]) if rows else None

    def _read_alias(self, machine: str, name: str) -> Alias | None:
        rows = self._records.all(f"SELECT {_ALIAS} FROM alias WHERE machine = ? AND name = ?", (machine, name))
        return _alias(*rows[0]) if rows else None

    def _columns(self, configuration: Configuration) -> tuple[str, str, int]:
        c = configuration
        settings = [c.logging.answer(), c.tracing.answer(), c.encryption.answer()]
        return c.role_arn, json.dumps(settings), definitions.number_of(self._records.database, c.definition)


def _configuration(role: str, settings: str, body: bytes) -> Configuration:
    logging, tracing, encryption = json.loads(settings)
    return Configuration(
        definitions.opened(body), role, Logging.read(logging), Tracing.read(tracing), Encryption.read(encryption)
    )


def _machine(arn: str, name: str, type: Any, deleting: int, created_ms: int, updated_ms: int, *rest: Any) -> Machine:
    revision, publish, description, *configuration = rest
    return Machine(
        arn,
        name,
        type,
        created_ms,
        updated_ms,
        _configuration(*configuration),
        Publication(bool(publish), description),
        revision,
        "DELETING" if deleting else "ACTIVE",
    )


def _version(
    machine: str, number: int, created_ms: int, description: str | None, revision: str | None, *configuration: Any
) -> Version:
    return Version(machine, number, created_ms, description, revision, _configuration(*configuration))


def _routes(alias: Alias) -> str:
    return json.dumps([[route.version_arn, route.weight] for route in alias.routes])


def _alias(id: int, machine: str, name: str, description: str | None, routes: str, *times_ms: int) -> Alias:
    read = tuple(Route(arn, weight) for arn, weight in json.loads(routes))
    return Alias(id, machine, name, description, read, *times_ms)
