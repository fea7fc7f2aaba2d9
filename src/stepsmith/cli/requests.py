"""A request for approval as a person reads it: what, with which input, why, what is tainted, until when.

Inputs come from a model: they are printed as JSON whose control characters are escaped.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

from stepsmith.local.approvals import Waiting
from stepsmith.trace import Trace

from .terminal import clock, json_text


def shown(waiting: Waiting, tainted: str | None) -> str:
    """The whole request, a few lines."""
    request = waiting.request
    lines = (
        f"{request.agent} asks to call {request.tool}   (run {request.run_id[:12]}, call {request.call_id})",
        f"because {request.reason}",
        *([f"beware: {tainted}"] if tainted else []),
        *_indented(json_text(request.input).splitlines()),
        f"decide until {clock(request.expires_at)} ({left(waiting)} left)",
    )
    return "\n".join(lines)


def document_of(waiting: Waiting) -> dict[str, Any]:
    """The request with its run's ARN, for programs."""
    return {**waiting.request.to_json(), "execution": waiting.execution}


def left(waiting: Waiting) -> str:
    """``3 h 59 min``."""
    seconds = max(0, waiting.expires_ms // 1000 - int(time.time()))
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def tainting(trace: Trace) -> str | None:
    """What untrusted content the run has read before; None where it has read none."""
    read = dict.fromkeys(call.name for call in trace.calls if call.result and call.result.untrusted)
    return f"the run has read untrusted content ({', '.join(read)})" if read else None


def _indented(lines: Iterable[str]) -> Iterator[str]:
    return (f"    {line}" for line in lines)
