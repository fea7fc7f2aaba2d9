"""Claims on what `network` of a tool.json makes on AWS."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from infra.conftest import REPOSITORY, VPC, Json, Synthesise, policies, resources
from infra.errors import InfraError

RATES = "tools/go/rates/tool.json"
LEDGER = "tools/python/ledger/tool.json"


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return shutil.copytree(REPOSITORY, tmp_path / "repository")


def rewrite(repository: Path, description: str, **changes: Any) -> Path:
    path = repository / description
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **changes}))
    return repository


def network(terraform: Json, kind: str) -> Json:
    """Its resources of a kind, by what they are called there."""
    found = resources(terraform, kind).items()
    return {path.removeprefix("foundation/network/"): each for path, each in found}


def placed(terraform: Json) -> Json:
    functions = resources(terraform, "aws_lambda_function")
    return {path: each.get("vpc_config") for path, each in functions.items()}


def test_none_is_in_the_closed_network_vpc_in_the_one_named_and_internet_in_none(terraform: Json) -> None:
    found = placed(terraform)
    closed = found["tools/rates/function"]
    assert all(subnet.startswith("${aws_subnet.foundation_network_subnet") for subnet in closed["subnet_ids"])
    assert len(closed["subnet_ids"]) == 2
    assert [group.partition("_functions_")[0] for group in closed["security_group_ids"]] == [
        "${aws_security_group.foundation_network"
    ]
    assert found["tools/ledger/function"] == {
        "subnet_ids": list(VPC.subnets),
        "security_group_ids": list(VPC.security_groups),
    }
    assert found["models/acme/function"] is None


def test_the_only_route_of_the_closed_network_is_that_to_s3(terraform: Json) -> None:
    made = json.dumps([*terraform["resource"]])
    assert "gateway" not in made and 'aws_route"' not in made and "aws_eip" not in made
    [table] = network(terraform, "aws_route_table").values()
    assert "route" not in table
    associated = network(terraform, "aws_route_table_association").values()
    assert len({each["subnet_id"] for each in associated}) == 2
    assert len({each["route_table_id"] for each in associated}) == 1
    s3 = network(terraform, "aws_vpc_endpoint")["s3"]
    assert (s3["vpc_endpoint_type"], len(s3["route_table_ids"])) == ("Gateway", 1)


def test_the_closed_network_lies_in_two_zones_and_stays_there(terraform: Json) -> None:
    subnets = network(terraform, "aws_subnet").values()
    assert len({each["availability_zone"] for each in subnets}) == 2
    assert all(each["lifecycle"] == {"ignore_changes": ["availability_zone"]} for each in subnets)
    assert not any("map_public_ip_on_launch" in each for each in subnets)


def test_what_the_closed_network_refuses_is_written_down(terraform: Json) -> None:
    [log] = network(terraform, "aws_flow_log").values()
    assert log["traffic_type"] == "REJECT"
    assert log["vpc_id"].startswith("${aws_vpc.foundation_network_vpc_")
    group = network(terraform, "aws_cloudwatch_log_group")["refusals/logs"]
    assert group == {**group, "name": "/aws/vpc/stepsmith-dev-closed", "retention_in_days": 7}


def test_functions_of_the_closed_network_talk_to_s3_by_tls_and_nobody_talks_to_them(terraform: Json) -> None:
    [rule] = network(terraform, "aws_vpc_security_group_egress_rule").values()
    assert (rule["ip_protocol"], rule["from_port"], rule["to_port"]) == ("tcp", 443, 443)
    assert rule["prefix_list_id"].startswith("${aws_vpc_endpoint.foundation_network_s3_")
    assert not {"cidr_ipv4", "cidr_ipv6"} & set(rule)
    assert "aws_vpc_security_group_ingress_rule" not in terraform["resource"]
    for kind in ("aws_security_group", "aws_default_security_group"):
        [group] = network(terraform, kind).values()
        assert not {"ingress", "egress"} & set(group)


def test_a_secret_of_a_closed_tool_makes_the_way_to_that_secret_and_no_other(
    synthesise: Synthesise, repository: Path
) -> None:
    terraform = json.loads(synthesise(rewrite(repository, RATES, secrets=["RATES_KEY?"]))["cdk.tf.json"])
    endpoint = network(terraform, "aws_vpc_endpoint")["secretsmanager"]
    assert (endpoint["vpc_endpoint_type"], endpoint["private_dns_enabled"]) == ("Interface", True)
    assert len(endpoint["subnet_ids"]) == 2
    [passed] = policies(terraform)["foundation/network/secretsmanager"]
    arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:stepsmith-dev-RATES_KEY-??????"
    assert (passed["Action"], passed["Resource"]) == (["secretsmanager:GetSecretValue"], [arn])
    rules = network(terraform, "aws_vpc_security_group_egress_rule") | network(
        terraform, "aws_vpc_security_group_ingress_rule"
    )
    assert set(rules) == {"to-s3", "to-secrets", "from-functions"}
    assert rules["to-secrets"]["referenced_security_group_id"] == rules["from-functions"]["security_group_id"]
    assert rules["from-functions"]["referenced_security_group_id"] == rules["to-s3"]["security_group_id"]


def test_no_network_is_made_that_no_tool_needs(synthesise: Synthesise, repository: Path) -> None:
    terraform = json.loads(synthesise(rewrite(repository, RATES, network="internet"))["cdk.tf.json"])
    assert "aws_vpc" not in terraform["resource"] and "data" not in terraform
    assert placed(terraform)["tools/rates/function"] is None


def test_a_tool_whose_vpc_nobody_named_is_where_those_without_a_network_are(
    synthesise: Synthesise, repository: Path
) -> None:
    found = placed(json.loads(synthesise(rewrite(repository, LEDGER, permissions=[]), vpc=None)["cdk.tf.json"]))
    assert found["tools/ledger/function"] == found["tools/rates/function"] is not None


def test_permissions_in_a_vpc_that_nobody_named_are_one_sentence(synthesise: Synthesise) -> None:
    sentence = (
        r"^tools/python/ledger/tool\.json: permissions .* 'vpc' and no VPC of yours is named: .* \(--subnets and --"
    )
    with pytest.raises(InfraError, match=sentence):
        synthesise(vpc=None)


def test_permissions_without_a_network_are_refused(synthesise: Synthesise, repository: Path) -> None:
    with pytest.raises(InfraError, match=r"^tools/python/ledger/tool\.json: permissions are of no use where network"):
        synthesise(rewrite(repository, LEDGER, network="none"))
