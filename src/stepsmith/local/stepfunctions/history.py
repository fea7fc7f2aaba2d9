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
    if not with_data:
        return {"events": [_without_data(event) for event in found], "nextToken": token}
    text, input = api.runtime.input_text(row), events[0].facts["input"]
    return {"events": [_as_written(event, input, text) for event in found], "nextToken": token}


def _as_written(event: HistoryEvent, input: Any, text: str) -> dict[str, Any]:
    """The event; the execution's input is shown as its caller wrote it as far as states hand it on untouched."""
    shown = event.to_json()
    for name, value in event.facts.items():
        if name in ("input", "output") and value is input and (event.id == 1 or isinstance(input, dict | list)):
            next(each for each in shown.values() if isinstance(each, dict))[name] = text
    return shown


def _without_data(event: HistoryEvent) -> dict[str, Any]:
    def kept(value: Any) -> Any:
        return {n: v for n, v in value.items() if n not in _DATA} if isinstance(value, dict) else value

    return {name: kept(value) for name, value in event.to_json().items()}
