"""The words that everyone shares: messages, tool calls and results, model calls, runs, decisions, budgets, errors.

Frozen values with ``from_json`` and ``to_json``; the JSON Schemas under ``schema/`` are generated from them and the
other languages are held to the same fixtures (``tests/contracts/``). Only the standard library is imported here: this
package is zipped into every Python Lambda.

    codec      JSON to frozen values and back, one walk over the type hints
    messages   Message and its blocks
    calls      what a tool Lambda is sent
    tools      tool.json and caller.json: the one description of a Lambda
    models     what a model caller is sent and answers
    runs       what a run takes and gives, and its limits
    approval   what a person is asked and decides
    budgets    how many bytes each part may have
    errors     the errors that cross a Lambda's edge, by who must act
"""

from .approval import ApprovalRequest, Decision
from .calls import Call, CallContext
from .errors import (
    ContractError,
    LlmAuthentication,
    LlmContextTooLong,
    LlmError,
    LlmInvalidRequest,
    LlmOverloaded,
    LlmThrottled,
    LlmTimeout,
    LlmUnavailable,
    RunCancelled,
)
from .messages import (
    ApprovalRecord,
    Block,
    File,
    Image,
    Message,
    ResultBlock,
    Text,
    Thinking,
    ToolResult,
    ToolUse,
    Usage,
)
from .models import Chunk, ModelAnswer, ModelRequest, ToolDefinition, Transcript
from .runs import Limits, RunInput, RunOutput
from .tools import Annotations, CallerFunction, Permission, Tool, ToolFunction

__all__ = [
    "Annotations",
    "ApprovalRecord",
    "ApprovalRequest",
    "Block",
    "Call",
    "CallContext",
    "CallerFunction",
    "Chunk",
    "ContractError",
    "Decision",
    "File",
    "Image",
    "Limits",
    "LlmAuthentication",
    "LlmContextTooLong",
    "LlmError",
    "LlmInvalidRequest",
    "LlmOverloaded",
    "LlmThrottled",
    "LlmTimeout",
    "LlmUnavailable",
    "Message",
    "ModelAnswer",
    "ModelRequest",
    "Permission",
    "ResultBlock",
    "RunCancelled",
    "RunInput",
    "RunOutput",
    "Text",
    "Thinking",
    "Tool",
    "ToolDefinition",
    "ToolFunction",
    "ToolResult",
    "ToolUse",
    "Transcript",
    "Usage",
]
