"""Claims on IAM as values: what cannot be written, and what comes out."""

import pytest

from infra.policy import EVERYWHERE, Statement, allow, allow_anywhere, document, trust

TABLE = "arn:aws:dynamodb:eu-west-1:123456789012:table/ledger"


def test_a_statement_names_its_actions_and_resources() -> None:
    assert document(allow("dynamodb:GetItem", "dynamodb:Query", on=[TABLE])) == {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": ["dynamodb:GetItem", "dynamodb:Query"], "Resource": [TABLE]}],
    }


@pytest.mark.parametrize("action", ["*", "s3:*", "*:GetObject", "s3", "s3:", ":GetObject"])
def test_every_action_of_a_service_is_refused(action: str) -> None:
    with pytest.raises(ValueError, match="name those that are needed"):
        allow(action, on=[TABLE])


@pytest.mark.parametrize("action", ["s3:GetObject", "dynamodb:PutItem", "lambda:InvokeFunction"])
def test_an_action_on_every_resource_needs_a_written_reason(action: str) -> None:
    with pytest.raises(ValueError, match=r"has no reason in infra/policy\.py"):
        allow(action, on=[TABLE, "*"])
    with pytest.raises(ValueError, match=r"has no reason"):
        allow_anywhere(action)


def test_an_action_with_a_reason_may_be_allowed_everywhere() -> None:
    assert allow_anywhere("xray:PutTraceSegments").resources == ("*",)
    assert all(reason.strip() for reason in EVERYWHERE.values())


def test_a_role_is_trusted_to_one_service_under_conditions() -> None:
    where = {"StringEquals": {"aws:SourceAccount": "123456789012"}}
    assert trust("states", where).json() == {
        "Effect": "Allow",
        "Action": ["sts:AssumeRole"],
        "Principal": {"Service": "states.amazonaws.com"},
        "Condition": where,
    }


def test_a_deny_may_take_every_right() -> None:
    assert Statement(("s3:*",), (TABLE,), principal="*", effect="Deny").json()["Action"] == ["s3:*"]
