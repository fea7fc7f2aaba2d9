"""What the tests of this layer share: a data folder, a clock that stands still, and small state machines."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from stepsmith.local import Hosted, InProcess, Runtime, VirtualClock

REGION = "us-east-1:000000000000"

Machine = Callable[..., dict[str, Any]]
OpenRuntime = Callable[..., Awaitable[Runtime]]


def machine_arn(name: str) -> str:
    return f"arn:aws:states:{REGION}:stateMachine:{name}"


def function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:function:{name}"


def activity_arn(name: str) -> str:
    return f"arn:aws:states:{REGION}:activity:{name}"


def chain(*states: Mapping[str, Any]) -> dict[str, Any]:
    """A state machine of these states, named S0, S1, .. in a row."""
    return {"QueryLanguage": "JSONata", **branch(*states, prefix="S")}


def branch(*states: Mapping[str, Any], prefix: str = "B") -> dict[str, Any]:
    """The same as a branch of Parallel or Map, with names of its own."""
    last = len(states) - 1
    ways = [{"End": True} if n == last else {"Next": f"{prefix}{n + 1}"} for n in range(len(states))]
    rows = {f"{prefix}{n}": {**state, **ways[n]} for n, state in enumerate(states)}
    return {"StartAt": f"{prefix}0", "States": rows}


def call(function: str, payload: Any = "{% $states.input %}", **more: Any) -> dict[str, Any]:
    """A Task that calls a function and goes on with its answer."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": {"FunctionName": function_arn(function), "Payload": payload},
        "Output": "{% $states.result.Payload %}",
        **more,
    }


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()


@pytest_asyncio.fixture
async def open_runtime(tmp_path: Path, clock: VirtualClock) -> AsyncIterator[OpenRuntime]:
    """Opens a runtime on the test's data folder, with Python callables as functions by name; closes all."""
    async with AsyncExitStack() as opened:

        async def open_one(functions: Mapping[str, Callable[[Any], Any]] | None = None, **settings: Any) -> Runtime:
            hosted = {function_arn(name): Hosted(InProcess(call)) for name, call in (functions or {}).items()}
            settings = {"clock": clock, "functions": hosted, **settings}
            return await opened.enter_async_context(Runtime(tmp_path / "data", **settings))

        yield open_one
