"""Aliases, permissions, tags, event invoke configuration, concurrency and layers, by boto3."""

import io
import json
import zipfile
from random import Random
from typing import Any

import pytest

from stepsmith.local.aws_lambda.conftest import Cloud, OpenCloud

pytestmark = pytest.mark.asyncio

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"
TOPIC = "arn:aws:sns:us-east-1:000000000000:failed"


async def two_versions(cloud: Cloud) -> None:
    """Versions that answer their own number."""
    source = "import os\ndef handler(event, context): return os.environ['AWS_LAMBDA_FUNCTION_VERSION']"
    await cloud.create(source=source, Publish=True)
    await cloud.ask("update_function_configuration", FunctionName="f", Description="another")
    await cloud.ask("publish_version", FunctionName="f")


async def version_that_runs(cloud: Cloud, name: str) -> str:
    answer = await cloud.ask("invoke", FunctionName=name)
    assert answer["ExecutedVersion"] == json.loads(answer["Payload"])
    return str(answer["ExecutedVersion"])


async def test_an_alias_runs_the_version_that_it_names(cloud: Cloud) -> None:
    await two_versions(cloud)
    made = await cloud.ask("create_alias", FunctionName="f", Name="live", FunctionVersion="1", Description="now")
    assert (made["AliasArn"], made["FunctionVersion"]) == (f"{ARN}:live", "1")
    assert await version_that_runs(cloud, "f:live") == "1"
    await cloud.ask("update_alias", FunctionName="f", Name="live", FunctionVersion="2")
    assert await version_that_runs(cloud, f"{ARN}:live") == "2"
    found = await cloud.ask("get_alias", FunctionName="f", Name="live")
    assert (found["FunctionVersion"], found["Description"]) == ("2", "now")
    assert found["RevisionId"] != made["RevisionId"]
    await cloud.ask("delete_alias", FunctionName="f", Name="live")
    told = await cloud.refused("get_alias", FunctionName="f", Name="live")
    assert told == ("ResourceNotFoundException", f"Cannot find alias arn: {ARN}:live", 404)


async def test_an_alias_sends_its_share_to_another_version(open_cloud: OpenCloud) -> None:
    cloud = await open_cloud(random=Random(7))
    await two_versions(cloud)
    weights = {"AdditionalVersionWeights": {"2": 0.5}}
    await cloud.ask("create_alias", FunctionName="f", Name="live", FunctionVersion="1", RoutingConfig=weights)
    ran = [await version_that_runs(cloud, "f:live") for _ in range(20)]
    assert 3 < ran.count("2") < 17
    told = await cloud.refused("delete_function", FunctionName="f", Qualifier="2")
    assert told[0] == "ResourceConflictException"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"FunctionVersion": "9"}, "ResourceNotFoundException"),
        ({"Name": "12"}, "ValidationException"),
        (
            {"FunctionVersion": "$LATEST", "RoutingConfig": {"AdditionalVersionWeights": {"1": 0.1}}},
            "InvalidParameterValueException",
        ),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"1": 0.1}}}, "InvalidParameterValueException"),
        ({"RoutingConfig": {"AdditionalVersionWeights": {"2": 2.0}}}, "ValidationException"),
    ],
)
async def test_an_alias_that_cannot_be_is_refused(cloud: Cloud, given: dict[str, Any], code: str) -> None:
    await two_versions(cloud)
    told = await cloud.refused("create_alias", **{"FunctionName": "f", "Name": "live", "FunctionVersion": "1", **given})
    assert told[0] == code
    assert (await cloud.ask("list_aliases", FunctionName="f"))["Aliases"] == []


async def test_a_permission_is_a_statement_of_the_policy(cloud: Cloud) -> None:
    await cloud.create()
    given = {"StatementId": "s", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
    rule = "arn:aws:events:us-east-1:000000000000:rule/r"
    made = await cloud.ask("add_permission", FunctionName="f", SourceArn=rule, **given)
    expected = {
        "Sid": "s",
        "Effect": "Allow",
        "Principal": {"Service": "events.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": ARN,
        "Condition": {"ArnLike": {"AWS:SourceArn": rule}},
    }
    assert json.loads(made["Statement"]) == expected
    assert (await cloud.refused("add_permission", FunctionName="f", **given))[0] == "ResourceConflictException"
    policy = json.loads((await cloud.ask("get_policy", FunctionName="f"))["Policy"])
    assert policy["Statement"] == [expected]
    await cloud.ask("remove_permission", FunctionName="f", StatementId="s")
    assert (await cloud.refused("get_policy", FunctionName="f"))[0] == "ResourceNotFoundException"
    assert (await cloud.refused("remove_permission", FunctionName="f", StatementId="s"))[2] == 404


async def test_tags_are_put_and_taken_away(cloud: Cloud) -> None:
    await cloud.create(Tags={"a": "1", "b": "2"})
    await cloud.ask("tag_resource", Resource=ARN, Tags={"b": "3", "c d": "4"})
    await cloud.ask("untag_resource", Resource=ARN, TagKeys=["a"])
    assert (await cloud.ask("list_tags", Resource=ARN))["Tags"] == {"b": "3", "c d": "4"}
    await cloud.ask("untag_resource", Resource=ARN, TagKeys=["b", "c d"])
    assert (await cloud.ask("list_tags", Resource=ARN))["Tags"] == {}
    assert (await cloud.refused("list_tags", Resource=f"{ARN}:1"))[0] == "InvalidParameterValueException"


async def test_event_invoke_settings_are_put_changed_and_taken_away(cloud: Cloud) -> None:
    await cloud.create()
    destination = {"OnFailure": {"Destination": TOPIC}}
    await cloud.ask(
        "put_function_event_invoke_config", FunctionName="f", MaximumRetryAttempts=0, DestinationConfig=destination
    )
    await cloud.ask("update_function_event_invoke_config", FunctionName="f", MaximumEventAgeInSeconds=60)
    found = await cloud.ask("get_function_event_invoke_config", FunctionName="f")
    assert (found["MaximumRetryAttempts"], found["MaximumEventAgeInSeconds"]) == (0, 60)
    assert found["DestinationConfig"]["OnFailure"] == {"Destination": TOPIC}
    assert found["FunctionArn"] == f"{ARN}:$LATEST"
    listed = await cloud.ask("list_function_event_invoke_configs", FunctionName="f")
    assert len(listed["FunctionEventInvokeConfigs"]) == 1
    await cloud.ask("delete_function_event_invoke_config", FunctionName="f")
    told = await cloud.refused("get_function_event_invoke_config", FunctionName="f")
    assert told == (
        "ResourceNotFoundException",
        f"The function {ARN}:$LATEST doesn't have an EventInvokeConfig",
        404,
    )


async def test_reserved_concurrency_leaves_a_hundred_to_the_others(cloud: Cloud) -> None:
    await cloud.create()
    await cloud.ask("put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=900)
    limits = (await cloud.ask("get_account_settings"))["AccountLimit"]
    assert (limits["ConcurrentExecutions"], limits["UnreservedConcurrentExecutions"]) == (1000, 100)
    told = await cloud.refused("put_function_concurrency", FunctionName="f", ReservedConcurrentExecutions=901)
    assert told[0] == "InvalidParameterValueException"
    await cloud.ask("delete_function_concurrency", FunctionName="f")
    found = await cloud.ask("get_function_concurrency", FunctionName="f")
    assert "ReservedConcurrentExecutions" not in found


def layer(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"python/{name}.py", text)
    return made.getvalue()


async def test_a_layer_is_published_used_and_outlives_its_version_in_the_function(cloud: Cloud) -> None:
    content = {"ZipFile": layer(lay="X = 42")}
    made = await cloud.ask(
        "publish_layer_version", LayerName="lay", Content=content, CompatibleRuntimes=["python3.12"], Description="d"
    )
    assert made["LayerVersionArn"] == "arn:aws:lambda:us-east-1:000000000000:layer:lay:1"
    await cloud.create(source="import lay\ndef handler(e, c): return lay.X", Layers=[made["LayerVersionArn"]])
    await cloud.ask("delete_layer_version", LayerName="lay", VersionNumber=1)
    assert (await cloud.ask("invoke", FunctionName="f"))["Payload"] == b"42"
    configured = await cloud.ask("get_function_configuration", FunctionName="f")
    assert configured["Layers"] == [{"Arn": made["LayerVersionArn"], "CodeSize": made["Content"]["CodeSize"]}]
    assert (await cloud.refused("get_layer_version", LayerName="lay", VersionNumber=1))[2] == 404
    again = await cloud.ask("publish_layer_version", LayerName="lay", Content=content)
    assert again["Version"] == 2


async def test_layers_are_listed_by_what_they_are_for(cloud: Cloud) -> None:
    for name, runtime in (("a", "python3.12"), ("a", "nodejs22.x"), ("b", "nodejs22.x")):
        content = {"ZipFile": layer(x=runtime)}
        await cloud.ask("publish_layer_version", LayerName=name, Content=content, CompatibleRuntimes=[runtime])
    listed = (await cloud.ask("list_layers", CompatibleRuntime="python3.12"))["Layers"]
    assert [(each["LayerName"], each["LatestMatchingVersion"]["Version"]) for each in listed] == [("a", 1)]
    versions = (await cloud.ask("list_layer_versions", LayerName="a"))["LayerVersions"]
    assert [each["Version"] for each in versions] == [2, 1]
    arn = versions[0]["LayerVersionArn"]
    assert (await cloud.ask("get_layer_version_by_arn", Arn=arn))["CompatibleRuntimes"] == ["nodejs22.x"]


async def test_two_versions_of_one_layer_are_too_many(cloud: Cloud) -> None:
    arns = []
    for _ in range(2):
        made = await cloud.ask("publish_layer_version", LayerName="x", Content={"ZipFile": layer(lay="X = 1")})
        arns.append(made["LayerVersionArn"])
    await cloud.create(Layers=arns[:1])
    code, message, _ = await cloud.refused("update_function_configuration", FunctionName="f", Layers=arns)
    assert (code, message.partition(".")[0]) == (
        "InvalidParameterValueException",
        "Two different versions of the same layer are not allowed to be referenced in the same function",
    )
