"""Two processes on one folder, whatever they do in turns: both always see what a plain model says."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from stepsmith.local.catalog import Catalog, Change, Route
from stepsmith.local.catalog.conftest import ROLE, definition
from stepsmith.local.catalog.errors import CatalogError, ConflictException
from stepsmith.local.database import Database

WHO = st.integers(0, 1)
COMMENTS = st.sampled_from(["one", "two", "three"])


class Processes(RuleBasedStateMachine):
    """One machine: its definition, what its versions were published with, and where its one alias leads."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.databases = [Database(Path(self.folder.name) / "runs.db") for _ in range(2)]
        self.catalogs = [Catalog(database, lambda: 0, Random(n)) for n, database in enumerate(self.databases)]
        self.arn = self.catalogs[0].machine_arn("m")
        self.definition: str | None = None
        self.versions: dict[int, str] = {}
        self.numbers = 0
        self.published: int | None = None
        self.alias: int | None = None

    @rule(who=WHO, comment=COMMENTS)
    def put(self, who: int, comment: str) -> None:
        self.catalogs[who].put("m", definition(comment), ROLE)
        if self.definition != definition(comment):
            self.definition, self.published = definition(comment), None

    @rule(who=WHO)
    def publish(self, who: int) -> None:
        if self.definition is None:
            return
        if self.published not in self.versions:
            self.numbers += 1
            self.published = self.numbers
            self.versions[self.numbers] = self.definition
        assert self.catalogs[who].versions.publish(self.arn).number == self.published

    @rule(who=WHO, number=st.integers(1, 4))
    def route(self, who: int, number: int) -> None:
        routes = (Route(f"{self.arn}:{number}", 100),)
        try:
            if self.alias is None:
                self.catalogs[who].aliases.create("PROD", routes)
            else:
                self.catalogs[who].aliases.update(f"{self.arn}:PROD", routes)
            self.alias = number
        except CatalogError:
            assert number not in self.versions

    @rule(who=WHO, number=st.integers(1, 4))
    def remove(self, who: int, number: int) -> None:
        try:
            self.catalogs[who].versions.delete(f"{self.arn}:{number}")
            self.versions.pop(number, None)
        except ConflictException:
            assert number == self.alias

    @rule(who=WHO)
    def delete(self, who: int) -> None:
        self.catalogs[who].machines.delete(self.arn)
        self.definition = self.published = self.alias = None
        self.versions, self.numbers = {}, 0

    @rule(who=WHO)
    def update_what_is_the_same(self, who: int) -> None:
        if self.definition is not None:
            self.catalogs[who].machines.update(self.arn, Change(self.definition))

    @invariant()
    def both_see_the_same(self) -> None:
        for catalog in self.catalogs:
            assert dict(self.resolved(catalog)) == {
                "": self.definition,
                ":PROD": None if self.alias is None else self.versions[self.alias],
                **{f":{number}": self.versions.get(number) for number in range(1, 5)},
            }

    def resolved(self, catalog: Catalog) -> Iterator[tuple[str, str | None]]:
        """What each ARN runs."""
        for qualifier in ("", ":PROD", *(f":{number}" for number in range(1, 5))):
            try:
                yield qualifier, catalog.resolve(self.arn + qualifier).definition
            except CatalogError:
                yield qualifier, None

    def teardown(self) -> None:
        for database in self.databases:
            database.close()
        self.folder.cleanup()


TestProcesses = Processes.TestCase
TestProcesses.settings = settings(max_examples=30, stateful_step_count=25, deadline=None)
