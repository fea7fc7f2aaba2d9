"""The optimised integrations as the Developer Guide describes them, against this machine's DynamoDB, SNS, SQS and
EventBridge."""

import asyncio
import json
from typing import Any

import botocore.session
import pytest

from stepsmith.asl import parameters
from stepsmith.local import Runtime
from stepsmith.local.conftest import OpenRuntime, chain, machine_arn

pytestmark = pytest.mark.asyncio

M = machine_arn("m")
TABLE = {
    "TableName": "things",
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
ITEM = {"id": {"S": "a"}, "n": {"N": "1"}}


def task(call: str, **arguments: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": f"arn:aws:states:::{call}", "Arguments": arguments}


async def queue_of(runtime: Runtime) -> str:
    made = await runtime.moto.ask("sqs", "CreateQueue", {"QueueName": "work"})
    return str(made["QueueUrl"])


async def received(runtime: Runtime, url: str) -> list[dict[str, Any]]:
    got = await runtime.moto.ask("sqs", "ReceiveMessage", {"QueueUrl": url, "MaxNumberOfMessages": 10})
    return list(got.get("Messages", []))


async def test_an_item_is_put_read_changed_and_deleted(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    await runtime.moto.ask("dynamodb", "CreateTable", TABLE)
    key = {"TableName": "things", "Key": {"id": {"S": "a"}}}
    added = {"UpdateExpression": "SET n = n + :one", "ExpressionAttributeValues": {":one": {"N": "1"}}}
    steps = [
        task("dynamodb:putItem", TableName="things", Item=ITEM),
        task("dynamodb:updateItem", **key, **added, ReturnValues="ALL_NEW"),
        {**task("dynamodb:getItem", **key), "Assign": {"got": "{% $states.result %}"}},
        task("dynamodb:deleteItem", **key),
        {**task("dynamodb:getItem", **key), "Output": {"got": "{% $got %}", "then": "{% $states.result %}"}},
    ]
    result = (await runtime.start(M, chain(*steps), {}).wait()).result
    assert result["got"]["Item"] == {"id": {"S": "a"}, "n": {"N": "2"}}
    assert "Item" not in result["then"]


async def test_the_result_tells_of_the_response_and_history_of_the_integration(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    await runtime.moto.ask("dynamodb", "CreateTable", TABLE)
    run = runtime.start(M, chain(task("dynamodb:putItem", TableName="things", Item=ITEM)), {})
    result = (await run.wait()).result
    assert result["SdkHttpMetadata"]["HttpStatusCode"] == 200
    headers = result["SdkHttpMetadata"]["HttpHeaders"]
    assert result["SdkResponseMetadata"]["RequestId"] == headers["x-amzn-RequestId"]
    events = {event.type: event.to_json() for event in runtime.history(run.name)}
    scheduled = events["TaskScheduled"]["taskScheduledEventDetails"]
    assert (scheduled["resourceType"], scheduled["resource"]) == ("dynamodb", "putItem")


@pytest.mark.parametrize(
    ("more", "error", "words"),
    [
        (
            {"ConditionExpression": "attribute_exists(id)"},
            "DynamoDB.ConditionalCheckFailedException",
            "The conditional request failed (Service: AmazonDynamoDBv2; Status Code: 400; Error Code: Conditional",
        ),
        ({"TableName": "none"}, "DynamoDB.ResourceNotFoundException", "not found (Service: AmazonDynamoDBv2; Status"),
        ({"Item": {"n": {"N": "1"}}}, "DynamoDB.AmazonDynamoDBException", "Error Code: ValidationException; Request"),
    ],
)
async def test_errors_are_those_of_the_first_sdk(open_runtime: OpenRuntime, more: Any, error: str, words: str) -> None:
    runtime = await open_runtime()
    await runtime.moto.ask("dynamodb", "CreateTable", TABLE)
    put = task("dynamodb:putItem", **{"TableName": "things", "Item": ITEM, **more})
    ending = await runtime.start(M, chain(put), {}).wait()
    assert ending.result["Error"] == error
    assert words in ending.result["Cause"]


async def test_a_message_may_be_any_json_and_its_token_ends_the_task(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    url = await queue_of(runtime)
    body = {"token": "{% $states.context.Task.Token %}", "n": 1}
    send = task("sqs:sendMessage.waitForTaskToken", QueueUrl=url, MessageBody=body)
    run = runtime.start(M, chain(send), {})
    while not (messages := await received(runtime, url)):
        await asyncio.sleep(0.01)
    said = json.loads(messages[0]["Body"])
    runtime.tokens.success(said["token"], {"done": said["n"]})
    assert (await run.wait()).result == {"done": 1}


async def test_what_is_published_arrives_where_the_topic_leads(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    url = await queue_of(runtime)
    steps = [
        task("aws-sdk:sns:createTopic", Name="news"),
        {
            **task(
                "aws-sdk:sns:subscribe",
                TopicArn="{% $states.input.TopicArn %}",
                Protocol="sqs",
                Endpoint="arn:aws:sqs:us-east-1:000000000000:work",
            ),
            "Output": "{% $states.input %}",
        },
        task("sns:publish", TopicArn="{% $states.input.TopicArn %}", Message={"hello": "ä"}, Subject="s"),
    ]
    result = (await runtime.start(M, chain(*steps), {}).wait()).result
    (message,) = await received(runtime, url)
    told = json.loads(message["Body"])
    assert (told["MessageId"], told["Message"]) == (result["MessageId"], '{"hello":"ä"}')


async def test_an_event_names_the_execution_and_the_machine(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    url = await queue_of(runtime)
    await runtime.moto.ask("events", "PutRule", {"Name": "all", "EventPattern": '{"source": ["shop"]}'})
    target = {"Id": "q", "Arn": "arn:aws:sqs:us-east-1:000000000000:work"}
    await runtime.moto.ask("events", "PutTargets", {"Rule": "all", "Targets": [target]})
    entry = {"Source": "shop", "DetailType": "sold", "Detail": {"euros": 5}, "Resources": ["r"]}
    run = runtime.start(M, chain(task("events:putEvents", Entries=[entry])), {})
    assert (await run.wait()).result["FailedEntryCount"] == 0
    (message,) = await received(runtime, url)
    event = json.loads(message["Body"])
    assert (event["detail"], event["resources"]) == ({"euros": 5}, ["r", run.arn, M])


async def test_an_event_that_is_refused_fails_the_task(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime()
    entry = {"Source": "", "DetailType": "sold", "Detail": {}}
    ending = await runtime.start(M, chain(task("events:putEvents", Entries=[entry])), {}).wait()
    assert ending.result["Error"] == "EventBridge.FailedEntry"
    assert json.loads(ending.result["Cause"])["FailedEntryCount"] == 1


@pytest.mark.parametrize(
    "call",
    [
        *("dynamodb:getItem", "dynamodb:putItem", "dynamodb:updateItem", "dynamodb:deleteItem"),
        *("sqs:sendMessage", "sns:publish", "events:putEvents"),
    ],
)
async def test_the_fields_that_a_definition_may_give_are_those_of_the_api(call: str) -> None:
    service, action = call.split(":")
    model = botocore.session.get_session().get_service_model(service)
    shape = model.operation_model(action[0].upper() + action[1:]).input_shape
    known = parameters.of(f"arn:aws:states:::{call}")
    assert known is not None
    assert known.texts | known.others == set(shape.members)
    assert set(known.required) == set(shape.required_members)
