"""What would not work about an agent, found before it runs: where, what is wrong, and what to do about it.

    for finding in lint(loaded, definition, callers): print(finding)

Paths begin with the file that must change (agent.py, instructions.md, tool.json), or are paths of the
definition where the machine itself is at fault. What cannot even be loaded is an `AgentError` of `load`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stepsmith.asl import Problem, SyntaxFault, default_evaluator
from stepsmith.asl.lint import lint as lint_definition
from stepsmith.contracts import ContractError, Limits
from stepsmith.contracts.budgets import AGENT_BYTES, HISTORY_EVENTS, TURN_EVENTS, json_bytes
from stepsmith.validation import InvalidSchema, Schema

from .agent import Approval
from .compile import model_request
from .loading import LoadedAgent, OfferedTool
from .machine import RESERVED_NAMES

MAX_DEADLINE_SECONDS = 31_536_000 - 300
"""An execution may run for a year (Step Functions quotas); its own timeout lies 300 seconds behind the deadline."""
_TOOL_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What every vendor takes."""


def lint(loaded: LoadedAgent, definition: dict[str, Any], callers: Sequence[str]) -> tuple[Problem, ...]:
    """All findings about an agent and the machine that was compiled from it; none if both are sound."""
    return (
        *_names(loaded),
        *_schemas(loaded),
        *_models(loaded, callers),
        *_approvals(loaded),
        *_budget(loaded),
        *_limits(loaded),
        *lint_definition(definition),
    )


def _names(loaded: LoadedAgent) -> Iterator[Problem]:
    counts = Counter(tool.name for tool in loaded.tools)
    for name, count in counts.items():
        if count > 1:
            yield Problem("agent.py tools", f"{count} tools are named {name!r}.", "Leave all but one out (only=[...]).")
        if name in RESERVED_NAMES:
            remedy = f"Give the tool another name than {', '.join(sorted(RESERVED_NAMES))}."
            yield Problem("agent.py tools", f"{name!r} is the name of a state of the machine.", remedy)
        if not _TOOL_NAME.fullmatch(name):
            remedy = "Use up to 64 of A-Z, a-z, 0-9, _ and -."
            yield Problem("agent.py tools", f"{name!r} is no name that every vendor takes.", remedy)


def _schemas(loaded: LoadedAgent) -> Iterator[Problem]:
    for tool in loaded.tools:
        if tool.input_schema.get("type") != "object":
            yield Problem(
                f"tool.json {tool.name}.input_schema",
                f"the input of {tool.name!r} is no object.",
                'Write {"type": "object", "properties": {...}}.',
            )
        yield from _schema(f"tool.json {tool.name}.input_schema", tool.input_schema)
    if loaded.agent.output_schema is not None:
        yield from _schema("agent.py output_schema", loaded.agent.output_schema)


def _schema(at: str, schema: Mapping[str, Any]) -> Iterator[Problem]:
    try:
        Schema(schema)
    except InvalidSchema as error:
        where = f" at {'/'.join(map(str, error.path))!r}" if error.path else ""
        yield Problem(at, f"it is no JSON Schema{where}: {error.message}.", "Correct it there.")


def _models(loaded: LoadedAgent, callers: Sequence[str]) -> Iterator[Problem]:
    for model in loaded.agent.models:
        vendor, colon, id = model.partition(":")
        if not (colon and id):
            yield Problem("agent.py model", f"{model!r} names no vendor.", "Write vendor:model-id.")
        elif vendor not in callers:
            remedy = f"Use one of {', '.join(callers)}, or add llm_callers/{vendor}."
            yield Problem("agent.py model", f"there is no caller for {model!r}.", remedy)


def _approvals(loaded: LoadedAgent) -> Iterator[Problem]:
    names = {tool.name for tool in loaded.tools}
    for name, asks in loaded.agent.approvals.items():
        path = f"agent.py approvals[{name!r}]"
        if name not in names:
            remedy = f"Name one of {', '.join(sorted(names)) or 'its tools (it has none)'}."
            yield Problem(path, f"the agent has no tool {name!r}.", remedy)
        if isinstance(asks, Approval):
            yield from _predicate(path, asks)


def _predicate(path: str, approval: Approval) -> Iterator[Problem]:
    if approval.within is not None and approval.within.total_seconds() < 1:
        yield Problem(path, "within is less than a second.", "Give a person the time to decide.")
    if approval.when is None:
        return
    try:
        expression = default_evaluator().compile(f"({approval.when})")
    except SyntaxFault as fault:
        yield Problem(path, f"the predicate {approval.when!r} {fault}", "Write JSONata, without {% and %}.")
        return
    for name in sorted(expression.variables - {"input", "tainted"}):
        yield Problem(path, f"the predicate reads ${name}.", "It sees $input (the call's input) and $tainted.")


def _budget(loaded: LoadedAgent) -> Iterator[Problem]:
    taken = json_bytes(model_request(loaded))
    if taken > AGENT_BYTES:
        yield Problem(
            "instructions.md",
            f"instructions and tools take {taken:,} bytes of {AGENT_BYTES:,}.",
            f"Shorten the instructions ({len(loaded.instructions.encode()):,} bytes) or offer fewer tools "
            f"(only=[...]); the largest is {_largest(loaded.tools)}.",
        )


def _largest(tools: Sequence[OfferedTool]) -> str:
    sizes = {tool.name: json_bytes([tool.description, tool.input_schema]) for tool in tools}
    return max(sizes, key=lambda name: sizes[name], default="none")


def _limits(loaded: LoadedAgent) -> Iterator[Problem]:
    limits = loaded.agent.bounds
    try:
        Limits.from_json(limits.to_json())
    except ContractError as error:
        yield Problem(f"agent.py limits.{error.at}", f"{error.problem}.", "Correct it there.")
    most = HISTORY_EVENTS // TURN_EVENTS
    if (limits.max_turns or 0) > most:
        yield Problem(
            "agent.py limits.max_turns",
            f"{limits.max_turns:,} turns of one call pass the {HISTORY_EVENTS:,} events of an execution.",
            f"Set {most:,} at most; a longer conversation goes on in another run, from the last one's transcript.",
        )
    if (limits.deadline_seconds or 0) > MAX_DEADLINE_SECONDS:
        yield Problem(
            "agent.py limits.deadline_seconds",
            f"{limits.deadline_seconds:,} seconds are more than the year that an execution may take.",
            f"Set {MAX_DEADLINE_SECONDS:,} at most.",
        )
