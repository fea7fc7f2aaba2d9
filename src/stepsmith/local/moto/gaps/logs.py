"""Queries of Logs Insights (moto reads only the simplest), and the definitions that are kept of them.

A query runs when it is started, over what lies in moto's Logs; its results stay for whoever asks, the newest `MOST`.
"""

import json
import time
from collections import OrderedDict
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.logs.responses import LogsResponse

from stepsmith.local import insights
from stepsmith.local.moto import backends

MOST = 100


@dataclass(frozen=True, slots=True)
class _Asked:
    """A query that has run."""

    id: str
    text: str
    groups: Sequence[str]
    time_ms: int
    rows: Sequence[dict[str, str]]
    matched: int
    scanned: int
    scanned_bytes: int


_ASKED: OrderedDict[str, _Asked] = OrderedDict()


class Gaps(LogsResponse):
    """See the module."""

    def start_query(self) -> str:
        names, text = self._groups(), self._get_param("queryString") or ""
        try:
            query = insights.parse(text)
        except insights.Malformed as error:
            raise _malformed(error) from None
        events = list(self._events(names, self._get_param("startTime") * 1000, (self._get_param("endTime") + 1) * 1000))
        rows, matched = insights.run(query, events, self.current_account, self._get_param("limit") or 10_000)
        scanned_bytes = sum(len(event.message.encode()) for event in events)
        id = backends.random_id()
        _ASKED[id] = _Asked(id, text, names, _now_ms(), rows, matched, len(events), scanned_bytes)
        while len(_ASKED) > MOST:
            _ASKED.popitem(last=False)
        return json.dumps({"queryId": id})

    def get_query_results(self) -> str:
        asked = self._asked()
        counts = {"recordsMatched": asked.matched, "recordsScanned": asked.scanned, "bytesScanned": asked.scanned_bytes}
        rows = [[{"field": name, "value": value} for name, value in row.items()] for row in asked.rows]
        told = {"queryLanguage": "CWLI", "results": rows, "status": "Complete"}
        return json.dumps({**told, "statistics": {name: float(count) for name, count in counts.items()}})

    def stop_query(self) -> str:
        raise JsonRESTError("InvalidParameterException", f"The query {self._asked().id} has ended already.")

    def describe_queries(self) -> str:
        group, status = self._get_param("logGroupName"), self._get_param("status") or "Complete"
        found = [
            {**_summary(asked), "logGroupName": group or asked.groups[0]}
            for asked in reversed(_ASKED.values())
            if status == "Complete" and (group is None or group in asked.groups)
        ]
        return json.dumps({"queries": found})

    def put_query_definition(self) -> str:
        id = self._get_param("queryDefinitionId") or backends.random_id()
        if self._get_param("queryDefinitionId") and id not in _definitions():
            raise _missing(f"The query definition {id} does not exist.")
        members = ("name", "queryString", "logGroupNames", "queryLanguage")
        given = {member: value for member in members if (value := self._get_param(member)) is not None}
        _definitions()[id] = {"queryLanguage": "CWLI", **given, "queryDefinitionId": id, "lastModified": _now_ms()}
        return json.dumps({"queryDefinitionId": id})

    def describe_query_definitions(self) -> str:
        prefix = self._get_param("queryDefinitionNamePrefix") or ""
        found = sorted(_definitions().values(), key=lambda each: str(each["name"]))
        return json.dumps({"queryDefinitions": [each for each in found if each["name"].startswith(prefix)]})

    def delete_query_definition(self) -> str:
        id = self._get_param("queryDefinitionId")
        if _definitions().pop(id, None) is None:
            raise _missing(f"The query definition {id} does not exist.")
        return json.dumps({"success": True})

    def _groups(self) -> Sequence[str]:
        """The names of the log groups: one, several, or ARNs."""
        one, several = self._get_param("logGroupName"), self._get_param("logGroupNames")
        identifiers = self._get_param("logGroupIdentifiers") or []
        names = [*([one] if one else []), *(several or []), *map(_name, identifiers)]
        if not names:
            raise JsonRESTError("InvalidParameterException", "A query needs at least one log group.")
        missing = [name for name in names if name not in self.logs_backend.groups]
        if missing:
            raise _missing(f"Log group '{missing[0]}' does not exist for account ID '{self.current_account}'")
        return names

    def _events(self, names: Sequence[str], start_ms: int, end_ms: int) -> Iterator[insights.Event]:
        for name in names:
            for stream in self.logs_backend.groups[name].streams.values():
                for each in stream.events:
                    if start_ms <= each.timestamp < end_ms:
                        at = (int(each.timestamp), int(each.ingestion_time))
                        yield insights.Event(name, stream.log_stream_name, str(each.event_id), *at, each.message)

    def _asked(self) -> _Asked:
        found = _ASKED.get(self._get_param("queryId") or "")
        if found is None:
            raise _missing(f"Query: {self._get_param('queryId')} does not exist.")
        return found


def _summary(asked: _Asked) -> dict[str, Any]:
    told = {"queryId": asked.id, "queryString": asked.text, "queryLanguage": "CWLI"}
    return {**told, "status": "Complete", "createTime": asked.time_ms}


def _definitions() -> MutableMapping[str, dict[str, Any]]:
    """By id; they lie in moto's backend, and are kept with it."""
    kept: MutableMapping[str, dict[str, Any]] = vars(backends.of("logs")).setdefault("stepsmith_definitions", {})
    return kept


def _name(identifier: str) -> str:
    """Of a group's ARN, with or without its last `:*`."""
    return identifier.removesuffix(":*").rpartition(":log-group:")[2]


def _malformed(error: insights.Malformed) -> JsonRESTError:
    return JsonRESTError("MalformedQueryException", f"{error.message} at line 1 and position {error.start}")


def _missing(message: str) -> JsonRESTError:
    return JsonRESTError("ResourceNotFoundException", message)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
