"""Claims on errors: one sentence each, and what to do. The words are Terraform's and AWS's own."""

import pytest

from .events import Told
from .faults import TerraformError, errors_in, exists_already

DENIED = "operation error IAM: CreateRole, https response error StatusCode: 403, api error AccessDenied: User: x is not"


@pytest.mark.parametrize(
    ("summary", "detail", "advice"),
    [
        ("Error acquiring the state lock", "ConditionalCheckFailedException", "Somebody else works on this state"),
        ("creating IAM Role (stepsmith-dev-sql)", DENIED, "The key lacks that right"),
        ("listing tags", "api error SignatureDoesNotMatch: The request signature", "AWS does not know this key"),
        ("creating Lambda", "ResourceConflictException: Function already exist: f", "--adopt"),
        ("Failed to query available provider packages", "could not connect to registry", "TF_PLUGIN_MIRROR"),
        ("reading S3 Bucket", "dial tcp 127.0.0.1:4599: connect: connection refused", "is the endpoint up"),
    ],
)
def test_an_error_says_what_was_refused_and_what_to_do(summary: str, detail: str, advice: str) -> None:
    said = str(TerraformError([Told(True, summary, detail, "aws_x.y")]))
    first, last = said.splitlines()
    assert first.startswith(f"aws_x.y: {summary}: ") and advice in last


def test_what_is_said_twice_is_told_once_and_a_remedy_too() -> None:
    told = Told(True, "creating IAM Role", DENIED, "aws_iam_role.a")
    other = Told(True, "creating IAM Role", DENIED, "aws_iam_role.b")
    assert len(str(TerraformError([told, told, other])).splitlines()) == 3


def test_only_what_is_about_a_resource_can_be_taken_over() -> None:
    assert exists_already(Told(True, "creating", "EntityAlreadyExists: Role with name x", "aws_iam_role.a"))
    assert not exists_already(Told(True, "creating", "EntityAlreadyExists: Role with name x", ""))


def test_errors_for_people_are_read_out_of_their_boxes() -> None:
    text = "Initializing...\n╷\n│ Error: Unsupported Terraform Core version\n│ \n│   on cdk.tf.json line 3\n╵\n"
    assert errors_in(text) == (Told(True, "Unsupported Terraform Core version", "on cdk.tf.json line 3", ""),)
    assert "panic: boom" in errors_in("panic: boom")[0].detail
