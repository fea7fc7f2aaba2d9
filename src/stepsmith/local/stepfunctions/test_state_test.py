"""TestState through validation, action and answer; what a trial is, asl/trial tests."""

import asyncio
import json
from typing import Any

import pytest

from stepsmith.local import VirtualClock
from stepsmith.local.conftest import OpenRuntime, activity_arn, function_arn, machine_arn
from stepsmith.local.stepfunctions import Api
from stepsmith.local.stepfunctions.conftest import ROLE, call, refused

pytestmark = pytest.mark.asyncio

INVOKE = "arn:aws:states:::lambda:invoke"
SEND = "arn:aws:states:::apigateway:invoke"
PASS = {"Type": "Pass", "QueryLanguage": "JSONata", "Next": "B"}


def task(**more: Any) -> dict[str, Any]:
    return {"Type": "Task", "QueryLanguage": "JSONata", "Resource": SEND, "End": True, **more}


def many(**more: Any) -> dict[str, Any]:
    inner = {"StartAt": "Each", "States": {"Each": {"Type": "Pass", "End": True}}}
    return {"Type": "Map", "QueryLanguage": "JSONata", "ItemProcessor": inner, "End": True, **more}


PARALLEL = {"Type": "Parallel", "QueryLanguage": "JSONata", "End": True, "Branches": [
    {"StartAt": "Left", "States": {"Left": {"Type": "Pass", "End": True}}},
    {"StartAt": "Right", "States": {"Right": {"Type": "Pass", "End": True}}},
]}  # fmt: skip


async def tried(api: Api, definition: Any, **given: Any) -> dict[str, Any]:
    """The answer; members that AWS wants as JSON text may be given as values."""
    for member in ("input", "variables", "context"):
        if member in given and not isinstance(given[member], str):
            given[member] = json.dumps(given[member])
    return await call(api, "TestState", definition=json.dumps(definition), **given)


def result(value: Any, **more: Any) -> dict[str, Any]:
    return {"result": json.dumps(value), **more}


def error(name: str, **more: Any) -> dict[str, Any]:
    return {"errorOutput": {"error": name, **more}}


async def test_info_tells_status_output_and_next_state_only(api: Api) -> None:
    answered = await tried(api, {**PASS, "Output": "{% $states.input.n + 1 %}"}, input={"n": 1})
    assert answered == {"status": "SUCCEEDED", "output": "2", "nextState": "B"}


async def test_an_input_that_is_handed_on_keeps_its_text(api: Api) -> None:
    answered = await tried(api, PASS, input='{"n":  1}')
    assert answered["output"] == '{"n":  1}'


async def test_an_input_that_is_not_given_is_an_empty_object(api: Api) -> None:
    assert (await tried(api, PASS))["output"] == "{}"


@pytest.mark.parametrize("level", ["DEBUG", "TRACE"])
async def test_debug_and_trace_show_the_way_through_the_state(api: Api, level: str) -> None:
    state = task(Arguments={"Payload": "{% $states.input.n %}"}, Output="{% $states.result.Payload %}", Assign={"x": 1})
    answered = await tried(
        api, state, input='{"n": 1}', mock=result({"Payload": 2}), variables={"y": 2}, inspectionLevel=level
    )
    assert answered["inspectionData"] == {
        "input": '{"n": 1}',
        "afterArguments": '{"Payload":1}',
        "result": '{"Payload":2}',
        "variables": '{"y":2,"x":1}',
    }
    assert (answered["status"], answered["output"]) == ("SUCCEEDED", "2")


async def test_a_map_shows_its_items_and_bounds(api: Api) -> None:
    state = many(
        Items="{% $states.input %}",
        ItemSelector={"v": "{% $states.context.Map.Item.Value %}"},
        ToleratedFailureCount=1,
        ToleratedFailurePercentage=50,
        MaxConcurrency=3,
    )
    answered = await tried(api, state, input=[1, 2], mock=result([3, 4]), inspectionLevel="DEBUG")
    assert answered["output"] == "[3,4]"
    assert answered["inspectionData"] == {
        "input": "[1, 2]",
        "afterItemSelector": '[{"v":1},{"v":2}]',
        "toleratedFailureCount": 1,
        "toleratedFailurePercentage": 50,
        "maxConcurrency": 3,
        "result": "[3,4]",
        "variables": "{}",
    }


async def test_a_task_without_a_mock_is_really_made(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    runtime = await open_runtime({"double": lambda payload: payload * 2})
    api = Api(runtime, runtime.catalog, clock.now_ms)
    state = task(
        Resource=INVOKE, Arguments={"FunctionName": "double", "Payload": 21}, Output="{% $states.result.Payload %}"
    )
    assert (await tried(api, state, roleArn=ROLE))["output"] == "42"
    direct = {"Type": "Task", "Resource": function_arn("double"), "End": True}
    assert (await tried(api, direct, input=4, roleArn=ROLE))["output"] == "8"


async def test_a_function_that_fails_is_caught(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    runtime = await open_runtime({"divide": lambda payload: 1 / payload})
    api = Api(runtime, runtime.catalog, clock.now_ms)
    catch = [{"ErrorEquals": ["ZeroDivisionError"], "Next": "Handler"}]
    state = task(Resource=INVOKE, Arguments={"FunctionName": "divide", "Payload": 0}, Catch=catch)
    answered = await tried(api, state, roleArn=ROLE, inspectionLevel="DEBUG")
    assert (answered["status"], answered["nextState"]) == ("CAUGHT_ERROR", "Handler")
    assert answered["inspectionData"]["errorDetails"] == {"catchIndex": 0}
    assert answered["error"] == json.loads(answered["output"])["Error"] == "ZeroDivisionError"


async def test_a_task_nobody_knows_fails_and_names_itself(api: Api) -> None:
    answered = await tried(api, task(Resource="arn:aws:states:::http:invoke"), roleArn=ROLE)
    assert answered["status"] == "FAILED"
    assert "http:invoke" in answered["cause"]


async def test_a_task_may_start_an_execution(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    child = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    runtime = await open_runtime(machines={machine_arn("child"): child})
    started = task(
        Resource="arn:aws:states:::states:startExecution",
        Arguments={"StateMachineArn": machine_arn("child"), "Name": "one"},
        Output="{% $states.result.ExecutionArn %}",
    )
    answered = await tried(Api(runtime, runtime.catalog, clock.now_ms), started, roleArn=ROLE)
    assert answered["output"].endswith(':execution:child:one"')
    assert runtime.ending("one") is not None


async def test_a_retry_is_told_and_not_made(api: Api) -> None:
    retry = [{"ErrorEquals": ["Oh"], "IntervalSeconds": 2, "BackoffRate": 2, "MaxAttempts": 3}]
    state = task(Retry=retry)
    configured = {"retrierRetryCount": 1}
    answered = await tried(
        api, state, mock=error("Oh", cause="dear"), stateConfiguration=configured, inspectionLevel="DEBUG"
    )
    details = answered.pop("inspectionData")["errorDetails"]
    assert answered == {"status": "RETRIABLE", "error": "Oh", "cause": "dear"}
    assert details == {"retryIndex": 0, "retryBackoffIntervalSeconds": 4}
    answered = await tried(api, state, mock=error("Oh"), stateConfiguration={"retrierRetryCount": 3})
    assert answered["status"] == "FAILED"


async def test_the_retries_may_stand_in_the_context(api: Api) -> None:
    state = task(Retry=[{"ErrorEquals": ["Oh"], "MaxAttempts": 1}])
    answered = await tried(api, state, mock=error("Oh"), context={"State": {"RetryCount": 1}})
    assert answered["status"] == "FAILED"


async def test_a_state_of_a_whole_definition_is_found_by_its_name(api: Api) -> None:
    state = {"Type": "Pass", "Output": "{% $states.input & '!' %}", "End": True}
    inner = {"StartAt": "Inner", "States": {"Inner": state}}
    machine = {"QueryLanguage": "JSONata", "StartAt": "Outer", "States": {"Outer": {**PARALLEL, "Branches": [inner]}}}
    assert (await tried(api, machine, stateName="Inner", input='"hi"'))["output"] == '"hi!"'
    with refused("ValidationException", "not found"):
        await tried(api, machine, stateName="None")


async def test_a_context_is_what_the_state_sees(api: Api) -> None:
    state = task(Resource=f"{SEND}.waitForTaskToken", Arguments={"Payload": "{% $states.context.Task.Token %}"})
    answered = await tried(
        api, state, mock=result({"approved": True}), context={"Task": {"Token": "mine"}}, inspectionLevel="DEBUG"
    )
    assert answered["inspectionData"]["afterArguments"] == '{"Payload":"mine"}'


async def test_a_wait_lasts_by_the_clock(api: Api, clock: VirtualClock) -> None:
    waiting = asyncio.ensure_future(tried(api, {"Type": "Wait", "Seconds": 60, "Next": "B"}))
    await asyncio.sleep(0)
    assert not waiting.done()
    await clock.advance(60_000)
    assert (await waiting)["nextState"] == "B"


async def test_a_task_of_more_than_five_minutes_times_out(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    never: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    runtime = await open_runtime({"never": lambda payload: never})
    api = Api(runtime, runtime.catalog, clock.now_ms)
    trying = asyncio.ensure_future(tried(api, task(Resource=INVOKE, Arguments={"FunctionName": "never"}), roleArn=ROLE))
    await asyncio.sleep(0)
    await clock.advance(300_000)
    answered = await trying
    assert (answered["status"], answered["error"]) == ("FAILED", "States.Timeout")


NOTHING_MOCKED = [
    many(),
    PARALLEL,
    task(Resource=activity_arn("A")),
    task(Resource=f"{SEND}.waitForTaskToken"),
    task(Resource="arn:aws:states:::states:startExecution.sync:2"),
]


@pytest.mark.parametrize("state", NOTHING_MOCKED)
async def test_what_somebody_else_ends_is_tried_with_a_mock_only(api: Api, state: Any) -> None:
    with refused("ValidationException", "mock is not specified"):
        await tried(api, state, input=[], roleArn=ROLE)


def reading(**config: Any) -> dict[str, Any]:
    """A distributed Map over an object in S3."""
    inner = {"StartAt": "Each", "States": {"Each": {"Type": "Pass", "End": True}}}
    mode = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "Arguments": {"Bucket": "b", "Key": "k"},
        "ReaderConfig": config,
    }
    return many(ItemProcessor={"ProcessorConfig": mode, **inner}, ItemReader=reader)


async def test_data_of_an_item_reader_is_selected_and_batched(api: Api) -> None:
    state = reading(InputType="CSV", CSVHeaderLocation="FIRST_ROW", MaxItems=3)
    selector = "{% [$states.context.Map.Item.Value.n, $states.context.Map.Item.Source] %}"
    state |= {"ItemSelector": selector, "ItemBatcher": {"MaxItemsPerBatch": 2}}
    configured = {"mapItemReaderData": "n\n1\n2\n3\n4\n"}
    answered = await tried(api, state, mock=result(["done"]), stateConfiguration=configured, inspectionLevel="DEBUG")
    seen = {name: json.loads(answered["inspectionData"][name]) for name in ("afterItemSelector", "afterItemBatcher")}
    items = [[str(n), "S3://b/k"] for n in (1, 2, 3)]
    assert seen == {"afterItemSelector": items, "afterItemBatcher": [{"Items": items[:2]}, {"Items": items[2:]}]}
    assert (answered["status"], answered["output"]) == ("SUCCEEDED", '["done"]')


async def test_the_items_that_a_pointer_chooses_are_seen(api: Api) -> None:
    state = reading(InputType="JSON", ItemsPointer="/x")
    configured = {"mapItemReaderData": '{"x": {"a": 1}}'}
    answered = await tried(api, state, mock=result([1]), stateConfiguration=configured, inspectionLevel="DEBUG")
    assert json.loads(answered["inspectionData"]["afterItemsPointer"]) == {"a": 1}
    with refused("ValidationException", "mapItemReaderData cannot be read: the JSON file has nothing at '/x'"):
        await tried(api, state, mock=result([1]), stateConfiguration={"mapItemReaderData": "{}"})


REFUSED = [
    (PASS, {"mock": result(1)}, "State type 'Pass' is not supported when a mock is specified"),
    (task(), {}, "roleArn"),
    (task(), {"context": {}, "roleArn": ROLE}, "context"),
    (task(), {"mock": {}}, "only one of the following fields: [result, errorOutput]"),
    (task(), {"mock": {**result({}), **error("Oh")}}, "only one of the following fields: [result, errorOutput]"),
    (task(), {"mock": {"errorOutput": {"cause": "x"}}}, "error of mock.errorOutput"),
    (task(), {"mock": {"result": "{"}}, "mock.result is not valid JSON"),
    (task(), {"mock": result({}), "revealSecrets": True}, "revealSecrets"),
    (task(), {"mock": result({}), "context": []}, "context must be a JSON object"),
    (task(), {"mock": result({}), "context": {"Execution": 1}}, "'Execution' must be an object"),
    (task(), {"mock": result({}), "variables": []}, "variables must be a JSON object"),
    (task(Resource=INVOKE), {"mock": result({"StatusCode": "x"})}, "Field 'StatusCode' must be an integer"),
    (task(), {"mock": result({}), "stateConfiguration": {"mapItemReaderData": "[]"}}, "ItemReader"),
    (many(), {"mock": result([]), "stateConfiguration": {"mapItemReaderData": "[]"}}, "ItemReader"),
    (task(), {"mock": result({}), "stateConfiguration": {"mapIterationFailureCount": 1}}, "mapIterationFailureCount"),
    (task(), {"mock": error("Oh"), "stateConfiguration": {"errorCausedByState": "A"}}, "errorCausedByState"),
    (many(), {"mock": error("Oh"), "stateConfiguration": {"errorCausedByState": "A"}}, "'A'"),
    (many(), {"mock": result(1)}, "JSON array"),
    (many(), {"mock": result([]), "input": [1], "stateConfiguration": {"mapIterationFailureCount": 2}}, "exceeds"),
    (PARALLEL, {"mock": result([1])}, "JSON array of 2"),
]


@pytest.mark.parametrize(("state", "given", "words"), REFUSED)
async def test_what_does_not_go_together_is_refused(api: Api, state: Any, given: dict[str, Any], words: str) -> None:
    with refused("ValidationException", words):
        await tried(api, state, **given)


async def test_an_error_inside_a_map_may_be_said_to_come_from_a_state_of_it(api: Api) -> None:
    state = many(Catch=[{"ErrorEquals": ["States.TaskFailed"], "Next": "B"}])
    answered = await tried(api, state, input=[1], mock=error("Oh"), stateConfiguration={"errorCausedByState": "Each"})
    assert (answered["status"], answered["nextState"]) == ("CAUGHT_ERROR", "B")


async def test_too_many_failed_iterations_fail_a_map(api: Api) -> None:
    answered = await tried(
        api,
        many(ToleratedFailureCount=1),
        input=[1, 2, 3],
        mock=result([1]),
        stateConfiguration={"mapIterationFailureCount": 2},
    )
    assert (answered["status"], answered["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")


async def test_a_bad_definition_input_or_role_has_its_own_error(api: Api) -> None:
    with refused("InvalidDefinition", "Invalid State Machine Definition"):
        await tried(api, {"Type": "Nap"})
    with refused("InvalidDefinition", "InputPath"):
        await tried(api, {"Type": "Pass", "InputPath": "$.a", "End": True})
    with refused("InvalidExecutionInput", "Invalid State Machine Execution Input: 'It is not valid JSON.'"):
        await tried(api, PASS, input="{")
    with refused("InvalidArn"):
        await tried(api, PASS, roleArn="role")
    with refused("InvalidArn"):
        await tried(api, task(), mock=result({}), context={"Execution": {"Id": 1}})
