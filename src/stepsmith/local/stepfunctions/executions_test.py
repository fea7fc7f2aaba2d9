"""Executions over the API: start, stop, describe, list, history, redrive, tokens, in AWS's words."""

import asyncio
import json
from typing import Any

import pytest

from stepsmith.local import VirtualClock
from stepsmith.local.catalog.conftest import ROLE
from stepsmith.local.conftest import OpenRuntime, activity_arn, chain, machine_arn
from stepsmith.local.conftest import call as task
from stepsmith.local.stepfunctions import Api
from stepsmith.local.stepfunctions.conftest import call, refused

pytestmark = pytest.mark.asyncio

M = machine_arn("m")
RUN = M.replace(":stateMachine:", ":execution:")
PASS = {"Type": "Pass"}
FAIL = {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}
WAIT = {"Type": "Wait", "Seconds": 60}
ASK = activity_arn("ask")
ACTIVITY = {"Type": "Task", "Resource": ASK, "Arguments": "{% $states.input %}"}


async def make(api: Api, *states: dict[str, Any], **more: Any) -> None:
    definition = chain(*states)
    if states[-1]["Type"] == "Fail":
        del definition["States"][f"S{len(states) - 1}"]["End"]
    await call(
        api, "CreateStateMachine", **{"name": "m", "definition": json.dumps(definition), "roleArn": ROLE, **more}
    )


async def start(api: Api, **given: Any) -> str:
    return str((await call(api, "StartExecution", **{"stateMachineArn": M, **given}))["executionArn"])


async def describe(api: Api, arn: str, **given: Any) -> dict[str, Any]:
    return await call(api, "DescribeExecution", executionArn=arn, **given)


async def test_an_execution_is_described_whole(api: Api, clock: VirtualClock) -> None:
    await make(api, PASS)
    now = clock.now_ms() / 1000
    arn = await start(api, name="one", input='{ "a" : 1 }', traceHeader="Root=1-5e-6")
    assert await describe(api, arn) == {
        "executionArn": f"{RUN}:one",
        "stateMachineArn": M,
        "name": "one",
        "status": "SUCCEEDED",
        "startDate": now,
        "stopDate": now,
        "input": '{ "a" : 1 }',
        "inputDetails": {"included": True},
        "output": '{ "a" : 1 }',
        "outputDetails": {"included": True},
        "traceHeader": "Root=1-5e-6",
        "redriveCount": 0,
        "redriveStatus": "NOT_REDRIVABLE",
        "redriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    }


async def test_metadata_alone_is_described_without_data(api: Api) -> None:
    await make(api, PASS)
    shown = await describe(api, await start(api, input='{"a":1}'), includedData="METADATA_ONLY")
    assert shown["inputDetails"] == {"included": False} and {"input", "output"}.isdisjoint(shown)


async def test_an_execution_that_nobody_named_has_a_uuid_and_an_empty_object_as_input(api: Api) -> None:
    await make(api, PASS)
    shown = await describe(api, await start(api))
    assert len(shown["name"]) == 36 and shown["input"] == "{}"


async def test_the_same_name_and_input_is_the_same_execution_as_long_as_it_runs(api: Api, clock: VirtualClock) -> None:
    await make(api, WAIT)
    first = await call(api, "StartExecution", stateMachineArn=M, name="one", input='{"a":1}')
    await clock.advance(1)
    assert await call(api, "StartExecution", stateMachineArn=M, name="one", input='{"a": 1}') == first
    with refused("ExecutionAlreadyExists", f"Execution Already Exists: '{RUN}:one'"):
        await start(api, name="one", input='{"a":2}')
    await clock.advance(60)
    with refused("ExecutionAlreadyExists"):
        await start(api, name="one", input='{"a":1}')


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"input": "no json"}, "InvalidExecutionInput"),
        ({"input": '"' + "ü" * 131_072 + '"'}, "ValidationException"),
        ({"name": "a b"}, "InvalidName"),
        ({"name": ""}, "ValidationException"),
        ({"stateMachineArn": "nonsense"}, "InvalidArn"),
        ({"stateMachineArn": ASK}, "InvalidArn"),
        ({"stateMachineArn": machine_arn("none")}, "StateMachineDoesNotExist"),
        ({"stateMachineArn": f"{M}:7"}, "StateMachineDoesNotExist"),
        ({"stateMachineArn": f"{M}/label"}, "ValidationException"),
    ],
)
async def test_a_start_that_aws_refuses_is_refused_and_leaves_nothing(
    api: Api, given: dict[str, str], code: str
) -> None:
    await make(api, PASS)
    with refused(code):
        await start(api, **given)
    assert (await call(api, "ListExecutions", stateMachineArn=M))["executions"] == []


async def test_a_version_and_an_alias_are_told_with_what_they_started(api: Api) -> None:
    await make(api, PASS, publish=True)
    route = {"stateMachineVersionArn": f"{M}:1", "weight": 100}
    await call(api, "CreateStateMachineAlias", name="PROD", routingConfiguration=[route])
    shown = await describe(api, await start(api, stateMachineArn=f"{M}:PROD"))
    assert (shown["stateMachineVersionArn"], shown["stateMachineAliasArn"]) == (f"{M}:1", f"{M}:PROD")
    listed = (await call(api, "ListExecutions", stateMachineArn=f"{M}:PROD"))["executions"]
    assert [each["stateMachineAliasArn"] for each in listed] == [f"{M}:PROD"]


async def test_stop_aborts_and_says_when_and_again_says_the_same(api: Api, clock: VirtualClock) -> None:
    await make(api, WAIT)
    arn = await start(api)
    await clock.advance(5)
    stopped = await call(api, "StopExecution", executionArn=arn, error="Enough", cause="for today")
    assert stopped == {"stopDate": clock.now_ms() / 1000}
    shown = await describe(api, arn)
    assert (shown["status"], shown["error"], shown["cause"]) == ("ABORTED", "Enough", "for today")
    await clock.advance(5)
    assert await call(api, "StopExecution", executionArn=arn) == stopped


@pytest.mark.parametrize("action", ["DescribeExecution", "StopExecution", "GetExecutionHistory", "RedriveExecution"])
async def test_an_execution_that_is_not_there_is_named(api: Api, action: str) -> None:
    with refused("ExecutionDoesNotExist", f"Execution Does Not Exist: '{RUN}:none'"):
        await call(api, action, executionArn=f"{RUN}:none")
    with refused("InvalidArn", "Resource type not valid in this context: stateMachine"):
        await call(api, action, executionArn=M)


async def test_executions_are_listed_latest_first_by_page_and_status(api: Api, clock: VirtualClock) -> None:
    await make(api, PASS, WAIT)
    names = [f"e{n}" for n in range(5)]
    for name in names:
        await start(api, name=name)
        await clock.advance(1)
    await call(api, "StopExecution", executionArn=f"{RUN}:e1")
    found, token = list[Any](), None
    while True:
        page: dict[str, Any] = {} if token is None else {"nextToken": token}
        answer = await call(api, "ListExecutions", stateMachineArn=M, maxResults=2, **page)
        found += [each["name"] for each in answer["executions"]]
        if (token := answer.get("nextToken")) is None:
            break
    assert found == ["e1", "e4", "e3", "e2", "e0"]
    running = (await call(api, "ListExecutions", stateMachineArn=M, statusFilter="RUNNING"))["executions"]
    assert [each["name"] for each in running] == ["e4", "e3", "e2", "e0"]
    with refused("InvalidToken"):
        await call(api, "ListExecutions", stateMachineArn=M, nextToken="none")
    with refused("ValidationException"):
        await call(api, "ListExecutions", stateMachineArn=M, statusFilter="PENDING_REDRIVE")
    with refused("StateMachineDoesNotExist"):
        await call(api, "ListExecutions", stateMachineArn=machine_arn("none"))


async def test_a_history_is_read_by_page_in_both_directions(api: Api) -> None:
    await make(api, PASS, PASS)
    arn = await start(api, input='{ "a": 1 }')
    whole = (await call(api, "GetExecutionHistory", executionArn=arn))["events"]
    assert [event["id"] for event in whole] == list(range(1, 7))
    assert whole[0]["executionStartedEventDetails"]["input"] == '{ "a": 1 }'
    for is_reverse in (False, True):
        found, token = list[Any](), None
        while True:
            page: dict[str, Any] = {} if token is None else {"nextToken": token}
            answer = await call(
                api, "GetExecutionHistory", executionArn=arn, maxResults=4, reverseOrder=is_reverse, **page
            )
            found += answer["events"]
            if (token := answer.get("nextToken")) is None:
                break
        assert found == (whole[::-1] if is_reverse else whole)
    bare = (await call(api, "GetExecutionHistory", executionArn=arn, includeExecutionData=False))["events"]
    assert bare[1]["stateEnteredEventDetails"] == {"name": "S0"}


async def test_the_machine_of_an_execution_is_the_one_it_began_with(api: Api, clock: VirtualClock) -> None:
    await make(api, WAIT)
    arn = await start(api)
    before = json.dumps(chain(WAIT))
    await clock.advance(1)
    await call(api, "UpdateStateMachine", stateMachineArn=M, definition=json.dumps(chain(PASS)))
    shown = await call(api, "DescribeStateMachineForExecution", executionArn=arn)
    assert (shown["name"], shown["definition"], shown["roleArn"]) == ("m", before, ROLE)
    assert shown["updateDate"] == (clock.now_ms() - 1000) / 1000


async def test_a_failed_execution_is_redriven_from_where_it_failed(
    open_runtime: OpenRuntime, clock: VirtualClock
) -> None:
    moods = iter([ValueError("not today"), 7])

    def moody(_: Any) -> Any:
        mood = next(moods)
        if isinstance(mood, Exception):
            raise mood
        return mood

    runtime = await open_runtime({"moody": moody})
    api = Api(runtime, runtime.catalog, clock.now_ms)
    await make(api, PASS, task("moody"))
    arn = await start(api)
    await clock.advance(1)
    assert (await describe(api, arn))["redriveStatus"] == "REDRIVABLE"
    redriven = await call(api, "RedriveExecution", executionArn=arn, clientToken="t")
    assert redriven == {"redriveDate": clock.now_ms() / 1000}
    await clock.advance(1)
    shown = await describe(api, arn)
    assert (shown["status"], shown["output"], shown["redriveCount"]) == ("SUCCEEDED", "7", 1)
    assert await call(api, "RedriveExecution", executionArn=arn, clientToken="t") == redriven
    with refused("ExecutionNotRedrivable", "Execution is SUCCEEDED and cannot be redriven"):
        await call(api, "RedriveExecution", executionArn=arn, clientToken="u")
    types = [event["type"] for event in (await call(api, "GetExecutionHistory", executionArn=arn))["events"]]
    assert types.count("ExecutionRedriven") == 1 and types.count("PassStateEntered") == 1
    filtered = await call(api, "ListExecutions", stateMachineArn=M, redriveFilter="REDRIVEN")
    assert [each["redriveCount"] for each in filtered["executions"]] == [1]


async def test_a_redrive_is_refused_while_it_runs_and_after_a_fortnight(api: Api, clock: VirtualClock) -> None:
    await make(api, WAIT, FAIL)
    arn = await start(api)
    with refused("ExecutionNotRedrivable", "Execution is RUNNING and cannot be redriven"):
        await call(api, "RedriveExecution", executionArn=arn)
    await clock.advance(60)
    await clock.advance(14 * 86_400 + 1)
    with refused("ExecutionNotRedrivable", "Execution redrivable period exceeded"):
        await call(api, "RedriveExecution", executionArn=arn)


async def test_an_express_execution_answers_at_once_and_is_shown_nowhere(api: Api, clock: VirtualClock) -> None:
    await make(api, PASS, type="EXPRESS")
    done = await call(api, "StartSyncExecution", stateMachineArn=M, name="one", input='{"a":1}')
    assert done["executionArn"].startswith(f"{M.replace(':stateMachine:', ':express:')}:one:")
    assert (done["status"], done["output"], done["name"]) == ("SUCCEEDED", '{"a":1}', "one")
    assert done["billingDetails"] == {"billedDurationInMilliseconds": 0, "billedMemoryUsedInMB": 64}
    arns = [await start(api, name="one"), await start(api, name="one")]
    assert arns[0] != arns[1]
    for action in ("DescribeExecution", "StopExecution", "GetExecutionHistory", "DescribeStateMachineForExecution"):
        with refused("InvalidArn", "Resource type not valid in this context: express"):
            await call(api, action, executionArn=arns[0])
    with refused("StateMachineTypeNotSupported"):
        await call(api, "ListExecutions", stateMachineArn=M)


async def test_an_express_execution_ends_after_five_minutes(api: Api, clock: VirtualClock) -> None:
    await make(api, {"Type": "Wait", "Seconds": 600}, type="EXPRESS")
    answer = asyncio.ensure_future(call(api, "StartSyncExecution", stateMachineArn=M))
    await clock.alarms(1)
    await clock.advance(300)
    done = await answer
    assert done["status"] == "TIMED_OUT" and "output" not in done


async def test_a_standard_machine_is_not_started_synchronously(api: Api) -> None:
    await make(api, PASS)
    with refused("StateMachineTypeNotSupported"):
        await call(api, "StartSyncExecution", stateMachineArn=M)


async def test_a_worker_polls_answers_and_is_too_late(api: Api, clock: VirtualClock) -> None:
    await call(api, "CreateActivity", name="ask")
    await make(api, ACTIVITY)
    arn = await start(api, input='{"a":1}')
    polled = await call(api, "GetActivityTask", activityArn=ASK, workerName="ada")
    assert polled["input"] == '{"a":1}'
    await call(api, "SendTaskHeartbeat", taskToken=polled["taskToken"])
    with refused("InvalidOutput", "Invalid Output: 'It is not valid JSON.'"):
        await call(api, "SendTaskSuccess", taskToken=polled["taskToken"], output="{")
    await call(api, "SendTaskSuccess", taskToken=polled["taskToken"], output="2")
    assert (await describe(api, arn))["output"] == "2"
    for action, more in (("SendTaskSuccess", {"output": "1"}), ("SendTaskFailure", {}), ("SendTaskHeartbeat", {})):
        with refused("TaskTimedOut", "Task Timed Out: 'Provided task does not exist anymore'"):
            await call(api, action, taskToken=polled["taskToken"], **more)
        with refused("InvalidToken", "Invalid Token: 'Invalid token'"):
            await call(api, action, taskToken="made up", **more)


async def test_a_poll_without_a_task_is_answered_empty_after_a_minute(api: Api, clock: VirtualClock) -> None:
    await call(api, "CreateActivity", name="ask")
    poll = asyncio.ensure_future(call(api, "GetActivityTask", activityArn=ASK))
    await clock.alarms(1)
    await clock.advance(59)
    assert not poll.done()
    await clock.advance(1)
    assert await poll == {}
    with refused("ActivityDoesNotExist"):
        await call(api, "GetActivityTask", activityArn=activity_arn("none"))


async def test_a_full_disk_refuses_a_start_and_keeps_nothing_of_it(api: Api) -> None:
    await make(api, PASS)
    api.runtime.database.execute("PRAGMA max_page_count = 1")
    with refused("ServiceUnavailable", "is full"):
        await start(api, name="one", input=json.dumps(["%x" % (n * 7919) for n in range(20_000)]))
    api.runtime.database.execute("PRAGMA max_page_count = 1000000")
    with refused("ExecutionDoesNotExist"):
        await describe(api, f"{RUN}:one")
    await start(api, name="one")


async def test_input_is_shown_as_it_was_written_as_far_as_states_hand_it_on_untouched(api: Api) -> None:
    await make(api, PASS, {"Type": "Pass", "Output": "{% $states.input %}"}, PASS)
    arn = await start(api, input='{ "a" : 1 }')
    events = (await call(api, "GetExecutionHistory", executionArn=arn))["events"]
    details = [value for event in events for value in event.values() if isinstance(value, dict)]
    texts = [each.get("input", each.get("output")) for each in details]
    assert texts == ['{ "a" : 1 }'] * 4 + ['{"a":1}'] * 4
    assert (await describe(api, arn))["output"] == '{"a":1}'
