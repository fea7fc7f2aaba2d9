"""How many bytes each part of a run may have, so that all of them together fit a state of Step Functions.

A state's input, output and arguments end at 262,144 bytes of JSON each (AWS Step Functions quotas, "Maximum input or
output size"). Sizes are counted in UTF-8 bytes of JSON without blanks. The compiler, the lint, the callers and the
kits of all languages use these numbers; a property test builds the worst case of all of them at once.
"""

import json
from typing import Any, Final

KIB: Final = 1024

STATE_BYTES: Final = 256 * KIB
"""A state's input, output or arguments (AWS)."""
AGENT_BYTES: Final = 64 * KIB
"""System text and tool definitions of one agent; kept by lint."""
MESSAGE_BYTES: Final = 64 * KIB
"""One assistant message, calls included; kept by the caller."""
CALL_INPUT_BYTES: Final = 48 * KIB
"""One call's input; kept by the caller."""
TAIL_BYTES: Final = 16 * KIB
"""A transcript's tail that arrives at a caller without becoming a chunk; kept by the caller."""
CHUNK_LIST_BYTES: Final = 10 * KIB
"""The URIs of a transcript's chunks: with all other budgets full, a state has no more left. The machine stops a run
that fills it (``history_full``)."""
RESULTS_BYTES: Final = 96 * KIB
"""All results of one turn."""
RESULT_BYTES: Final = 32 * KIB
"""One result at most; kept by the tool kit."""
RUN_INPUT_BYTES: Final = 64 * KIB
OUTPUT_BYTES: Final = 64 * KIB
"""A run's final output; the caller turns a longer one into an artifact."""
MAX_CALLS: Final = 20
"""Calls of one turn; the caller gives the others an ``error``."""

HISTORY_EVENTS: Final = 25_000
"""Events of one execution (AWS)."""
HISTORY_STOP_EVENTS: Final = 24_000
"""The machine's own upper estimate at which a run stops with ``history_full``."""
TURN_EVENTS: Final = 20
"""Events of one turn with one call."""


def json_bytes(value: Any) -> int:
    """The UTF-8 bytes of `value` as JSON without blanks."""
    return len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass"))


def fitting(text: str, room: int) -> str:
    """The longest beginning of `text` that takes at most `room` bytes as a JSON string."""
    low, high = 0, min(len(text), max(0, room))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if json_bytes(text[:middle]) <= room else (low, middle - 1)
    return text[:low]


def max_result_bytes(calls: int) -> int:
    """The share of one result in a turn of `calls` calls."""
    return min(RESULT_BYTES, RESULTS_BYTES // max(1, calls))
