"""What a history tells, but for what differs from run to run: ids, times, names, and attempts that a kill cut short.

An event counts with the chain of events that led to it: two histories are equal when they hold the same, whatever
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
    (re.compile(r'\\"Content-Length\\":\[?\\"\d+'), "NUMBER"),
    (re.compile(r'"events": "\d+"'), "NUMBER"),  # the agent's own estimate, which counts attempts
    (re.compile(r'"(latency_ms|deadline_ms|started_ms|[a-z_]*seconds[a-z_]*)\\?":-?[0-9.]+'), "NUMBER"),
)

Event = Mapping[str, Any]


def told(events: Sequence[Event], run: str) -> Counter[str]:
    """What each event of GetExecutionHistory's answer tells, and behind which others; `run` is the execution's name.

    The others count by type and state alone: after a Map the history goes on from the iteration that ended last.
    """
    by_id = {event["id"]: event for event in events}
    lost, chains, found = set(_lost(by_id)), {0: ""}, Counter[str]()
    for event in events:
        before = event["previousEventId"]
        while before in lost:
            before = by_id[before]["previousEventId"]
        details = _details(event)
        chains[event["id"]] = _digest(chains[before], event["type"], str(details.get("name")))
        if event["id"] not in lost:
            found[f"{event['type']} {chains[event['id']]} {_digest(_shown(details, run))}"] += 1
    return found


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def _lost(by_id: Mapping[int, Event]) -> Iterator[int]:
    for event in by_id.values():
        if event["type"] == "TaskFailed" and event["taskFailedEventDetails"]["error"] == LOST:
            started = by_id[event["previousEventId"]]
            yield from (event["id"], started["id"], started["previousEventId"])


def _details(event: Event) -> Mapping[str, Any]:
    return next((each for name, each in event.items() if name.endswith("EventDetails")), {})


def _shown(details: Mapping[str, Any], run: str) -> str:
    kept = {name: value for name, value in details.items() if name != "timeoutInSeconds"}
    text = json.dumps(kept, sort_keys=True).replace(run, "RUN")
    for volatile, mark in _VOLATILE:
        text = volatile.sub(mark, text)
    return text
