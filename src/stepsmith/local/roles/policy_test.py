"""What policies decide, by the cases of the IAM user guide's "Policy evaluation logic" and element reference."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from .policy import Decision, Malformed, Wanted, decide, parse, unknown

OBJECT = "arn:aws:s3:::reports/2026/11.csv"


def statement(effect: str = "Allow", action: Any = "s3:GetObject", resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


def decided(
    *statements: Mapping[str, Any], action: str = "s3:GetObject", resource: str = OBJECT, **context: str
) -> Decision:
    document = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return decide(parse(document), Wanted(action, resource, {key.replace("_", ":"): v for key, v in context.items()}))


def test_nothing_is_allowed_that_no_statement_allows() -> None:
    assert decided() is Decision.NOT_ALLOWED
    assert decided(statement(action="s3:PutObject")) is Decision.NOT_ALLOWED
    assert decided(statement(resource="arn:aws:s3:::other/*")) is Decision.NOT_ALLOWED


def test_an_explicit_deny_wins_over_any_allow() -> None:
    assert decided(statement(), statement("Deny", resource="arn:aws:s3:::reports/2026/*")) is Decision.DENIED
    assert decided(statement(), statement("Deny", resource="arn:aws:s3:::reports/2025/*")) is Decision.ALLOWED


@pytest.mark.parametrize(
    ("action", "is_allowed"),
    [
        ("s3:GetObject", True),
        ("S3:getobject", True),
        ("s3:Get*", True),
        ("s3:Get?bject", True),
        ("*", True),
        (["s3:PutObject", "s3:GetObject"], True),
        ("s3:Get", False),
        ("s3.GetObject", False),
    ],
)
def test_actions_are_named_with_wildcards_in_any_case(action: Any, is_allowed: bool) -> None:
    assert (decided(statement(action=action)) is Decision.ALLOWED) is is_allowed


@pytest.mark.parametrize(
    ("resource", "is_allowed"),
    [
        (OBJECT, True),
        ("arn:aws:s3:::reports/*", True),
        ("arn:aws:s3:::reports/????/11.csv", True),
        ("arn:aws:s3:*:*:reports/*", True),
        ("arn:aws:s3", True),
        ("arn:*", True),
        ("arn:aws:s3:::Reports/*", False),
        ("arn:aws:s3:::reports", False),
        ("arn:aws:s3*:reports/*", False),
    ],
)
def test_resources_are_compared_part_by_part(resource: str, is_allowed: bool) -> None:
    assert (decided(statement(resource=resource)) is Decision.ALLOWED) is is_allowed


def test_a_last_part_holds_colons_too() -> None:
    function = "arn:aws:lambda:us-east-1:000000000000:function:tool:live"
    assert decided(statement(resource="arn:aws:lambda:*:*:function:*"), resource=function) is Decision.ALLOWED
    assert decided(statement(resource="arn:aws:lambda:*:*:function:tool"), resource=function) is Decision.NOT_ALLOWED


def test_not_action_and_not_resource_speak_of_all_others() -> None:
    others = {"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::secret/*"}
    assert decided(others) is Decision.ALLOWED
    assert decided(others, action="iam:GetRole") is Decision.NOT_ALLOWED
    assert decided(others, resource="arn:aws:s3:::secret/1") is Decision.NOT_ALLOWED


@pytest.mark.parametrize(
    ("condition", "is_allowed"),
    [
        ({"StringEquals": {"s3:prefix": ["a/", "b/"]}}, True),
        ({"StringEquals": {"S3:Prefix": "b/"}}, False),
        ({"StringLike": {"s3:prefix": "a*"}}, True),
        ({"StringNotLike": {"s3:prefix": ["b*", "c*"]}}, True),
        ({"StringNotLike": {"s3:prefix": ["b*", "a*"]}}, False),
        ({"StringEquals": {"s3:delimiter": "/"}}, False),
        ({"StringNotEquals": {"s3:delimiter": "/"}}, True),
        ({"StringEqualsIfExists": {"s3:delimiter": "/"}}, True),
        ({"Null": {"s3:delimiter": "true"}}, True),
        ({"Null": {"s3:prefix": "true"}}, False),
        ({"Bool": {"aws:SecureTransport": True}}, True),
        ({"NumericLessThanEquals": {"s3:max-keys": 10}}, True),
        ({"NumericLessThan": {"s3:max-keys": "10"}}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:sts::*:assumed-role/tool/*"}}, True),
        ({"StringLike": {"s3:prefix": "${aws:PrincipalAccount}/*"}}, False),
        ({"StringLike": {"s3:prefix": "a*"}, "Null": {"s3:prefix": "true"}}, False),
    ],
)
def test_a_condition_must_hold_in_all_its_keys(condition: Any, is_allowed: bool) -> None:
    known = {
        "s3_prefix": "a/",
        "s3_max-keys": "10",
        "aws_securetransport": "true",
        "aws_principalarn": "arn:aws:sts::000000000000:assumed-role/tool/tool",
        "aws_principalaccount": "000000000000",
    }
    assert (decided(statement(Condition=condition), **known) is Decision.ALLOWED) is is_allowed


def test_a_variable_stands_for_what_the_request_says() -> None:
    own = statement(resource="arn:aws:s3:::reports/${aws:PrincipalTag/team}/*")
    assert decided(own, **{"aws_principaltag/team": "2026"}) is Decision.ALLOWED
    assert decided(own, **{"aws_principaltag/team": "2025"}) is Decision.NOT_ALLOWED
    assert decided(own) is Decision.NOT_ALLOWED


def test_a_condition_that_is_not_evaluated_never_allows_and_always_denies() -> None:
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    assert decided(statement(Condition=condition)) is Decision.NOT_ALLOWED
    assert decided(statement(), statement("Deny", Condition=condition)) is Decision.DENIED
    assert decided(statement(), statement("Deny", "s3:PutObject", Condition=condition)) is Decision.ALLOWED
    statements = parse(json.dumps({"Statement": statement(Condition=condition)}))
    assert unknown(statements, Wanted("s3:GetObject", OBJECT, {})) == ("IpAddress",)
    assert unknown(statements, Wanted("s3:PutObject", OBJECT, {})) == ()


@pytest.mark.parametrize(
    "document",
    [
        "{",
        "[]",
        "{}",
        '{"Statement": {"Effect": "Permit", "Action": "*", "Resource": "*"}}',
        '{"Statement": {"Effect": "Allow", "Resource": "*"}}',
        '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "NotResource": "*"}}',
        '{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": ["Bool"]}}',
        '{"Statement": ["Allow"]}',
    ],
)
def test_a_document_that_is_no_policy_is_malformed(document: str) -> None:
    with pytest.raises(Malformed):
        parse(document)
