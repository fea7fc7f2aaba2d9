"""The fields that Insights finds in a log event: `@...` of every event, those of a JSON object, of Lambda's reports."""

import base64
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

Value = str | float
Row = dict[str, Value]
MOST_FIELDS = 200  # that are discovered in one event


@dataclass(frozen=True, slots=True)
class Event:
    """Times in milliseconds since 1970. `id` tells it from the others."""

    group: str
    stream: str
    id: str
    time_ms: int
    ingestion_ms: int
    message: str


def fields(event: Event, account: str) -> Row:
    """The event as a row: its own fields, then what its message says."""
    own: Row = {
        "@timestamp": event.time_ms,
        "@message": event.message,
        "@logStream": event.stream,
        "@log": f"{account}:{event.group}",
        "@ingestionTime": event.ingestion_ms,
        "@ptr": base64.b64encode(f"{event.group}\n{event.stream}\n{event.id}".encode()).decode(),
    }
    return {**_of_json(event.message), **_of_lambda(event.message), **own}


def _of_json(message: str) -> Row:
    if "{" not in message:
        return {}
    try:
        found = orjson.loads(message)
    except ValueError:
        return {}
    pairs = _flat(found) if isinstance(found, dict) else ()
    return dict(pair for pair, _ in zip(pairs, range(MOST_FIELDS), strict=False))


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Value]]:
    """`{"a": {"b": [1]}}` is `a.b.0`."""
    match value:
        case dict() | list():
            for name, each in value.items() if isinstance(value, dict) else enumerate(value):
                yield from _flat(each, f"{path}.{name}" if path else str(name))
        case bool():
            yield path, int(value)
        case str() | int() | float():
            yield path, value
        case _:
            pass


_START = re.compile(r"(START|END|REPORT) RequestId: (\S+)")
_REPORT: Mapping[str, tuple[str, float]] = {
    "Duration": ("@duration", 1),
    "Billed Duration": ("@billedDuration", 1),
    "Init Duration": ("@initDuration", 1),
    "Memory Size": ("@memorySize", 1e6),
    "Max Memory Used": ("@maxMemoryUsed", 1e6),
}
_MEASURE = re.compile(r"([A-Z][A-Za-z ]*): ([0-9.]+) (?:ms|MB)")


def _of_lambda(message: str) -> Row:
    """Durations in milliseconds, memory in bytes."""
    found = _START.match(message)
    if found is None:
        return {}
    measures = {name.strip(): float(number) for name, number in _MEASURE.findall(message)}
    known = {field: measures[name] * unit for name, (field, unit) in _REPORT.items() if name in measures}
    return {"@type": found[1], "@requestId": found[2], **known}
