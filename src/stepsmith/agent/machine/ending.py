"""Finish and Stop, the two ends of a run that went in order."""

from __future__ import annotations

from typing import Any

from .expressions import State, query
from .results import unanswered


def following(message: str) -> dict[str, Any]:
    """The transcript with one more message, which may be undefined."""
    return {"chunks": query("[$transcript.chunks]"), "tail": query(f"[$transcript.tail, {message}]")}


def ending_states() -> dict[str, State]:
    stopped = unanswered("'Not run: the run was stopped (' & $states.input.stop_reason & ').'")
    return {
        "Finish": {
            "Type": "Succeed",
            "Comment": "An answer, and it fits the output schema.",
            "Output": _output("completed", "end_turn", query("$transcript")),
        },
        "Stop": {
            "Type": "Succeed",
            "Comment": "Ended in order, with the best answer so far; calls that were not run get their result, "
            "so the transcript can be continued.",
            "Output": _output(
                "stopped", query("$states.input.stop_reason"), following(f"$count($calls) > 0 ? {stopped}")
            ),
        },
    }


def _output(status: str, stop_reason: str, transcript: Any) -> dict[str, Any]:
    return {
        "status": status,
        "output": query("$answer.output"),
        "stop_reason": stop_reason,
        "turns": query("$turn"),
        "usage": query("$usage"),
        "cost_usd": query("$price_unknown ? null : $cost_usd"),
        "transcript": transcript,
    }
