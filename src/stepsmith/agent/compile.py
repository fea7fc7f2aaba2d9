"""An agent and a deployment become one state machine: a plain dict in Amazon States Language, ready for JSON.

Pure: the same values give the same dict, which is what each agent's expected.asl.json pins. How the parts work is
told in `machine`, what they look like together in docs/reference/state-machine.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .deployment import Deployment
from .loading import LoadedAgent
from .machine.begin import begin_states
from .machine.decide import decide_state
from .machine.ending import ending_states
from .machine.events import call_events
from .machine.model import model_states
from .machine.tools import use_tools_state

SAFETY_SECONDS = 300
"""The machine's own timeout is a safety net behind the deadline: TIMED_OUT has no output."""


def compile(loaded: LoadedAgent, deployment: Deployment, callers: Sequence[str]) -> dict[str, Any]:
    """The definition of the agent's machine; `callers` are the vendors that may be asked."""
    use_tools = use_tools_state(loaded, deployment)
    deadline = loaded.agent.bounds.deadline_seconds or 0
    return {
        "Comment": f"Agent {loaded.name}. One turn with one tool is five transitions: "
        "Call model, Decide, Use tools, Route, the tool.",
        "QueryLanguage": "JSONata",
        "TimeoutSeconds": int(deadline) + SAFETY_SECONDS,
        "StartAt": "Begin",
        "States": {
            **begin_states(loaded.agent, deployment.artifacts(loaded.name), model_request(loaded), callers),
            **model_states(deployment, callers, call_events(use_tools["ItemProcessor"])),
            "Decide": decide_state(),
            "Use tools": use_tools,
            **ending_states(),
        },
    }


def model_request(loaded: LoadedAgent) -> dict[str, Any]:
    """The part of the model request that never changes in a run; its bytes stay the same, so prompt caches hit."""
    agent = loaded.agent
    optional = {
        "output_schema": agent.output_schema,
        "max_output_tokens": agent.max_output_tokens,
        "temperature": agent.temperature,
    }
    return {
        "agent": loaded.name,
        "system": loaded.instructions,
        "tools": [
            {"name": tool.name, "description": tool.description, "input_schema": tool.input_schema}
            for tool in loaded.tools
        ],
        **{name: value for name, value in optional.items() if value is not None},
    }
