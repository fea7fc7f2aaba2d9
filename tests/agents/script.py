"""A world made of a script: what the model, the tools, the people and the sub-agents say to a rehearsed machine.

    world = Script(model=[calls(use("get_db_schema")), says("27 tables")])
    run = rehearse(definition, {"prompt": "..."}, world)

Everything that a machine sends is parsed by its contract on the way, so each rehearsal checks these too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stepsmith.agent.rehearsal import Reply
from stepsmith.asl import Invoke
from stepsmith.asl.outcome import Failed, Succeeded
from stepsmith.contracts import ApprovalRequest, Call, ModelRequest, RunInput
from stepsmith.contracts.budgets import TAIL_BYTES, json_bytes

Json = Any
Step = Json | Reply
Answering = Callable[[Json], Step]

TOKENS = {"input_tokens": 100, "output_tokens": 20, "cache_read_tokens": 5, "cache_write_tokens": 1}


def text(words: str) -> Json:
    return {"type": "text", "text": words}


def use(name: str, id: str = "call_1", error: str | None = None, **input: Any) -> Json:
    """A tool_use block."""
    return {"type": "tool_use", "id": id, "name": name, "input": input, **({"error": error} if error else {})}


def answered(content: Sequence[Json], stop_reason: str, **more: Any) -> Json:
    """What a caller Lambda answers; `more` replaces or adds fields."""
    return {
        "message": {"role": "assistant", "content": list(content)},
        "stop_reason": stop_reason,
        "usage": TOKENS,
        "cost_usd": 0.001,
        "provider": "anthropic",
        "model": "model-a",
        "latency_ms": 900,
        **more,
    }


def calls(*uses: Json, **more: Any) -> Json:
    return answered(uses, more.pop("stop_reason", "tool_use"), **more)


def says(words: str, **more: Any) -> Json:
    return answered([text(words)], more.pop("stop_reason", "end_turn"), **more)


def fails(error: str, cause: str | None = None, after_seconds: float = 0) -> Reply:
    return Reply(Failed(error, cause), after_seconds)


def hangs() -> Reply:
    """Never answers in time."""
    return Reply(Succeeded(None), 10**9)


def slowly(payload: Json, seconds: float) -> Reply:
    return Reply(Succeeded({"Payload": payload}), seconds)


def result(call: Json, *content: Json, **more: Any) -> Json:
    """What a tool Lambda answers to `call`."""
    return {
        "type": "tool_result",
        "tool_use_id": call["id"],
        "name": call["name"],
        "content": list(content),
        "is_error": False,
        **more,
    }


def decision(request: Json, kind: str, **more: Any) -> Json:
    return {
        "decision": kind,
        "input_hash": request["input_hash"],
        "approver": "ada@example.com",
        "decided_at": "2026-01-01T01:00:00Z",
        **more,
    }


def used(output: Json, **more: Any) -> Json:
    """What a sub-agent's execution gives."""
    return {
        "status": "completed",
        "output": output,
        "stop_reason": "end_turn",
        "turns": 2,
        "usage": TOKENS,
        "cost_usd": 0.01,
        "transcript": {"chunks": [], "tail": []},
        **more,
    }


def chunking(step: Json) -> Answering:
    """A caller that keeps the tail's budget: a tail over it becomes a chunk."""

    def answer(request: Json) -> Json:
        tail = request["transcript"]["tail"]
        uri = f"s3://bucket/transcripts/everything/rehearsal/{request['turn']}.json"
        chunk = {"chunk": {"uri": uri, "through": len(tail)}} if json_bytes(tail) > TAIL_BYTES else {}
        return {**step, **chunk}

    return answer


def _fine(call: Json) -> Step:
    return result(call, text(f"{call['name']} is fine"))


def _approve(request: Json) -> Step:
    return decision(request, "approve")


def _research(run_input: Json) -> Step:
    return used(f"researched {run_input['prompt']}")


@dataclass
class Script:
    """Answers tasks in the order of the script; records what was asked, in four lists.

    `model`: one step a call (or what gives one for the request), the last one for ever. `tools`: by name, else all is
    fine. `person`: asked for approval. `strict`: requests and calls must fit their contracts.
    """

    model: Sequence[Step | Answering]
    tools: Mapping[str, Answering] = field(default_factory=dict)
    person: Answering = _approve
    subagent: Answering = _research
    requests: list[Json] = field(default_factory=list)
    tool_calls: list[Json] = field(default_factory=list)
    approvals: list[Json] = field(default_factory=list)
    subruns: list[Json] = field(default_factory=list)
    strict: bool = True

    def __call__(self, task: Invoke) -> Reply:
        if task.resource.endswith("states:startExecution.sync:2"):
            return self._subagent(task.arguments)
        if not task.resource.endswith("lambda:invoke"):
            return self._person(task)
        if ":stepsmith-local-caller-" in task.arguments["FunctionName"]:
            return self._model(task.arguments["Payload"])
        return self._tool(task.arguments["Payload"])

    def _model(self, request: Json) -> Reply:
        if self.strict:
            ModelRequest.from_json(request)
        self.requests.append(request)
        step = self.model[min(len(self.requests), len(self.model)) - 1]
        if callable(step):
            step = step(request)
        return step if isinstance(step, Reply) else Reply(Succeeded({"Payload": step, "StatusCode": 200}), 1)

    def _tool(self, call: Json) -> Reply:
        if self.strict:
            Call.from_json(call)
        self.tool_calls.append(call)
        step = self.tools.get(call["name"], _fine)(call)
        return step if isinstance(step, Reply) else Reply(Succeeded({"Payload": step, "StatusCode": 200}), 0.1)

    def _person(self, task: Invoke) -> Reply:
        request = _request(task)
        ApprovalRequest.from_json(request)
        self.approvals.append(request)
        step = self.person(request)
        return step if isinstance(step, Reply) else Reply(Succeeded(step), 60)

    def _subagent(self, arguments: Json) -> Reply:
        run_input = dict(arguments["Input"])
        del run_input["AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"]
        RunInput.from_json(run_input)
        self.subruns.append(run_input)
        step = self.subagent(run_input)
        return step if isinstance(step, Reply) else Reply(Succeeded({"Name": arguments["Name"], "Output": step}), 5)


def _request(task: Invoke) -> Json:
    """The approval request of either way; the table's item is an item of DynamoDB, and holds the token."""
    if ":activity:" in task.resource:
        return task.arguments
    item = task.arguments["Item"]
    assert item["task_token"]["S"] == task.task_token
    return json.loads(item["request"]["S"])
