"""The agent loop that the benchmarks run: the machine that the compiler makes for an agent with one tool.

Five transitions, two tasks and twenty events a turn. Its functions (scripted.py) answer at once, so what is left is the
engine: interpreting, recording the outcomes, handing them over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from benchmarks import scripted
from stepsmith.agent import Agent, Deployment, LoadedAgent, OfferedTool, compile
from stepsmith.contracts import Limits, ToolFunction
from stepsmith.local import Hosted, InProcess

DEPLOYMENT = Deployment()
MACHINE = DEPLOYMENT.machine_arn("loop")
MODEL, TOOL = DEPLOYMENT.caller_arn("scripted"), DEPLOYMENT.tool_arn("look")
INPUT = {"prompt": "How many teams won more than one hundred games?", "model": "scripted:loop/turns"}

_LOOK = {
    "name": "look",
    "description": "The record of one team in one season.",
    "input_schema": {"type": "object", "properties": {"team": {"type": "string"}}, "required": ["team"]},
    "annotations": {"readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False},
}
_FUNCTION = {
    "function": "look",
    "language": "python",
    "timeout_seconds": 10,
    "memory_mb": 128,
    "network": "none",
    "tools": [_LOOK],
    "permissions": [],
    "secrets": [],
    "environment": {},
}


def definition(turns: int) -> dict[str, Any]:
    """The state machine of an agent with one tool that may take so many turns."""
    function = ToolFunction.from_json(_FUNCTION)
    tool = function.tools[0]
    offered = OfferedTool(tool.name, tool.description, tool.input_schema, tool.annotations, function)
    limits = Limits(max_turns=turns + 1, deadline_seconds=86_400)
    agent = Agent(description="Looks up teams", model="scripted:loop/turns", limits=limits)
    loaded = LoadedAgent("loop", agent, "Look every team up before you answer.", (offered,))
    return compile(loaded, DEPLOYMENT, callers=("scripted",))


def in_process(turns: int, on_model: Callable[[], None] = lambda: None) -> Mapping[str, Hosted]:
    """The model and the tool as Python callables; `on_model` is called at each call of the model."""

    def model(request: Any) -> Any:
        on_model()
        return scripted.answer(request, turns)

    return {MODEL: Hosted(InProcess(model)), TOOL: Hosted(InProcess(scripted.look))}
