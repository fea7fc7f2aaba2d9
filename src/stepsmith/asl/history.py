"""History events in AWS's shape, rendered only when somebody reads them.

An event keeps references to the values it tells of; `details` turns them into the JSON text that GetExecutionHistory
returns. Field names are those of the botocore model `stepfunctions`, HistoryEvent and its `*EventDetails` shapes.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from .values import Json, text

MAX_EVENTS = 25_000
"""Events of one execution (AWS, service quotas)."""

NOTHING: Mapping[str, Json] = MappingProxyType({})

_TRUNCATED = "Details"
_JSON_TEXT = frozenset({"input", "output", "parameters"})
_WITH_DETAILS = frozenset({"input", "output", "assignedVariables"})
_DATA = _JSON_TEXT | _WITH_DETAILS


class HistoryEvent(NamedTuple):
    """One event; a tuple, because a run has thousands of them.

    `facts` are the raw values behind `details`, by AWS's field names, None left out.
    """

    id: int
    previous_event_id: int
    type: str
    timestamp_ms: int
    facts: Mapping[str, Json] = NOTHING

    @property
    def details(self) -> dict[str, dict[str, Json]]:
        """`{"taskScheduledEventDetails": {..}}`, or nothing for a type that has none."""
        return self._details(with_data=True)

    def _details(self, with_data: bool) -> dict[str, dict[str, Json]]:
        name = _details_name(self.type)
        return {name: _rendered(self.facts, with_data)} if name and (self.facts or name in _ALWAYS) else {}

    def to_json(self, with_data: bool = True) -> dict[str, Json]:
        """The whole event as the API answers it; `timestamp` in seconds since 1970.

        Without data (`includeExecutionData: false`) inputs, outputs, parameters and variables are left out.
        """
        return {
            "timestamp": self.timestamp_ms / 1000,
            "type": self.type,
            "id": self.id,
            "previousEventId": self.previous_event_id,
            **self._details(with_data),
        }


def _rendered(facts: Mapping[str, Json], with_data: bool) -> dict[str, Json]:
    details: dict[str, Json] = {}
    for name, value in facts.items():
        if with_data or name not in _DATA:
            details[name] = _rendered_value(name, value)
        if with_data and name in _WITH_DETAILS:
            details[name + _TRUNCATED] = {"truncated": False}
    return details


def _rendered_value(name: str, value: Json) -> Json:
    if name in _JSON_TEXT:
        return text(value)
    if name == "assignedVariables":
        return {variable: text(assigned) for variable, assigned in value.items()}
    return value


def _details_name(type: str) -> str | None:
    if type.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if type.endswith("StateExited"):
        return "stateExitedEventDetails"
    if type in _WITHOUT_DETAILS:
        return None
    return type[0].lower() + type[1:] + "EventDetails"


_WITHOUT_DETAILS = frozenset(
    {
        "LambdaFunctionStarted",
        "MapRunAborted",
        "MapRunSucceeded",
        "MapStateAborted",
        "MapStateFailed",
        "MapStateSucceeded",
        "ParallelStateAborted",
        "ParallelStateFailed",
        "ParallelStateStarted",
        "ParallelStateSucceeded",
        "TaskStateAborted",
        "WaitStateAborted",
    }
)
_ALWAYS = frozenset({"activityStartedEventDetails", "executionFailedEventDetails", "executionAbortedEventDetails",
                     "executionTimedOutEventDetails"})  # fmt: skip
