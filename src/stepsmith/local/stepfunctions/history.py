"""GetExecutionHistory: pages of events, which follow from the journal by replay (docs/decisions/0002)."""

from typing import Any

from stepsmith.asl import HistoryEvent

from .api import Answer, Api
from .executions import find, told
from .pages import page

_DATA = frozenset(
    {"input", "inputDetails", "output", "outputDetails", "parameters", "assignedVariables", "assignedVariablesDetails"}
)


def get_execution_history(api: Api, given: dict[str, Any]) -> Answer:
    row = find(api, given["executionArn"])
    with told():
        events = api.runtime.history(row.arn)
    is_reverse = given.get("reverseOrder", False)

    def fetch(after: int | None, limit: int) -> list[HistoryEvent]:
        if is_reverse:
            end = len(events) if after is None else after - 1
            return list(reversed(events[max(0, end - limit) : end]))
        return list(events[after or 0 : (after or 0) + limit])

    found, token = page(api, given, fetch, lambda event: event.id)
    with_data = given.get("includeExecutionData", True)
    shown = [event.to_json() if with_data else _without_data(event) for event in found]
    if shown and with_data and 1 in (shown[0]["id"], shown[-1]["id"]):
        _as_given(shown[-1 if is_reverse else 0], api.runtime.input_text(row))
    return {"events": shown, "nextToken": token}


def _as_given(event: dict[str, Any], text: str) -> None:
    """The input as its caller wrote it."""
    event["executionStartedEventDetails"]["input"] = text


def _without_data(event: HistoryEvent) -> dict[str, Any]:
    def kept(value: Any) -> Any:
        return {n: v for n, v in value.items() if n not in _DATA} if isinstance(value, dict) else value

    return {name: kept(value) for name, value in event.to_json().items()}
