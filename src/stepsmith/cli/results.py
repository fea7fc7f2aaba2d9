"""A tool's result in a few words."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stepsmith.contracts import ApprovalRecord, Decision, Image, Text, ToolResult

from .terminal import clock, count, one_line


def summary(result: ToolResult, width: int) -> str:
    """``30 rows``, ``wins.png``, ``27 tables``, or the first words of what was said."""
    texts = [block.text for block in result.content if isinstance(block, Text)]
    if result.is_error:
        return one_line(f"error: {_error(texts)}", width)
    if pictures := [
        block.title or block.uri.rpartition("/")[2] for block in result.content if isinstance(block, Image)
    ]:
        return one_line(", ".join(pictures), width)
    return one_line(_counted(_json(texts[0]) if texts else None) or "\n".join(texts), width)


_DECIDED = {
    "approve": "approved",
    "edit": "approved with another input",
    "reject": "rejected",
    "answer": "answered",
    "expired": "denied: nobody decided in time",
    "failed": "denied: nobody could be asked",
    "unclear": "denied: its input cannot be shown exactly",
    "invalid": "denied: the decision did not fit the call",
}


def decided(approval: ApprovalRecord | Decision) -> str:
    """``approved by ada at 2026-01-01 12:00:00: looks right``: who decided, when and what."""
    who = f" by {approval.approver}" if approval.approver else ""
    when = f" at {clock(approval.decided_at)}" if approval.decided_at else ""
    why = f": {one_line(approval.reason, 200)}" if approval.reason else ""
    return f"{_DECIDED.get(approval.decision, approval.decision)}{who}{when}{why}"


def sentence(cause: str) -> str:
    """What a failed function said, out of its error document; any other cause as it is."""
    said = _json(cause)
    return str(said["errorMessage"]) if isinstance(said, Mapping) and "errorMessage" in said else cause


def _error(texts: list[str]) -> str:
    """The sentence in an error's document, or its text."""
    said = _json(texts[0]) if texts else None
    return str(said["error"]) if isinstance(said, Mapping) and "error" in said else "\n".join(texts)


def _counted(value: Any) -> str | None:
    """What a JSON answer counts: its rows, or its one long list."""
    match value:
        case {"row_count": int(rows)}:
            return count(rows, "row")
        case list():
            return count(len(value), "item")
        case Mapping():
            lists = {name: each for name, each in value.items() if isinstance(each, list | dict) and len(each) > 1}
            return f"{len(next(iter(lists.values()))):,} {next(iter(lists))}" if len(lists) == 1 else None
    return None


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
