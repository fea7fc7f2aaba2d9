"""A run as people think of it, read from its history: turns, tool calls, tokens, cost.

History (events in the shape of GetExecutionHistory, from AWS or from the local runtime) is the truth about a run; the
terminal, the console and the tests read it here and nowhere else. What an event means is told by the contract of what
it carries (a model request, a tool call, a tool result), never by the name of a state.

    for event in history:
        for step in reader.read(event): ...         # ModelAsked, ModelAnswered, ToolCalled, ToolAnswered, ...
    reader.trace                                    # all of it, as far as it went
"""

from .reader import Reader, read
from .steps import (
    Asked,
    Began,
    Ended,
    Failed,
    ModelAnswered,
    ModelAsked,
    Retried,
    Step,
    ToolAnswered,
    ToolCalled,
    Waited,
)
from .trace import Trace, TracedCall, Turn

__all__ = [
    "Asked",
    "Began",
    "Ended",
    "Failed",
    "ModelAnswered",
    "ModelAsked",
    "Reader",
    "Retried",
    "Step",
    "ToolAnswered",
    "ToolCalled",
    "Trace",
    "TracedCall",
    "Turn",
    "Waited",
    "read",
]
