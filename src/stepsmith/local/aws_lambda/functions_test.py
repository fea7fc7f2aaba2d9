"""Functions by boto3: created, changed, published, listed, deleted; what is refused; what a restart finds."""

import asyncio
import base64
import hashlib
import json
from typing import Any

import psutil  # type: ignore[import-untyped]
import pytest

from stepsmith.local.aws_lambda.conftest import ECHO, ROLE, Cloud, OpenCloud, zipped
from stepsmith.local.functions.hosted import Hosted, InProcess

pytestmark = pytest.mark.asyncio

ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"


async def answered(cloud: Cloud, name: str = "f", event: Any = None, **more: Any) -> Any:
    """What the function answers."""
    answer = await cloud.ask("invoke", FunctionName=name, Payload=json.dumps(event).encode(), **more)
    assert "FunctionError" not in answer, answer["Payload"]
    return json.loads(answer["Payload"])


async def test_a_function_is_created_waited_for_and_runs(cloud: Cloud) -> None:
    made = await cloud.create(Environment={"Variables": {"STAGE": "dev"}}, Tags={"a": "b"}, MemorySize=256)
    assert (made["FunctionArn"], made["Version"], made["State"]) == (ARN, "$LATEST", "Active")
    code = zipped(main=ECHO)
    assert made["CodeSha256"] == base64.b64encode(hashlib.sha256(code).digest()).decode()
    for waiter in ("function_active_v2", "function_updated_v2"):
        await asyncio.to_thread(cloud.client().get_waiter(waiter).wait, FunctionName="f")
    found = await cloud.ask("get_function", FunctionName="f")
    assert found["Configuration"]["LastUpdateStatus"] == "Successful"
    assert (found["Configuration"]["Environment"]["Variables"], found["Tags"]) == ({"STAGE": "dev"}, {"a": "b"})
    assert await answered(cloud, event={"n": 1}) == {"n": 1}


async def test_a_function_sees_what_a_lambda_sees(cloud: Cloud) -> None:
    source = "import os\ndef handler(event, context): return [dict(os.environ), context.invoked_function_arn]"
    await cloud.create(source=source, Publish=True, MemorySize=256)
    seen, arn = await answered(cloud, Qualifier="1")
    assert arn == f"{ARN}:1"
    assert (seen["AWS_LAMBDA_FUNCTION_NAME"], seen["AWS_LAMBDA_FUNCTION_VERSION"]) == ("f", "1")
    assert (seen["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"], seen["_HANDLER"]) == ("256", "main.handler")
    assert (seen["AWS_LAMBDA_LOG_GROUP_NAME"], seen["AWS_REGION"]) == ("/aws/lambda/f", "us-east-1")
    assert "[1]" in seen["AWS_LAMBDA_LOG_STREAM_NAME"]
    assert seen["AWS_ENDPOINT_URL"] == cloud.endpoint.url
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LAMBDA_TASK_ROOT"} <= seen.keys()


async def test_new_code_and_new_settings_are_live_at_the_next_call(cloud: Cloud) -> None:
    await cloud.create()
    assert await answered(cloud, event=1) == 1
    await cloud.ask("update_function_code", FunctionName="f", ZipFile=zipped(main="def handler(e, c): return 'new'"))
    assert await answered(cloud, event=1) == "new"
    await cloud.ask("update_function_configuration", FunctionName="f", Handler="main.other")
    answer = await cloud.ask("invoke", FunctionName="f")
    assert json.loads(answer["Payload"])["errorType"] == "Runtime.HandlerNotFound"


async def test_code_comes_from_an_object_of_s3(cloud: Cloud) -> None:
    await cloud.ask("create_bucket", service="s3", Bucket="artifacts")
    await cloud.ask("put_object", service="s3", Bucket="artifacts", Key="f.zip", Body=zipped(main=ECHO))
    await cloud.create(Code={"S3Bucket": "artifacts", "S3Key": "f.zip"})
    assert await answered(cloud, event=[1]) == [1]
    code, message, status = await cloud.refused(
        "update_function_code", FunctionName="f", S3Bucket="artifacts", S3Key="gone.zip"
    )
    assert (code, status) == ("InvalidParameterValueException", 400)
    assert "S3 Error Code: NoSuchKey" in message


async def test_a_published_version_keeps_its_code(cloud: Cloud) -> None:
    await cloud.create(source="def handler(e, c): return 'one'")
    first = await cloud.ask("publish_version", FunctionName="f", Description="the first")
    assert (first["Version"], first["FunctionArn"], first["Description"]) == ("1", f"{ARN}:1", "the first")
    code = zipped(main="def handler(e, c): return 'two'")
    second = await cloud.ask("update_function_code", FunctionName="f", ZipFile=code, Publish=True)
    assert second["Version"] == "2"
    assert [await answered(cloud, Qualifier=which) for which in ("1", "2", "$LATEST")] == ["one", "two", "two"]
    again = await cloud.ask("publish_version", FunctionName="f")
    assert again["Version"] == "2"  # nothing has changed since
    listed = await cloud.ask("list_versions_by_function", FunctionName="f")
    assert [each["FunctionArn"] for each in listed["Versions"]] == [f"{ARN}:$LATEST", f"{ARN}:1", f"{ARN}:2"]


async def test_a_number_of_a_version_is_never_given_again(cloud: Cloud) -> None:
    await cloud.create(Publish=True)
    await cloud.ask("delete_function", FunctionName="f", Qualifier="1")
    assert (await cloud.ask("publish_version", FunctionName="f"))["Version"] == "2"
    assert await cloud.refused("invoke", FunctionName="f:1") == (
        "ResourceNotFoundException",
        f"Function not found: {ARN}:1",
        404,
    )


async def test_lists_come_in_pages(cloud: Cloud) -> None:
    for n in range(5):
        await cloud.create(f"f{n}")
    first = await cloud.ask("list_functions", MaxItems=2)
    second = await cloud.ask("list_functions", MaxItems=2, Marker=first["NextMarker"])
    assert [each["FunctionName"] for each in first["Functions"] + second["Functions"]] == ["f0", "f1", "f2", "f3"]


async def test_functions_of_the_repository_come_first_in_pages_like_all(open_cloud: OpenCloud) -> None:
    hosted = {f"arn:aws:lambda:us-east-1:000000000000:function:mine-{n}": Hosted(InProcess(abs)) for n in range(3)}
    cloud = await open_cloud(functions=hosted)
    for name in ("a", "z"):
        await cloud.create(name, Publish=True)

    def pages(**more: str) -> list[Any]:
        return list(cloud.client().get_paginator("list_functions").paginate(PaginationConfig={"PageSize": 2}, **more))

    for more, names in (({}, ["a", "z"]), ({"FunctionVersion": "ALL"}, ["a", "a", "z", "z"])):
        found = await asyncio.to_thread(pages, **more)
        assert [len(each["Functions"]) for each in found][:2] == [2, 2]
        listed = [function["FunctionName"] for each in found for function in each["Functions"]]
        assert listed == ["mine-0", "mine-1", "mine-2", *names]


async def test_a_deleted_function_is_gone_with_all_that_was_its_own(open_cloud: OpenCloud) -> None:
    cloud = await open_cloud()
    await cloud.create(Publish=True, Tags={"a": "b"})
    await cloud.ask("create_alias", FunctionName="f", Name="live", FunctionVersion="1")
    gone = await cloud.ask("delete_function", FunctionName="f")
    assert gone["ResponseMetadata"]["HTTPStatusCode"] == 204
    assert await cloud.refused("get_function", FunctionName="f") == (
        "ResourceNotFoundException",
        f"Function not found: {ARN}",
        404,
    )
    cloud = await open_cloud(is_resident=True)
    assert not list((cloud.runtime.data / "functions").glob("*.zip"))
    await cloud.create()
    assert "Tags" not in await cloud.ask("get_function", FunctionName="f")
    assert (await cloud.ask("list_aliases", FunctionName="f"))["Aliases"] == []


async def test_the_warm_processes_of_a_deleted_function_end(cloud: Cloud) -> None:
    before = set(psutil.Process().children())
    for name in ("f", "kept"):
        await cloud.create(name, "import os\ndef handler(event, context): return os.getpid()")
    await answered(cloud)
    kept = psutil.Process(json.loads((await cloud.ask("invoke", FunctionName="kept"))["Payload"]))
    await cloud.ask("delete_function", FunctionName="f")
    async with asyncio.timeout(10):
        while set(psutil.Process().children()) - before != {kept}:
            await asyncio.sleep(0.005)


async def test_functions_survive_a_restart(open_cloud: OpenCloud) -> None:
    await (await open_cloud()).create(Publish=True)
    other = await open_cloud()
    assert await answered(other, event=5, Qualifier="1") == 5


async def test_two_hundred_functions_cost_nothing_until_they_are_called(cloud: Cloud) -> None:
    code = {"ZipFile": zipped(main=ECHO)}
    client = cloud.client()

    def create() -> None:
        for n in range(200):
            client.create_function(
                FunctionName=f"f{n}", Runtime="python3.12", Handler="main.handler", Role=ROLE, Code=code
            )

    before = {child.pid for child in psutil.Process().children(recursive=True)}
    await asyncio.to_thread(create)
    assert {child.pid for child in psutil.Process().children(recursive=True)} == before
    assert not (cloud.runtime.data / "cache" / "lambdas" / "code").exists()
    assert len(list((cloud.runtime.data / "functions").glob("*.zip"))) == 1


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException", "Could not unzip uploaded file."),
        ({"Code": {"ZipFile": zipped()}}, "InvalidParameterValueException", "Uploaded file must be a non-empty zip"),
        ({"Code": {}}, "InvalidParameterValueException", "Please provide a source for function code."),
        ({"Runtime": "python2.7"}, "InvalidParameterValueException", "Value python2.7 at 'runtime' failed to satisfy"),
        ({"Timeout": 901}, "ValidationException", "Value '901' at 'timeout' failed to satisfy constraint"),
        ({"MemorySize": 64}, "ValidationException", "Value '64' at 'memorySize' failed to satisfy constraint"),
        ({"FunctionName": "a b"}, "ValidationException", "Value 'a b' at 'functionName' failed to satisfy"),
        ({"FunctionName": "f" * 65}, "ValidationException", "Member must have length less than or equal to 64"),
        ({"Role": "me"}, "ValidationException", "Value 'me' at 'role' failed to satisfy constraint"),
        (
            {"Environment": {"Variables": {"AWS_REGION": "x"}}},
            "InvalidParameterValueException",
            "Reserved keys used in this request: AWS_REGION",
        ),
        (
            {"Environment": {"Variables": {"AB": "x" * 5000}}},
            "InvalidParameterValueException",
            "exceeded the 4KB limit",
        ),
        (
            {"Layers": ["arn:aws:lambda:us-east-1:000000000000:layer:x:1"]},
            "InvalidParameterValueException",
            "layer:x:1",
        ),
        ({"PackageType": "Image"}, "InvalidParameterValueException", "Container images are not run here"),
    ],
)
async def test_a_function_that_cannot_be_is_refused_and_leaves_nothing(
    cloud: Cloud, given: dict[str, Any], code: str, words: str
) -> None:
    settings = {"FunctionName": "f", "Runtime": "python3.12", "Handler": "main.handler", "Role": ROLE}
    told = await cloud.refused("create_function", **{**settings, "Code": {"ZipFile": zipped(main=ECHO)}, **given})
    assert told[0] == code
    assert words in told[1]
    assert (await cloud.ask("list_functions"))["Functions"] == []


async def test_a_name_is_taken_once(cloud: Cloud) -> None:
    await cloud.create()
    settings = {"Runtime": "python3.12", "Handler": "main.handler", "Role": ROLE}
    told = await cloud.refused("create_function", FunctionName="f", Code={"ZipFile": zipped(main=ECHO)}, **settings)
    assert told == ("ResourceConflictException", "Function already exist: f", 409)


async def test_who_has_seen_an_older_revision_changes_nothing(cloud: Cloud) -> None:
    seen = (await cloud.create())["RevisionId"]
    await cloud.ask("update_function_configuration", FunctionName="f", Description="mine")
    for action, given in (
        ("update_function_configuration", {"Description": "yours"}),
        ("update_function_code", {"ZipFile": zipped(main=ECHO)}),
        ("publish_version", {}),
    ):
        code, _, status = await cloud.refused(action, FunctionName="f", RevisionId=seen, **given)
        assert (code, status) == ("PreconditionFailedException", 412)
    assert (await cloud.ask("get_function_configuration", FunctionName="f"))["Description"] == "mine"


async def test_an_action_that_is_not_here_is_said(cloud: Cloud) -> None:
    code, message, status = await cloud.refused("list_event_source_mappings")
    assert (code, status) == ("UnsupportedOperationException", 501)
    assert message == "ListEventSourceMappings is not part of this endpoint: docs/lambda.md lists what is."
