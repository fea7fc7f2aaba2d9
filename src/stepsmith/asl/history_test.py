"""Events have the names and fields of AWS's own model, as botocore ships it."""

from typing import Any

import botocore.session
import pytest

from stepsmith.asl.outcome import Failed, ScheduleFailed, Started, Submitted, Succeeded, TimedOut

from .conftest import START_MS, Play

_MODEL = botocore.session.get_session().get_service_model("stepfunctions").shape_for("HistoryEvent")
_TYPES = set(_MODEL.members["type"].enum)
INVOKE = "arn:aws:states:::lambda:invoke"
ACTIVITY = "arn:aws:states:us-east-1:000000000000:activity:a"
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:f"
TOKEN = "arn:aws:states:::apigateway:invoke.waitForTaskToken"


def task(resource: str) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "TimeoutSeconds": 9, "HeartbeatSeconds": 5, "End": True}


def around(inner: dict[str, Any]) -> dict[str, Any]:
    """A state inside a Map inside a Parallel, beside a Wait."""
    processor = {"StartAt": "I", "States": {"I": inner}}
    branch = {"StartAt": "M", "States": {"M": {"Type": "Map", "Items": [1], "ItemProcessor": processor, "End": True}}}
    waiting = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 0, "End": True}}}
    return {
        "P": {"Type": "Parallel", "Branches": [branch, waiting], "Assign": {"r": "{% $states.result %}"}, "End": True}
    }


@pytest.mark.parametrize(
    ("resource", "answer"),
    [
        *[(resource, Succeeded({"a": 1})) for resource in (INVOKE, FUNCTION, ACTIVITY, TOKEN)],
        *[(resource, Failed("E", "c")) for resource in (INVOKE, FUNCTION, ACTIVITY)],
        *[(resource, TimedOut("c", heartbeat=True)) for resource in (INVOKE, FUNCTION, ACTIVITY)],
        *[(resource, ScheduleFailed("E", "c")) for resource in (INVOKE, FUNCTION, ACTIVITY)],
        (ACTIVITY, [Started("w"), Succeeded(1)]),
        (TOKEN, [Submitted({"id": 1}), Failed("E")]),
        (INVOKE, None),
    ],
)
def test_every_event_is_one_of_awss_model(play: Play, resource: str, answer: Any) -> None:
    played = play(around(task(resource)), {}, [answer])
    if answer is None:
        played.run.abort("E", "c", START_MS + 1)
    for event in played.run.events:
        assert event.type in _TYPES
        for name, details in event.details.items():
            assert details.keys() <= _MODEL.members[name].members.keys(), event.type


def test_an_event_without_data_keeps_its_names(play: Play) -> None:
    states = {"A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"}, "B": task(INVOKE)}
    events = [event.to_json(with_data=False) for event in play(states, {"secret": 1}, [Succeeded("secret")]).run.events]
    assert "secret" not in str(events) and "assignedVariables" not in str(events)
    assert events[1]["stateEnteredEventDetails"] == {"name": "A"}


def test_details_are_rendered_when_they_are_read(play: Play) -> None:
    value = {"shared": ["x"]}
    entered, exited = play({"A": {"Type": "Pass", "End": True}}, value).run.events[1:3]
    assert entered.facts["input"] is value and exited.facts["output"] is value
    assert entered.details["stateEnteredEventDetails"]["input"] == '{"shared":["x"]}'
