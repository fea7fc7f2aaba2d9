"""Reads of `aws.db` beside moto's thread: one SELECT that waits for nobody, and that costs nothing while there is no
file."""

from pathlib import Path
from typing import Any

from stepsmith.local.database import Database

from .state import STEPS


class Reading:
    """Belongs to the thread that reads first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._database: Database | None = None

    def row(self, statement: str, values: tuple[Any, ...]) -> Any:
        """The first row, None where there is none. Raises StoreError."""
        if self._database is None and not self._path.exists():
            return None
        if self._database is None:
            self._database = Database(self._path, steps=STEPS)
        return self._database.execute(statement, values).fetchone()

    def close(self) -> None:
        if self._database is not None:
            self._database.close()
            self._database = None
