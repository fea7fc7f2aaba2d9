"""Claims on the functions of tools and callers, as Terraform is given them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.conftest import REPOSITORY, Json, Synthesise, resources
from infra.errors import InfraError

TOOL = "tools/python/ledger/tool.json"


@pytest.fixture
def functions(terraform: Json) -> Json:
    return resources(terraform, "aws_lambda_function")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return shutil.copytree(REPOSITORY, tmp_path / "repository")


def rewrite(repository: Path, **changes: Any) -> None:
    path = repository / TOOL
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **changes}))


def test_a_function_runs_as_its_description_says(functions: Json) -> None:
    fields = ("runtime", "handler", "timeout", "memory_size", "architectures")
    assert {path: [each[field] for field in fields] for path, each in functions.items()} == {
        "models/acme/function": ["python3.12", "llm_callers.acme.handler.handler", 600, 512, ["x86_64"]],
        "tools/ledger/function": ["python3.12", "ledger.handler.handler", 30, 512, ["x86_64"]],
        "tools/rates/function": ["provided.al2023", "bootstrap", 10, 128, ["arm64"]],
    }


def test_every_function_is_traced_and_has_its_log_group_before_it(functions: Json, terraform: Json) -> None:
    groups = {each["name"] for each in resources(terraform, "aws_cloudwatch_log_group").values()}
    for each in functions.values():
        assert each["tracing_config"] == {"mode": "Active"}
        assert f"/aws/lambda/{each['function_name']}" in groups
        assert any(name.startswith("aws_cloudwatch_log_group.") for name in each["depends_on"])


def test_a_variable_that_is_empty_is_not_set_and_secrets_are_named_by_their_arn(functions: Json) -> None:
    ledger = functions["tools/ledger/function"]["environment"]["variables"]
    assert set(ledger) == {"LEDGER_URL", "LEDGER_KEY_SECRET_ARN", "AUDIT_KEY_SECRET_ARN"}
    assert ledger["LEDGER_KEY_SECRET_ARN"].startswith("${aws_secretsmanager_secret.foundation_secrets_LEDGER_KEY_")
    assert "environment" not in functions["tools/rates/function"]
    assert set(functions["models/acme/function"]["environment"]["variables"]) == {
        "ACME_API_KEY_SECRET_ARN",
        "STEPSMITH_BUCKET",
    }


def test_code_is_named_by_its_hash_so_that_only_what_changed_is_applied(functions: Json, terraform: Json) -> None:
    code = resources(terraform, "aws_s3_object")["tools/rates/code"]
    path = "${path.module}/../../../tools/go/rates.zip"
    assert code["key"] == f'code/rates/${{filesha256("{path}")}}.zip'
    assert code["source"] == path
    assert code["lifecycle"] == {"create_before_destroy": True}
    assert functions["tools/rates/function"]["source_code_hash"] == f'${{filebase64sha256("{path}")}}'


def test_a_tool_and_an_agent_of_one_name_get_roles_of_their_own(ours: Json) -> None:
    names = [each["name"] for each in resources(ours, "aws_iam_role").values()]
    assert len(names) == len(set(names))
    assert {"stepsmith-dev-tool-books-eu-west-1", "stepsmith-dev-agent-books-eu-west-1"} <= set(names)


@pytest.mark.parametrize(
    ("permission", "sentence"),
    [
        (
            {"actions": ["s3:GetObject"], "resources": ["arn:{part}:s3:::b/*"]},
            r"permissions\[0\]\.resources: there is no .part. to fill in. Use partition, region, account, env",
        ),
        ({"actions": ["s3:*"], "resources": ["arn:aws:s3:::b/*"]}, r"permissions\[0\]: 's3:\*' is every action"),
        ({"actions": ["s3:GetObject"], "resources": ["*"]}, r"permissions\[0\]: 's3:GetObject' on every resource"),
    ],
)
def test_a_permission_that_asks_for_too_much_is_refused_by_its_place(
    synthesise: Synthesise, repository: Path, permission: Json, sentence: str
) -> None:
    rewrite(repository, permissions=[permission])
    with pytest.raises(InfraError, match=rf"^tools/python/ledger/tool\.json: {sentence}"):
        synthesise(repository)


def test_a_permission_that_needs_no_resource_is_granted(synthesise: Synthesise, repository: Path) -> None:
    rewrite(repository, permissions=[{"actions": ["xray:GetSamplingRules"], "resources": ["*"]}])
    rights = resources(json.loads(synthesise(repository)["cdk.tf.json"]), "aws_iam_role_policy")["tools/ledger/rights"]
    assert {"Effect": "Allow", "Action": ["xray:GetSamplingRules"], "Resource": ["*"]} in json.loads(rights["policy"])[
        "Statement"
    ]


def test_a_long_description_is_cut_to_what_lambda_takes(synthesise: Synthesise, repository: Path) -> None:
    tools = json.loads((repository / TOOL).read_bytes())["tools"]
    rewrite(repository, tools=[{**tools[0], "name": f"{'n' * 60}{number}"} for number in range(10)])
    (repository / "agents/clerk/agent.py").write_text((REPOSITORY / "agents/desk/agent.py").read_text())
    functions = resources(json.loads(synthesise(repository)["cdk.tf.json"]), "aws_lambda_function")
    assert len(functions["tools/ledger/function"]["description"]) == 256
