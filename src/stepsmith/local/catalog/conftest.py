"""What the tests of the catalog share: one on the test's own database, and definitions to tell apart."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from stepsmith.local import VirtualClock
from stepsmith.local.catalog import Catalog, Quotas
from stepsmith.local.catalog.values import AWS_QUOTAS
from stepsmith.local.database import Database

ROLE = "arn:aws:iam::000000000000:role/test"
OpenCatalog = Callable[..., Catalog]


def definition(comment: str = "first") -> str:
    """A machine of one state; another comment is another definition."""
    return json.dumps({"Comment": comment, "StartAt": "Done", "States": {"Done": {"Type": "Succeed"}}})


@pytest.fixture
def open_catalog(tmp_path: Path, clock: VirtualClock) -> Iterator[OpenCatalog]:
    """Opens a catalog on the test's data folder, each with a connection of its own."""
    opened: list[Database] = []

    def open_one(quotas: Quotas = AWS_QUOTAS, seed: int = 1) -> Catalog:
        opened.append(Database(tmp_path / "data" / "runs.db"))
        return Catalog(opened[-1], clock.now_ms, Random(seed), quotas=quotas)

    yield open_one
    for database in opened:
        database.close()


@pytest.fixture
def catalog(open_catalog: OpenCatalog) -> Catalog:
    return open_catalog()
