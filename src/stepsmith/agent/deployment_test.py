"""Claims about names and ARNs."""

from stepsmith.agent import Deployment


def test_names_carry_the_environment() -> None:
    dev = Deployment("dev", "eu-west-1", "123456789012")
    assert dev.tool_arn("db_interface") == "arn:aws:lambda:eu-west-1:123456789012:function:stepsmith-dev-db_interface"
    assert dev.caller_arn("openai") == "arn:aws:lambda:eu-west-1:123456789012:function:stepsmith-dev-caller-openai"
    assert dev.machine_arn("sql") == "arn:aws:states:eu-west-1:123456789012:stateMachine:stepsmith-dev-sql"
    assert dev.artifacts("sql") == "s3://stepsmith-dev-123456789012-eu-west-1/artifacts/sql/"


def test_regions_know_their_part_of_aws() -> None:
    parts = {
        region: Deployment(region=region).integration("lambda:invoke") for region in ("cn-north-1", "us-gov-east-1")
    }
    assert parts == {
        "cn-north-1": "arn:aws-cn:states:::lambda:invoke",
        "us-gov-east-1": "arn:aws-us-gov:states:::lambda:invoke",
    }


def test_a_role_carries_its_kind_and_region_so_that_agents_tools_and_regions_do_not_clash() -> None:
    dev = Deployment("dev", "eu-west-1", "123456789012")
    assert dev.role_name("tool", "books") == "stepsmith-dev-tool-books-eu-west-1"
    assert dev.role_name("agent", "books") == "stepsmith-dev-agent-books-eu-west-1"


def test_a_role_that_is_too_long_for_iam_is_cut_and_stays_its_own() -> None:
    dev = Deployment("dev", "ap-southeast-1", "123456789012")
    one, other = (dev.role_name("tool", f"{'very_' * 10}{end}") for end in "ab")
    assert len(one) == len(other) == 64
    assert one != other
