"""The endpoint with a function in its own process, and a loop of ten turns that carries 200 KB of messages.

    python -m benchmarks.endpoint.large DATA PORT

The function answers at once, so what is measured is the engine: arguments with all messages at every turn, the answer
appended, all of it recorded.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

from stepsmith.local import Hosted, InProcess, Runtime
from stepsmith.local.endpoint import credentials
from stepsmith.local.endpoint.connections import bind
from stepsmith.local.endpoint.server import Endpoint, wall_ms
from stepsmith.local.endpoint.states import States
from stepsmith.local.stepfunctions import Api

TURNS = 10
BYTES = 200_000
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:model"

LOOP = {
    "QueryLanguage": "JSONata",
    "StartAt": "Begin",
    "States": {
        "Begin": {
            "Type": "Pass",
            "Assign": {"messages": "{% $states.input.messages %}", "turn": 1},
            "Next": "Call model",
        },
        "Call model": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke",
            "Arguments": {"FunctionName": FUNCTION, "Payload": {"messages": "{% $messages %}", "turn": "{% $turn %}"}},
            "Assign": {
                "messages": "{% $append($messages, $states.result.Payload.message) %}",
                "turn": "{% $turn + 1 %}",
            },
            "Output": {},
            "Next": "Decide",
        },
        "Decide": {
            "Type": "Choice",
            "Choices": [{"Condition": f"{{% $turn <= {TURNS} %}}", "Next": "Call model"}],
            "Default": "Finish",
        },
        "Finish": {"Type": "Succeed", "Output": "{% $count($messages) %}"},
    },
}


def messages() -> dict[str, Any]:
    """An execution's input: a hundred messages, 200 KB together."""
    text = "All work and no play makes Jack a dull boy. " * (BYTES // 100 // 44)
    return {"messages": [{"role": "user", "content": [{"type": "text", "text": f"{n} {text}"}]} for n in range(100)]}


def model(payload: Any) -> Any:
    said = {"role": "assistant", "content": [{"type": "text", "text": f"Turn {payload['turn']}."}]}
    return {"message": said}


async def serve(data: Path, port: int) -> None:
    endpoint = Endpoint(wall_ms, bind("127.0.0.1", port))
    endpoint.add(credentials.read_or_make(data))
    functions = {FUNCTION: Hosted(InProcess(model))}
    async with Runtime(data, functions=functions, endpoint=endpoint) as runtime:
        endpoint.mount(States(Api(runtime, runtime.catalog, runtime.now_ms)))
        async with endpoint:
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
