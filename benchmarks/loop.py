"""The agent loop that the benchmarks run: the machine that the compiler makes, with scripted functions in process.

The model calls `look` on every turn but the last and then answers; `look` answers at once. What is left is the engine:
interpreting five transitions a turn, recording two outcomes, and handing them over. As real callers do, the model puts a
tail over 16 KiB aside as a chunk, so that a long run carries no more state than a short one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from stepsmith.agent import Agent, Deployment, LoadedAgent, OfferedTool, compile
from stepsmith.contracts import Limits, ToolFunction
from stepsmith.local import Hosted, InProcess

DEPLOYMENT = Deployment()
MACHINE = DEPLOYMENT.machine_arn("loop")
INPUT = {"prompt": "How many teams won more than one hundred games?", "model": "scripted:loop/turns"}
TAIL_BYTES = 16 * 1024

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


def functions(turns: int, on_model: Callable[[int], None] = lambda turn: None) -> Mapping[str, Hosted]:
    """The scripted model, which tells of every call, and the tool."""

    def model(request: Any) -> Any:
        on_model(request["turn"])
        return _answer(request, last=request["turn"] > turns)

    return {
        DEPLOYMENT.caller_arn("scripted"): Hosted(InProcess(model)),
        DEPLOYMENT.tool_arn("look"): Hosted(InProcess(look)),
    }


def look(call: Any) -> Any:
    """The tool: an answer of about 150 bytes."""
    text = json.dumps({"team": call["input"]["team"], "wins": 90 + call["context"]["turn"] % 20})
    content = [{"type": "text", "text": text}]
    return {"type": "tool_result", "tool_use_id": call["id"], "name": "look", "content": content, "is_error": False}


def _answer(request: Any, last: bool) -> Any:
    """A model's answer of about 300 bytes."""
    turn = request["turn"]
    said = {"type": "text", "text": "Thirteen teams did." if last else f"Team number {turn} comes next."}
    call = {"type": "tool_use", "id": f"toolu_{turn:04}", "name": "look", "input": {"team": f"team {turn}"}}
    return {
        "message": {"role": "assistant", "content": [said] if last else [said, call]},
        "stop_reason": "end_turn" if last else "tool_use",
        "usage": {"input_tokens": 900 + turn, "output_tokens": 40, "cache_read_tokens": 0, "cache_write_tokens": 0},
        "cost_usd": 0.00021,
        "provider": "scripted",
        "model": "loop/turns",
        "latency_ms": 3,
        **_chunk(request),
    }


def _chunk(request: Any) -> dict[str, Any]:
    tail = request["transcript"]["tail"]
    if len(json.dumps(tail)) <= TAIL_BYTES:
        return {}
    uri = f"s3://{DEPLOYMENT.bucket}/transcripts/loop/{request['run_id']}/{request['turn']:05}.json"
    return {"chunk": {"uri": uri, "through": len(tail)}}
