"""Claims on what Terraform says, in the form that its documentation of `-json` shows."""

import json
from typing import Any

import pytest

from .events import Adopted, Counted, Did, Event, Planned, Told, parsed

ABOUT = {"resource": {"addr": "aws_x.y"}, "action": "create"}
FROM = {"importing": {"id": "y"}}


@pytest.mark.parametrize(
    ("said", "event"),
    [
        ({"type": "planned_change", "change": ABOUT}, Planned("aws_x.y", "create")),
        ({"type": "planned_change", "change": ABOUT | {"action": "import", **FROM}}, Adopted("aws_x.y")),
        ({"type": "planned_change", "change": ABOUT | {"action": "update", **FROM}}, Adopted("aws_x.y")),
        ({"type": "planned_change", "change": ABOUT | {"action": "noop"}}, None),
        ({"type": "apply_complete", "hook": ABOUT | {"elapsed_seconds": 2}}, Did("aws_x.y", "create", 2.0)),
        ({"type": "change_summary", "changes": {"add": 1, "change": 2, "remove": 3}}, Counted(1, 2, 3)),
        (
            {"type": "diagnostic", "diagnostic": {"severity": "error", "summary": "no", "address": "aws_x.y"}},
            Told(True, "no", "", "aws_x.y"),
        ),
        ({"type": "version", "terraform": "1.11.4"}, None),
    ],
)
def test_a_line_is_an_event_or_of_no_interest(said: dict[str, Any], event: Event | None) -> None:
    assert parsed(json.dumps(said)) == event


def test_a_line_that_is_no_json_is_of_no_interest() -> None:
    assert parsed("panic: runtime error") is None
