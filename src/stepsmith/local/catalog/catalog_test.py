"""What an ARN runs, what `put` registers, and what two processes on one folder see of each other."""

from collections import Counter
from dataclasses import replace

import pytest

from stepsmith.local import VirtualClock
from stepsmith.local.catalog import Catalog, Change, Route
from stepsmith.local.catalog.conftest import ROLE, OpenCatalog, definition
from stepsmith.local.catalog.errors import (
    InvalidArn,
    InvalidDefinition,
    StateMachineDoesNotExist,
    ValidationException,
)
from stepsmith.local.catalog.values import Machine


@pytest.fixture
def machine(catalog: Catalog) -> Machine:
    return catalog.put("m", definition(), ROLE)


def published(catalog: Catalog, machine: Machine, *comments: str) -> list[str]:
    """A version of each of these definitions; the ARNs."""
    for comment in comments:
        catalog.machines.update(machine.arn, Change(definition(comment)))
        catalog.versions.publish(machine.arn)
    return [version.arn for version in reversed(catalog.versions.list(machine.arn, 100))]


def test_a_machines_arn_runs_its_latest_revision(catalog: Catalog, machine: Machine) -> None:
    catalog.machines.update(machine.arn, Change(definition("second"), f"{ROLE}2"))
    resolved = catalog.resolve(machine.arn)
    assert (resolved.definition, resolved.role_arn) == (definition("second"), f"{ROLE}2")
    assert (resolved.version_arn, resolved.alias_arn) == (None, None)


def test_a_versions_arn_runs_what_was_published(catalog: Catalog, machine: Machine) -> None:
    first, _ = published(catalog, machine, "one", "two")
    resolved = catalog.resolve(first)
    assert (resolved.definition, resolved.version_arn, resolved.arn) == (definition("one"), first, machine.arn)


def test_an_alias_of_one_version_runs_it(catalog: Catalog, machine: Machine) -> None:
    first, _ = published(catalog, machine, "one", "two")
    alias = catalog.aliases.create("PROD", (Route(first, 100),))
    resolved = catalog.resolve(alias.arn)
    assert (resolved.version_arn, resolved.alias_arn) == (first, f"{machine.arn}:PROD")


def test_an_alias_of_two_versions_draws_by_weight(catalog: Catalog, machine: Machine) -> None:
    first, second = published(catalog, machine, "one", "two")
    alias = catalog.aliases.create("PROD", (Route(first, 80), Route(second, 20)))
    drawn = Counter(catalog.resolve(alias.arn).version_arn for _ in range(1_000))
    assert set(drawn) == {first, second}
    assert 750 < drawn[first] < 850


def test_a_weight_of_nothing_is_never_drawn(catalog: Catalog, machine: Machine) -> None:
    first, second = published(catalog, machine, "one", "two")
    alias = catalog.aliases.create("PROD", (Route(first, 0), Route(second, 100)))
    assert {catalog.resolve(alias.arn).version_arn for _ in range(200)} == {second}


@pytest.mark.parametrize("qualifier", ["", ":1", ":PROD"])
def test_what_is_not_there_cannot_be_resolved(catalog: Catalog, qualifier: str) -> None:
    arn = catalog.machine_arn("none") + qualifier
    with pytest.raises(StateMachineDoesNotExist) as refused:
        catalog.resolve(arn)
    assert str(refused.value) == f"State Machine Does Not Exist: '{arn}'"


@pytest.mark.parametrize("qualifier", [":1", ":PROD"])
def test_a_version_or_alias_that_a_machine_has_not_cannot_be_resolved(
    catalog: Catalog, machine: Machine, qualifier: str
) -> None:
    with pytest.raises(StateMachineDoesNotExist):
        catalog.resolve(machine.arn + qualifier)


def test_a_label_cannot_be_resolved(catalog: Catalog, machine: Machine) -> None:
    with pytest.raises(ValidationException):
        catalog.resolve(f"{machine.arn}/rows")


def test_an_arn_of_another_kind_cannot_be_resolved(catalog: Catalog) -> None:
    with pytest.raises(InvalidArn):
        catalog.resolve(catalog.activity_arn("a"))


def test_resolving_again_gives_the_very_same_values(catalog: Catalog, machine: Machine) -> None:
    assert catalog.resolve(machine.arn).definition is catalog.resolve(machine.arn).definition


def test_putting_the_same_again_changes_nothing(catalog: Catalog, machine: Machine, clock: VirtualClock) -> None:
    assert catalog.put("m", definition(), ROLE) == machine


def test_putting_another_definition_updates_and_publishes_nothing(catalog: Catalog, machine: Machine) -> None:
    put = catalog.put("m", definition("second"), ROLE)
    assert put == replace(
        machine, revision_id=put.revision_id, configuration=replace(machine.configuration, definition=put.definition)
    )
    assert put.revision_id
    assert catalog.versions.list(machine.arn, 10) == []


def test_putting_what_is_no_definition_is_refused(catalog: Catalog) -> None:
    with pytest.raises(InvalidDefinition):
        catalog.put("m", "{}", ROLE)


def test_another_process_sees_an_update_at_once(open_catalog: OpenCatalog) -> None:
    here, there = open_catalog(), open_catalog()
    machine = here.put("m", definition(), ROLE)
    assert there.resolve(machine.arn).definition == definition()
    here.put("m", definition("second"), ROLE)
    assert there.resolve(machine.arn).definition == definition("second")


def test_another_process_sees_what_was_missing_before(open_catalog: OpenCatalog) -> None:
    here, there = open_catalog(), open_catalog()
    arn = here.machine_arn("m")
    with pytest.raises(StateMachineDoesNotExist):
        there.resolve(arn)
    here.put("m", definition(), ROLE)
    assert there.resolve(arn).definition == definition()


def test_a_change_that_fails_leaves_nothing_in_memory(catalog: Catalog, machine: Machine) -> None:
    def change_and_fail() -> None:
        with catalog.machines.records.changing():
            catalog.machines.update(machine.arn, Change(definition("second")))
            assert catalog.resolve(machine.arn).definition == definition("second")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        change_and_fail()
    assert catalog.resolve(machine.arn).definition == definition()


def test_everything_is_there_after_a_restart(open_catalog: OpenCatalog) -> None:
    before = open_catalog()
    machine = before.put("m", definition(), ROLE)
    version = before.versions.publish(machine.arn, description="the first")
    alias = before.aliases.create("PROD", (Route(version.arn, 100),), "for all")
    activity = before.activities.create("review")
    before.tags.add(machine.arn, {"team": "data"})
    after = open_catalog()
    assert after.machines.get(machine.arn) == machine
    assert after.versions.get(version.arn) == version
    assert after.aliases.get(alias.arn) == alias
    assert after.activities.get(activity.arn) == activity
    assert after.tags.of(machine.arn) == {"team": "data"}


def test_a_definition_is_kept_once_for_all_that_have_it(catalog: Catalog, machine: Machine) -> None:
    catalog.put("n", definition(), ROLE)
    catalog.versions.publish(machine.arn)
    assert catalog.machines.records.count("definition") == 1
