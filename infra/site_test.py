"""Claims on where a synthesis goes, and what is refused."""

import pytest

from infra.conftest import AWS
from infra.errors import InfraError
from infra.site import Placement, Site, State, Target, deployment


@pytest.mark.parametrize(
    ("environment", "region", "account", "option"),
    [
        ("Dev", "eu-west-1", "123456789012", "--env: 'Dev'"),
        ("", "eu-west-1", "123456789012", "--env: ''"),
        ("a" * 17, "eu-west-1", "123456789012", "--env: "),
        ("dev", "Europe", "123456789012", "--region: 'Europe'"),
        ("dev", "eu-west-1", "12345", "--account: '12345'"),
    ],
)
def test_what_aws_would_not_take_is_said_by_its_option(
    environment: str, region: str, account: str, option: str
) -> None:
    with pytest.raises(InfraError, match=f"^{option}.* will not do. Give "):
        deployment(environment, region, account)


@pytest.mark.parametrize("region", ["us-east-1", "ap-southeast-5", "us-gov-west-1", "cn-northwest-1", "mx-central-1"])
def test_every_kind_of_region_is_taken(region: str) -> None:
    assert deployment("dev", region, "123456789012").region == region


def test_the_longest_environment_still_makes_a_bucket_that_s3_takes() -> None:
    assert len(deployment("a" * 16, "ap-southeast-1", "123456789012").bucket) <= 63


def test_state_is_kept_beside_the_root_or_under_a_prefix_of_a_bucket() -> None:
    assert State.parse(None) == State()
    assert State.parse("s3://states/team/dev/").key("stepsmith") == "team/dev/stepsmith.tfstate"
    assert State.parse("s3://states/").key("stepsmith") == "stepsmith.tfstate"


@pytest.mark.parametrize(
    "uri", ["states", "s3://", "s3://Upper/x", "s3://states", "https://states/x", "s3://states//x"]
)
def test_another_place_for_state_is_refused(uri: str) -> None:
    with pytest.raises(InfraError, match=r"--state: .* is no s3://bucket/prefix"):
        State.parse(uri)


def test_what_lies_on_a_laptop_is_disposable_and_what_lies_on_aws_is_not_unless_said() -> None:
    assert not AWS.is_disposable
    assert Site(AWS.deployment, "..", disposable=True).is_disposable
    assert Site(AWS.deployment, "..", Target("http://127.0.0.1:4599")).is_disposable


def test_a_vpc_of_ones_own_is_named_by_subnets_and_security_groups() -> None:
    assert Placement.parse("subnet-0a,subnet-1b", "sg-2c") == Placement(("subnet-0a", "subnet-1b"), ("sg-2c",))
    assert Placement.parse(None, None) is Placement.parse("", "") is None


@pytest.mark.parametrize(
    ("subnets", "groups", "sentence"),
    [
        ("subnet-0a", None, "--security-groups: '' will not do. Give ids with a comma between them: sg-0a1b"),
        (None, "sg-0a", "--subnets: '' will not do. Give ids with a comma between them: subnet-0a1b,subnet-2c3d"),
        ("subnet-0a, subnet-1b", "sg-0a", "--subnets: 'subnet-0a, subnet-1b' will not do"),
        ("subnet-0a,", "sg-0a", "--subnets: 'subnet-0a,' will not do"),
        ("subnet-0a", "default", "--security-groups: 'default' will not do"),
    ],
)
def test_half_of_a_vpc_and_names_in_place_of_ids_are_refused(
    subnets: str | None, groups: str | None, sentence: str
) -> None:
    with pytest.raises(InfraError, match=f"^{sentence}"):
        Placement.parse(subnets, groups)
