"""The log of cells in the run's artifacts: reads and writes of `state`, nothing decided here."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field

from stepsmith.contracts import ContractError
from stepsmith.objects import Location, Objects

from . import state

BINARY = "application/octet-stream"


@dataclass(frozen=True)
class Cells:
    """The cells of one run, and the artifacts beside them, as they were at the first look."""

    objects: Objects
    artifacts: Location
    sizes: dict[str, int] = field(default_factory=dict)

    @classmethod
    def look(cls, objects: Objects, artifacts: Location) -> Cells:
        listed = objects.list(artifacts)
        return cls(objects, artifacts, {at.key.removeprefix(artifacts.key): size for at, size in listed})

    def last(self) -> state.Cell | None:
        number = state.last_number(list(self.sizes))
        return self.cell(number) if number else None

    def cell(self, number: int) -> state.Cell:
        """Raises `ContractError` where the object is not one of ours."""
        data = self.objects.get(self.artifacts / state.cell_key(number))
        try:
            return state.Cell.from_json(json.loads(data), f"cell {number}")
        except ValueError as error:
            raise ContractError(f"cell {number}", "its object is no JSON") from error

    def commit(self, cell: state.Cell) -> state.Cell:
        """The cell, or the one that has its number already."""
        data = json.dumps(cell.to_json()).encode()
        try:
            self.objects.put(self.artifacts / state.cell_key(cell.number), data, "application/json", mode="create")
        except FileExistsError:
            return self.cell(cell.number)
        return cell

    def data_files(self) -> dict[str, int]:
        """Sizes of the run's own artifacts by name, without our log."""
        return {name: size for name, size in self.sizes.items() if "/" not in name}

    def artifact(self, name: str) -> bytes:
        return self.objects.get(self.artifacts / name)

    def blob(self, digest: str) -> bytes:
        return self.objects.get(self.artifacts / f"{state.BLOBS}{digest}")

    def keep(self, data: bytes) -> str:
        """Stores bytes under their hash, unless they are there; the hash."""
        digest = hashlib.sha256(data).hexdigest()
        key = f"{state.BLOBS}{digest}"
        if key not in self.sizes:
            self.objects.put(self.artifacts / key, data, BINARY)
        return digest
