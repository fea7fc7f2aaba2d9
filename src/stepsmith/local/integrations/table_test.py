"""Whatever a task is given and whatever comes back, it has an end, and the journal holds what the run went on with."""

from typing import Any

import pytest

from stepsmith.local import VirtualClock
from stepsmith.local.conftest import OpenRuntime, call, chain, machine_arn

pytestmark = pytest.mark.asyncio

M = machine_arn("m")
WAIT = {"Type": "Wait", "Seconds": 1}


@pytest.mark.parametrize(
    ("resource", "arguments"),
    [
        ("lambda:invoke", [1]),
        ("states:startExecution", "x"),
    ],
)
async def test_arguments_that_cannot_be_read_end_the_task(
    open_runtime: OpenRuntime, clock: VirtualClock, resource: str, arguments: Any
) -> None:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Arguments": arguments}
    run = (await open_runtime()).start(M, chain(WAIT, task), {})
    await clock.advance(1)
    ending = await run.wait()
    assert ending.result["Error"] == "States.Runtime"
    assert "could not be used to start the Task" in ending.result["Cause"]


def _nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("answer", [{1, 2}, _nested(5_000)], ids=["a set", "a deep list"])
async def test_an_answer_that_is_no_json_ends_the_task(open_runtime: OpenRuntime, answer: Any) -> None:
    ending = await (await open_runtime({"f": lambda _: answer})).start(M, chain(call("f")), {}).wait()
    assert ending.status == "FAILED"


@pytest.mark.parametrize("value", [10**30, float("nan"), float("inf"), (1, 2), {1: 2}])
async def test_a_run_goes_on_with_what_its_journal_will_read(open_runtime: OpenRuntime, value: Any) -> None:
    runtime = await open_runtime({"f": lambda _: value})
    for machine in (chain(call("f")), chain({"Type": "Pass"})):
        run = runtime.start(M, machine, {"input": value})
        await run.wait()
        replayed = runtime.history(run.name)  # raises InterpreterChanged where the replay ends otherwise
        assert [event.to_json() for event in replayed] == [event.to_json() async for event in run.events()]
