"""What a history tells, but for what differs from run to run: ids, times, names, and attempts that a kill cut short.

An event counts with all that led to it: two histories are equal when they hold the same chains of events, whatever
order their branches took turns in. An attempt that ended as `Lambda.SdkClientException` (its process was killed, the
outcome is unknown) is left out: scheduled, started and failed.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

LOST = "Lambda.SdkClientException"

_VOLATILE = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "TIME"),
    (re.compile(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT"), "TIME"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r"1-[0-9a-f]{8}-[0-9a-f]{24}"), "TRACE"),
    (re.compile(r"[0-9a-f]{24,64}"), "HASH"),
    (re.compile(r'"(latency_ms|deadline_ms|started_ms|[a-z_]*seconds[a-z_]*)\\?":-?[0-9.]+'), "NUMBER"),
)

Event = Mapping[str, Any]


def told(events: Sequence[Event], run: str) -> Counter[str]:
    """The chains of a history as GetExecutionHistory answers it; `run` is the execution's name."""
    by_id = {event["id"]: event for event in events}
    lost = set(_lost(by_id))
    chains: dict[int, str] = {0: ""}
    for event in events:
        before = event["previousEventId"]
        while before in lost:
            before = by_id[before]["previousEventId"]
        link = json.dumps([chains[before], event["type"], _shown(event, run)])
        chains[event["id"]] = hashlib.sha256(link.encode()).hexdigest()[:16]
    return Counter(f"{event['type']} {chains[event['id']]}" for event in events if event["id"] not in lost)


def _lost(by_id: Mapping[int, Event]) -> Iterator[int]:
    for event in by_id.values():
        if event["type"] == "TaskFailed" and event["taskFailedEventDetails"]["error"] == LOST:
            started = by_id[event["previousEventId"]]
            yield from (event["id"], started["id"], started["previousEventId"])


def _shown(event: Event, run: str) -> str:
    """The name of a state, the resource of a task; what they carry, for events that no branch changes."""
    details: Mapping[str, Any] = next((each for name, each in event.items() if name.endswith("EventDetails")), {})
    kept = {name: value for name, value in details.items() if name not in ("timeoutInSeconds", "index")}
    text = json.dumps(kept, sort_keys=True).replace(run, "RUN")
    for volatile, mark in _VOLATILE:
        text = volatile.sub(mark, text)
    return text
