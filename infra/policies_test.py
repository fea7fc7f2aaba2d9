"""Claims on every IAM document that is made, of the small repository and of this one: least privilege, both ways."""

import json
import re
from collections.abc import Iterator

import pytest

from infra.conftest import Files, Json, policies
from infra.policy import EVERYWHERE

BUCKET = "arn:aws:s3:::stepsmith-dev-123456789012-eu-west-1"
LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function:stepsmith-dev"
STATES = "arn:aws:states:eu-west-1:123456789012"
ARN = re.compile(r"arn:aws:(?:lambda|states|dynamodb):[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9:/_-]+")


def allowed(terraform: Json) -> Iterator[tuple[str, Json]]:
    for path, statements in policies(terraform).items():
        yield from ((path, statement) for statement in statements if statement["Effect"] == "Allow")


@pytest.fixture(params=["terraform", "ours"])
def made(request: pytest.FixtureRequest) -> Json:
    return dict(request.getfixturevalue(request.param))


def test_there_are_documents_to_judge(terraform: Json, ours: Json) -> None:
    assert len(policies(terraform)) == 2 * 6 + 2  # three functions, two machines, a flow log; the bucket, the way to it
    assert len(policies(ours)) > 2 * 14


def test_no_action_is_a_wildcard(made: Json) -> None:
    assert [(path, action) for path, each in allowed(made) for action in each["Action"] if "*" in action] == []


def test_no_resource_is_everything_without_a_written_reason(made: Json) -> None:
    everywhere = [(path, each["Action"]) for path, each in allowed(made) if "*" in each.get("Resource", [])]
    assert [(path, action) for path, actions in everywhere for action in actions if action not in EVERYWHERE] == []
    assert everywhere


def test_every_resource_lies_in_this_environment(made: Json) -> None:
    outside = [
        (path, resource)
        for path, each in allowed(made)
        for resource in each.get("Resource", [])
        if resource != "*" and "-dev" not in resource and "rule/StepFunctionsGetEvents" not in resource
    ]
    assert outside == []


def test_only_services_may_assume_roles(made: Json) -> None:
    principals = [each["Principal"] for _, each in allowed(made) if each["Action"] == ["sts:AssumeRole"]]
    services = {"lambda.amazonaws.com", "states.amazonaws.com", "vpc-flow-logs.amazonaws.com"}
    assert {service for principal in principals for service in principal.values()} == services
    assert all(set(principal) == {"Service"} for principal in principals)


def test_a_machines_role_allows_just_what_its_definition_names(terraform: Json, files: Files) -> None:
    for agent in ("clerk", "desk"):
        named = set(ARN.findall(files[f"{agent}.asl.json"]))
        table = {"stepsmith-dev-approvals"} & {*re.findall(r"stepsmith-dev-approvals", files[f"{agent}.asl.json"])}
        named |= {f"arn:aws:dynamodb:eu-west-1:123456789012:table/{name}" for name in table}
        used = ("lambda:InvokeFunction", "states:StartExecution", "dynamodb:PutItem")
        statements = policies(terraform)[f"agents/{agent}/rights"]
        granted = {arn for each in statements if each["Action"][0] in used for arn in each["Resource"]}
        assert granted == named


def test_a_supervisor_may_follow_and_stop_the_runs_of_its_sub_agents_only(terraform: Json) -> None:
    statements = policies(terraform)
    following = [each for each in statements["agents/clerk/rights"] if "states:StopExecution" in each["Action"]]
    assert [each["Resource"] for each in following] == [[f"{STATES}:execution:stepsmith-dev-desk:*"]]
    assert not [each for each in statements["agents/desk/rights"] if each["Action"][0].startswith("states:")]


def test_a_machines_role_is_only_for_that_machine(terraform: Json) -> None:
    [trusted] = policies(terraform)["agents/desk/role"]
    machine = f"{STATES}:stateMachine:stepsmith-dev-desk"
    assert trusted["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "123456789012"},
        "ArnLike": {"aws:SourceArn": [machine, f"{machine}:*"]},
    }


def test_a_tool_reads_no_transcript_and_no_secret_that_it_does_not_list(terraform: Json) -> None:
    resources = [arn for each in policies(terraform)["tools/ledger/rights"] for arn in each["Resource"]]
    assert [arn for arn in resources if arn.startswith(BUCKET)] == [f"{BUCKET}/artifacts/*", BUCKET]
    assert [arn.rpartition("secret:")[2] for arn in resources if ":secret:" in arn] == [
        "stepsmith-dev-LEDGER_KEY-??????",
        "stepsmith-dev-AUDIT_KEY-??????",
    ]
    assert ":secret:" not in json.dumps(policies(terraform)["tools/rates/rights"])


def test_a_tool_gets_what_its_tool_json_asks_for(terraform: Json) -> None:
    table = "arn:aws:dynamodb:eu-west-1:123456789012:table/ledger-dev"
    asked = [each for each in policies(terraform)["tools/ledger/rights"] if "dynamodb:GetItem" in each["Action"]]
    assert asked == [{"Effect": "Allow", "Action": ["dynamodb:GetItem"], "Resource": [table]}]


def test_what_goes_to_s3_without_a_network_is_what_every_tool_may_do_with_artifacts(terraform: Json) -> None:
    passed = policies(terraform)["foundation/network/s3"]
    assert {each.pop("Principal") for each in passed} == {"*"}
    assert [each for each in policies(terraform)["tools/rates/rights"] if each in passed] == passed
    assert {resource for each in passed for resource in each["Resource"]} == {BUCKET, f"{BUCKET}/artifacts/*"}


def test_network_interfaces_are_lambdas_to_make_and_never_for_a_functions_code(terraform: Json) -> None:
    for tool in ("rates", "ledger"):
        by_effect = {}
        for each in policies(terraform)[f"tools/{tool}/rights"]:
            if each["Action"][0].startswith("ec2:"):
                by_effect[each["Effect"]] = each
        assert set(by_effect) == {"Allow", "Deny"}
        assert by_effect["Allow"]["Action"] == by_effect["Deny"]["Action"]
        assert by_effect["Deny"]["Condition"] == {"ArnEquals": {"lambda:SourceFunctionArn": f"{LAMBDA}-{tool}"}}
    assert '"ec2:' not in json.dumps(policies(terraform)["models/acme/rights"])


def test_callers_alone_reach_conversations(terraform: Json) -> None:
    reading = {path for path, each in allowed(terraform) if f"{BUCKET}/transcripts/*" in each.get("Resource", [])}
    assert reading == {"models/acme/rights"}


def test_the_bucket_refuses_plain_http(terraform: Json) -> None:
    [denied] = policies(terraform)["foundation/store/policy"]
    assert (denied["Effect"], denied["Principal"], denied["Action"]) == ("Deny", "*", ["s3:*"])
    assert denied["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
