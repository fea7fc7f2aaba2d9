"""Use tools: one iteration per call, routed by exact name to the tool's own state. Every way through ends in a result.

An iteration's input is {index, id, name}; it reads its call from $calls. Iterations cannot assign the run's variables,
so the Map's result, the list of tool_results in the calls' order, is assigned by the Map.
"""

from __future__ import annotations

from typing import Any

from stepsmith.agent.deployment import Deployment
from stepsmith.agent.loading import LoadedAgent, OfferedTool
from stepsmith.contracts import ToolFunction

from .approval import Asking, approval_states, asking, entry
from .bookkeeping import USAGE
from .ending import following
from .events import successors
from .expressions import (
    CALL,
    DEADLINE_TIME,
    EFFECT_ID,
    INPUT_TO_RUN,
    RESULT_SHARE,
    RUN_ID,
    State,
    asked,
    either,
    query,
    quote,
    record,
    timeout,
)
from .results import ending_states, from_payload, unanswered
from .retries import ONCE, REPEATABLE, catching
from .subagents import prompt_rule, subagent_state

CONCURRENCY = 10
STATE_SECONDS = 10
"""A function's own timeout comes first: its state waits this much longer."""


def use_tools_state(loaded: LoadedAgent, deployment: Deployment) -> State:
    return {
        "Type": "Map",
        "Comment": "One iteration a call, in the order of the calls. An iteration reads the call from $calls: "
        "only its index travels.",
        "Items": query("$calls"),
        "ItemSelector": {
            "index": query("$states.context.Map.Item.Index"),
            "id": query("$states.context.Map.Item.Value.id"),
            "name": query("$substring($states.context.Map.Item.Value.name, 0, 128)"),
        },
        "MaxConcurrency": _concurrency(loaded),
        "ItemProcessor": {
            "ProcessorConfig": {"Mode": "INLINE"},
            "StartAt": "Route",
            "States": _processor_states(loaded, deployment),
        },
        "Assign": _after(loaded),
        "Output": {},
        "Catch": _broken_off(loaded),
        "Next": "Call model",
    }


def _concurrency(loaded: LoadedAgent) -> int | str:
    """A turn that holds a call of a serial tool runs its calls one after another."""
    serial = tuple(tool.name for tool in loaded.tools if tool.serial)
    return query(f"$exists($calls[name in {either(serial)}]) ? 1 : {CONCURRENCY}") if serial else CONCURRENCY


def _processor_states(loaded: LoadedAgent, deployment: Deployment) -> dict[str, State]:
    asks = {tool.name: asking(loaded.agent, tool) for tool in loaded.tools}
    states: dict[str, State] = {"Route": _route(loaded, asks)}
    for tool in loaded.tools:
        if asking_how := asks[tool.name]:
            states |= approval_states(loaded.name, tool.name, asking_how, deployment)
        states[tool.name] = _tool_state(loaded.name, tool, deployment, reviewed=asking_how is not None)
    return states | ending_states({name for state in states.values() for name in successors(state)})


def _route(loaded: LoadedAgent, asks: dict[str, Asking | None]) -> State:
    return {
        "Type": "Choice",
        "Comment": "By exact name. Output of every path below is one tool_result with this call's id.",
        "Choices": [
            {
                "Condition": query(f"$exists({CALL}.error)"),
                "Comment": "The caller could not accept the call: input too large, or no JSON.",
                "Next": "Refused call",
            },
            *(rule for tool in loaded.tools for rule in _rules(tool, asks[tool.name])),
        ],
        "Default": "Unknown tool",
    }


def _rules(tool: OfferedTool, asks: Asking | None) -> list[State]:
    named = f"$states.input.name = {quote(tool.name)}"
    rules = [prompt_rule(named)] if isinstance(tool.source, LoadedAgent) else []
    if asks and asks.tainted:
        rules.append({"Condition": query(f"{named} and $tainted"), "Next": entry(tool.name, asks)})
        return [*rules, {"Condition": query(named), "Next": tool.name}]
    return [*rules, {"Condition": query(named), "Next": entry(tool.name, asks)}]


def _tool_state(agent: str, tool: OfferedTool, deployment: Deployment, reviewed: bool) -> State:
    match tool.source:
        case ToolFunction() as function:
            return _lambda_state(agent, tool, function, deployment, reviewed)
        case LoadedAgent() as subagent:
            return subagent_state(subagent, tool.annotations, deployment, reviewed)


def _lambda_state(
    agent: str, tool: OfferedTool, function: ToolFunction, deployment: Deployment, reviewed: bool
) -> State:
    repeatable = tool.annotations.repeatable
    return {
        "Type": "Task",
        "Comment": "Repeatable: retried whenever the platform failed."
        if repeatable
        else "Not repeatable: retried only on the error which proves that the function never started.",
        "Resource": deployment.integration("lambda:invoke"),
        "TimeoutSeconds": timeout(function.timeout_seconds + STATE_SECONDS),
        "Arguments": {
            "FunctionName": deployment.tool_arn(function.function),
            "Payload": {
                "name": query("$states.input.name"),
                "id": query("$states.input.id"),
                "input": query(INPUT_TO_RUN if reviewed else f"{CALL}.input"),
                "context": _context(agent, reviewed),
            },
        },
        "Retry": REPEATABLE if repeatable else ONCE,
        "Catch": catching(
            asked(record(error="$states.errorOutput.Error")), "Failed" if repeatable else "Outcome unknown"
        ),
        "Output": query(from_payload(tool.annotations.openWorldHint, reviewed)),
        "End": True,
    }


def _context(agent: str, reviewed: bool) -> dict[str, Any]:
    return {
        "run_id": query(RUN_ID),
        "agent": agent,
        "turn": query("$turn"),
        "effect_id": query(EFFECT_ID),
        "artifacts": query("$artifacts"),
        "max_result_bytes": query(RESULT_SHARE if reviewed else "$max_result_bytes"),
        "deadline": query(DEADLINE_TIME),
    }


def _after(loaded: LoadedAgent) -> dict[str, Any]:
    """The run's variables after a turn's tools: the results as one user message, and what sub-agents used."""
    results = "$states.result"
    return {
        "transcript": following(record(role="'user'", content=f"[{results}]")),
        "calls": [],
        "tainted": query(f"$tainted or $exists({results}[untrusted = true])"),
        "usage": {name: query(f"$sum([$usage.{name}, {results}.usage.{name}])") for name in USAGE},
        "cost_usd": query(f"$round($sum([$cost_usd, {results}.cost_usd]), 9)"),
        "price_unknown": query(f"$price_unknown or $exists({results}[$exists(run_id) and $not($exists(cost_usd))])"),
    }


def _broken_off(loaded: LoadedAgent) -> list[dict[str, Any]]:
    """No iteration is known to fail; should one, every call of the turn still gets its result."""
    sentence = (
        "'The calls of this turn were broken off (' & $states.errorOutput.Error & '); "
        "what they have done is unknown. Look before you repeat one.'"
    )
    subagents = tuple(tool.name for tool in loaded.tools if isinstance(tool.source, LoadedAgent))
    unpriced = {"price_unknown": query(f"$price_unknown or $exists($calls[name in {either(subagents)}])")}
    assign = {"transcript": following(unanswered(sentence)), "calls": [], **(unpriced if subagents else {})}
    return [
        {"ErrorEquals": [error], "Assign": assign, "Output": {}, "Next": "Call model"}
        for error in ("States.DataLimitExceeded", "States.ALL")
    ]
