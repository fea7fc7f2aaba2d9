"""How many there may be of each, and what is said when there is one too many."""

from collections.abc import Callable

import pytest

from stepsmith.local.catalog import Catalog, Change, Quotas, Route
from stepsmith.local.catalog.conftest import ROLE, OpenCatalog, definition
from stepsmith.local.catalog.errors import (
    ActivityLimitExceeded,
    CatalogError,
    ServiceQuotaExceededException,
    StateMachineLimitExceeded,
)
from stepsmith.local.catalog.values import AWS_QUOTAS

ONE = Quotas(machines=1, activities=1, versions=1, aliases=1)


def test_the_quotas_are_those_of_aws() -> None:
    assert Quotas(machines=100_000, activities=100_000, versions=1_000, aliases=100, tags=50) == AWS_QUOTAS


def _second_machine(catalog: Catalog) -> None:
    catalog.put("second", definition(), ROLE)


def _second_activity(catalog: Catalog) -> None:
    for name in ("first", "second"):
        catalog.activities.create(name)


def _second_version(catalog: Catalog) -> None:
    arn = catalog.machine_arn("first")
    catalog.versions.publish(arn)
    catalog.machines.update(arn, Change(definition("second")))
    catalog.versions.publish(arn)


def _second_alias(catalog: Catalog) -> None:
    version = catalog.versions.publish(catalog.machine_arn("first"))
    for name in ("a", "b"):
        catalog.aliases.create(name, (Route(version.arn, 100),))


@pytest.mark.parametrize(
    ("exceed", "error"),
    [
        (_second_machine, StateMachineLimitExceeded),
        (_second_activity, ActivityLimitExceeded),
        (_second_version, ServiceQuotaExceededException),
        (_second_alias, ServiceQuotaExceededException),
    ],
)
def test_one_more_than_a_quota_is_refused(
    open_catalog: OpenCatalog, exceed: Callable[[Catalog], None], error: type[CatalogError]
) -> None:
    catalog = open_catalog(ONE)
    catalog.put("first", definition(), ROLE)
    with pytest.raises(error):
        exceed(catalog)


def test_what_is_deleted_makes_room(open_catalog: OpenCatalog) -> None:
    catalog = open_catalog(ONE)
    catalog.machines.delete(catalog.put("first", definition(), ROLE).arn)
    catalog.put("second", definition(), ROLE)
    assert [each.name for each in catalog.machines.list(10)] == ["second"]
