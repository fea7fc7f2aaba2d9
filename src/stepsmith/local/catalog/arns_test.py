"""What the ARNs of this service are read as, and what is said of those that are none."""

import pytest

from stepsmith.local.catalog import arns
from stepsmith.local.catalog.arns import MachineArn
from stepsmith.local.catalog.errors import CatalogError, InvalidArn, InvalidName, ValidationException

_SURROGATE = "arn:aws:states:\ud800:000000000000:stateMachine:sql"
MACHINE = "arn:aws:states:us-east-1:000000000000:stateMachine:sql"


@pytest.mark.parametrize(
    ("arn", "read"),
    [
        (MACHINE, MachineArn(MACHINE)),
        (f"{MACHINE}:12", MachineArn(MACHINE, version=12)),
        (f"{MACHINE}:PROD", MachineArn(MACHINE, alias="PROD")),
        (f"{MACHINE}:v1.2", MachineArn(MACHINE, alias="v1.2")),
        (f"{MACHINE}/rows", MachineArn(MACHINE, label="rows")),
        (MACHINE.replace("aws", "aws-cn"), MachineArn(MACHINE.replace("aws", "aws-cn"))),
    ],
)
def test_a_machine_a_version_an_alias_and_a_label_are_told_apart(arn: str, read: MachineArn) -> None:
    assert arns.machine_arn(arn) == read


def test_a_name_that_ends_like_its_qualifier_is_kept_whole() -> None:
    arn = "arn:aws:states:us-east-1:000000000000:stateMachine:a:a"
    assert arns.machine_arn(arn) == MachineArn(arn.removesuffix(":a"), alias="a")


@pytest.mark.parametrize(
    "arn", ["sql", "arn:aws:states", "arn:aws:lambda:us-east-1:000000000000:function:sql", "", _SURROGATE]
)
def test_what_is_no_arn_of_this_service_is_said_to_have_a_wrong_prefix(arn: str) -> None:
    with pytest.raises(InvalidArn) as refused:
        arns.machine_arn(arn)
    assert str(refused.value) == f"Invalid Arn: 'Invalid ARN prefix: {arn}'"


def test_an_arn_of_another_kind_is_named_by_its_kind() -> None:
    with pytest.raises(InvalidArn) as refused:
        arns.machine_arn("arn:aws:states:us-east-1:000000000000:execution:sql:first")
    assert str(refused.value) == "Invalid Arn: 'Resource type not valid in this context: execution'"


@pytest.mark.parametrize(
    "rest", ["sql:", "sql:a:b", "a b", "x/", "/rows", ":1", "sql:0", "sql:007", "sql:٣", f"sql:{10**9}", "sql:ä"]
)
def test_a_machine_arn_that_is_ill_formed_is_invalid(rest: str) -> None:
    with pytest.raises(InvalidArn):
        arns.machine_arn(f"arn:aws:states:us-east-1:000000000000:stateMachine:{rest}")


def test_a_label_is_refused_with_its_reason_where_only_machines_are_meant() -> None:
    with pytest.raises(ValidationException) as refused:
        arns.unqualified(f"{MACHINE}/rows")
    assert refused.value.members == {"reason": "API_DOES_NOT_SUPPORT_LABELED_ARNS"}


@pytest.mark.parametrize("arn", [f"{MACHINE}:1", f"{MACHINE}:PROD"])
def test_a_version_or_an_alias_is_no_machine(arn: str) -> None:
    with pytest.raises(InvalidArn):
        arns.unqualified(arn)


@pytest.mark.parametrize("role", ["role", "arn:aws:iam::1:role/x", "arn:aws:lambda:us-east-1:000000000000:function:x"])
def test_what_is_no_role_is_said_to_be_none(role: str) -> None:
    with pytest.raises(CatalogError) as refused:
        arns.check_role(role)
    assert (refused.value.code, str(refused.value)) == ("InvalidArn", f"Invalid Role Arn: '{role}'")


@pytest.mark.parametrize("letter", list(' \t\n<>{}[]?*"#%\\^|~`$&,;:/\x00\x1f\x7f\x9f\ud800\ufffe\uffff\U0010ffff'))
def test_letters_that_names_have_not_are_refused(letter: str) -> None:
    with pytest.raises(InvalidName):
        arns.check_name(f"a{letter}b")


@pytest.mark.parametrize("name", ["a", "grüße", "a.b-c_d+e=f@g(h)!", "x" * 80, "名前"])
def test_other_letters_make_a_name(name: str) -> None:
    arns.check_name(name)
