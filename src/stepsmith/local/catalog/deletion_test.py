"""A machine with an execution at work is DELETING until that has ended; then it is gone."""

from collections.abc import Callable

import pytest

from stepsmith.local.catalog import Catalog, Change, Machine, Route
from stepsmith.local.catalog.conftest import ROLE, definition
from stepsmith.local.catalog.errors import CatalogError, StateMachineDeleting, StateMachineDoesNotExist
from stepsmith.local.store import Beginning, Ending, Entry, Store

Act = Callable[[Catalog, Machine], object]


@pytest.fixture
def store(catalog: Catalog) -> Store:
    return Store(catalog.machines.records.database)


@pytest.fixture
def machine(catalog: Catalog) -> Machine:
    return catalog.put("m", definition(), ROLE)


@pytest.fixture
def run(store: Store, catalog: Catalog, machine: Machine) -> int:
    """An execution at work, its machine being deleted."""
    arn = machine.arn.replace(":stateMachine:", ":execution:") + ":first"
    began = Beginning(arn, "first", machine.arn, ROLE, definition(), {}, 1, 0, "asl")
    id = store.begin(began, None)
    catalog.machines.delete(machine.arn)
    return id


def end(store: Store, run: int) -> None:
    """The execution's end, as another process records it."""
    store.append(run, Entry(0, 1, 1, 0, None), Ending("SUCCEEDED", 1, {}))


def test_it_is_described_and_listed_as_long_as_its_execution_runs(catalog: Catalog, machine: Machine, run: int) -> None:
    assert catalog.machines.get(machine.arn).status == "DELETING"
    assert [each.name for each in catalog.machines.list(10)] == ["m"]


ACTS: list[Act] = [
    lambda catalog, machine: catalog.resolve(machine.arn),
    lambda catalog, machine: catalog.put("m", definition(), ROLE),
    lambda catalog, machine: catalog.machines.create("m", "STANDARD", machine.configuration),
    lambda catalog, machine: catalog.machines.update(machine.arn, Change(definition("second"))),
    lambda catalog, machine: catalog.versions.publish(machine.arn),
    lambda catalog, machine: catalog.aliases.create("PROD", (Route(f"{machine.arn}:1", 100),)),
    lambda catalog, machine: catalog.aliases.list(machine.arn, 10),
]


@pytest.mark.parametrize("act", ACTS)
def test_nothing_new_is_made_of_it(catalog: Catalog, machine: Machine, run: int, act: Act) -> None:
    with pytest.raises(StateMachineDeleting) as refused:
        act(catalog, machine)
    assert str(refused.value) == f"State Machine is being deleted: '{machine.arn}'"


def test_its_versions_and_aliases_are_gone_at_once(catalog: Catalog, store: Store, machine: Machine) -> None:
    version = catalog.versions.publish(machine.arn)
    alias = catalog.aliases.create("PROD", (Route(version.arn, 100),))
    arn = machine.arn.replace(":stateMachine:", ":execution:") + ":first"
    store.begin(Beginning(arn, "first", machine.arn, ROLE, definition(), {}, 1, 0, "asl"), None)
    catalog.machines.delete(machine.arn)
    for gone in (version.arn, alias.arn):
        with pytest.raises(CatalogError):
            catalog.describe(gone)


def test_it_is_gone_when_its_execution_has_ended(catalog: Catalog, store: Store, machine: Machine, run: int) -> None:
    end(store, run)
    with pytest.raises(StateMachineDoesNotExist):
        catalog.machines.get(machine.arn)
    assert catalog.machines.list(10) == []


def test_its_name_is_free_again_then(catalog: Catalog, store: Store, machine: Machine, run: int) -> None:
    end(store, run)
    again = catalog.put("m", definition("second"), ROLE)
    assert (again.status, again.revision_id) == ("ACTIVE", None)
    assert catalog.versions.publish(again.arn).number == 1
