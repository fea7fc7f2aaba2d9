"""Nested executions: started once, waited for, stopped with their parent, found again after a crash."""

from pathlib import Path
from typing import Any

import pytest

from stepsmith.local import Hosted, InProcess, Runtime, VirtualClock
from stepsmith.local.conftest import OpenRuntime, call, chain, function_arn, machine_arn

pytestmark = pytest.mark.asyncio

PARENT, CHILD = machine_arn("parent"), machine_arn("child")
WAIT = {"Type": "Wait", "Seconds": 60}


def start_child(how: str = ".sync:2", **arguments: Any) -> dict[str, Any]:
    given = {"StateMachineArn": CHILD, "Input": {"n": "{% $states.input %}"}, **arguments}
    return {"Type": "Task", "Resource": f"arn:aws:states:::states:startExecution{how}", "Arguments": given}


async def test_sync_2_answers_the_childs_output_as_json_and_sync_as_text(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime(machines={CHILD: chain({"Type": "Pass"})})
    parsed = (await runtime.start(PARENT, chain(start_child(Name="one")), 3).wait()).result
    assert (parsed["Output"], parsed["Input"], parsed["Status"], parsed["Name"]) == (
        {"n": 3},
        {"n": 3},
        "SUCCEEDED",
        "one",
    )
    text = (await runtime.start(PARENT, chain(start_child(".sync")), 3).wait()).result
    assert text["Output"] == '{"n":3}'


async def test_without_sync_nobody_waits_for_the_child(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    runtime = await open_runtime(machines={CHILD: chain(WAIT)})
    started = (await runtime.start(PARENT, chain(start_child("")), 1).wait()).result
    assert runtime.find(started["ExecutionArn"]).status == "RUNNING"
    assert started["StartDate"] == clock.now_ms()
    await clock.advance(60)
    assert runtime.find(started["ExecutionArn"]).status == "SUCCEEDED"


async def test_a_failed_child_is_a_failed_task_that_tells_the_whole_story(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime(machines={CHILD: chain({"Type": "Pass"}) | failing()})
    ending = await runtime.start(PARENT, chain(start_child()), 1).wait()
    assert ending.result["Error"] == "States.TaskFailed"
    assert '"Error":"Broken"' in ending.result["Cause"] and '"Status":"FAILED"' in ending.result["Cause"]


async def test_an_answer_tells_of_its_request_and_a_description_has_its_members_by_name(
    open_runtime: OpenRuntime,
) -> None:
    runtime = await open_runtime(machines={CHILD: chain({"Type": "Pass"})})
    started = (await runtime.start(PARENT, chain(start_child("")), 1).wait()).result
    assert started["SdkHttpMetadata"]["HttpStatusCode"] == 200
    assert started["SdkHttpMetadata"]["HttpHeaders"]["x-amzn-RequestId"] == started["SdkResponseMetadata"]["RequestId"]
    described = (await runtime.start(PARENT, chain(start_child()), 1).wait()).result
    assert list(described) == sorted(described) and "SdkHttpMetadata" not in described


def failing() -> dict[str, Any]:
    return {"States": {"S0": {"Type": "Fail", "Error": "Broken", "Cause": "on purpose"}}}


async def test_somebody_is_told_of_a_child_before_it_begins(open_runtime: OpenRuntime) -> None:
    told = list[tuple[str, str, str, int]]()

    def note(parent: str, machine: str, name: str) -> None:
        told.append((parent, machine, name, len(runtime.list())))

    runtime = await open_runtime(machines={CHILD: chain({"Type": "Pass"})}, on_nested=note)
    run = runtime.start(PARENT, chain(start_child(Name="one")), 3)
    await run.wait()
    assert told == [(run.arn, CHILD, "one", 1)]


async def test_a_name_is_used_once_and_a_second_start_is_an_error_of_the_task(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime(machines={CHILD: chain({"Type": "Pass"})})
    ending = await runtime.start(PARENT, chain(start_child(Name="one"), start_child(Name="one")), 1).wait()
    assert ending.result["Error"] == "StepFunctions.ExecutionAlreadyExistsException"


async def test_a_bad_name_is_an_error_of_the_task(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime(machines={CHILD: chain({"Type": "Pass"})})
    ending = await runtime.start(PARENT, chain(start_child(Name="a b")), 1).wait()
    assert ending.result["Error"] == "StepFunctions.InvalidNameException"


async def test_an_unknown_machine_is_an_error_of_the_task(open_runtime: OpenRuntime) -> None:
    ending = await (await open_runtime()).start(PARENT, chain(start_child()), 1).wait()
    assert ending.result["Error"] == "StepFunctions.StateMachineDoesNotExistException"
    assert CHILD in ending.result["Cause"]


async def test_stopping_the_parent_stops_the_child(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime(machines={CHILD: chain(WAIT)})
    run = runtime.start(PARENT, chain(start_child(Name="one")), 1)
    run.stop()
    assert (await run.wait()).status == "ABORTED"
    assert runtime.find("one").status == "ABORTED"


async def test_stopping_a_parent_that_nobody_runs_stops_its_child_too(tmp_path: Path, clock: VirtualClock) -> None:
    async with Runtime(tmp_path, clock=clock, machines={CHILD: chain(WAIT)}) as runtime:
        run = runtime.start(PARENT, chain(start_child(Name="one")), 1)
        await clock.advance(1)
    async with Runtime(tmp_path, clock=clock) as runtime:
        runtime.stop(run.name)
        assert (runtime.find(run.name).status, runtime.find("one").status) == ("ABORTED", "ABORTED")


async def test_a_child_that_waits_is_found_again_after_the_process_has_gone(
    tmp_path: Path, clock: VirtualClock
) -> None:
    machines = {CHILD: chain(WAIT)}
    async with Runtime(tmp_path, clock=clock, machines=machines) as runtime:
        run = runtime.start(PARENT, chain(start_child()), 1)
        await clock.advance(1)
    async with Runtime(tmp_path, clock=clock) as runtime:  # knows the child by its record alone
        resumed = runtime.resume(run.name)
        await clock.advance(59)
        assert (await resumed.wait()).result["Output"] == {"n": 1}
        assert len(runtime.list()) == 2


async def test_a_child_that_ended_while_the_parent_was_down_is_not_started_again(
    tmp_path: Path, clock: VirtualClock
) -> None:
    called = list[Any]()
    functions = {function_arn("note"): Hosted(InProcess(called.append))}
    machines = {CHILD: chain(WAIT, call("note"))}
    async with Runtime(tmp_path, clock=clock, machines=machines, functions=functions) as runtime:
        run = runtime.start(PARENT, chain(start_child(Name="one")), 1)
        await clock.advance(1)
    async with Runtime(tmp_path, clock=clock, functions=functions) as runtime:
        runtime.resume("one")
        await clock.advance(60)
        assert runtime.find("one").status == "SUCCEEDED"
        assert (await runtime.resume(run.name).wait()).status == "SUCCEEDED"
    assert len(called) == 1
