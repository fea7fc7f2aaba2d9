"""Map Runs: list, describe, change while they run."""

from typing import Any

from stepsmith import asl
from stepsmith.local.maps import Counts, Record

from .api import Answer, Api, seconds
from .errors import validation
from .executions import find, find_map_run, told
from .pages import page


def list_map_runs(api: Api, given: dict[str, Any]) -> Answer:
    row = find(api, given["executionArn"])
    records = api.runtime.map_runs.records
    found, token = page(
        api, given, lambda before, limit: records.of_execution(row.arn, limit, before), lambda record: record.id
    )
    return {"mapRuns": [_item(record, row.machine) for record in found], "nextToken": token}


def describe_map_run(api: Api, given: dict[str, Any]) -> Answer:
    record = find_map_run(api, given["mapRunArn"])
    executions, items = api.runtime.map_runs.counts(record)
    return {
        "mapRunArn": record.arn,
        "executionArn": record.execution,
        "status": record.status,
        "startDate": seconds(record.started_ms),
        "stopDate": seconds(record.stopped_ms),
        "maxConcurrency": record.at_once,
        "toleratedFailurePercentage": record.tolerance.percentage or 0,
        "toleratedFailureCount": record.tolerance.count or 0,
        "itemCounts": _counts(items, record),
        "executionCounts": _counts(executions, record),
        "redriveCount": record.redrives,
        "redriveDate": seconds(record.redriven_ms),
    }


def update_map_run(api: Api, given: dict[str, Any]) -> Answer:
    record = find_map_run(api, given["mapRunArn"])
    tolerance = asl.Tolerance(given.get("toleratedFailureCount"), given.get("toleratedFailurePercentage"))
    at_once = given.get("maxConcurrency")
    if at_once is None and tolerance == asl.Tolerance():
        raise validation(
            "At least one of maxConcurrency, toleratedFailureCount, toleratedFailurePercentage is required."
        )
    if record.status != "RUNNING":
        raise validation(f"The Map Run is {record.status}: only one that is RUNNING can be updated.")
    with told():
        api.runtime.map_runs.bound(record, at_once, tolerance)
    return {}


def _item(record: Record, machine: str) -> Answer:
    return {
        "executionArn": record.execution,
        "mapRunArn": record.arn,
        "stateMachineArn": machine,
        "startDate": seconds(record.started_ms),
        "stopDate": seconds(record.stopped_ms),
    }


def _counts(counts: Counts, record: Record) -> Answer:
    names = {"SUCCEEDED": "succeeded", "FAILED": "failed", "TIMED_OUT": "timedOut", "ABORTED": "aborted"}
    by_status = {name: counts.by_status.get(status, 0) for status, name in names.items()}
    return {
        "pending": counts.pending,
        "running": counts.by_status.get("RUNNING", 0),
        **by_status,
        "total": counts.total,
        "resultsWritten": counts.ended if record.is_written else 0,
        "failuresNotRedrivable": 0,
        "pendingRedrive": counts.by_status.get("PENDING_REDRIVE", 0),
    }
