"""Executions: start, stop, describe, list, redrive. What is said of one comes from its rows: nothing is woken for it.

An Express execution is journaled like any other when it is started asynchronously, so that an accepted one survives a
kill; a synchronous one is not, since nobody but its caller would ever learn how it ended. Neither is shown by the API
(API reference: "not supported by EXPRESS state machines"), unless a Map Run dispatched it.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from stepsmith.local.catalog import arns
from stepsmith.local.catalog.errors import StateMachineDoesNotExist
from stepsmith.local.described import REDRIVABLE, Execution
from stepsmith.local.errors import InterpreterChanged, RunExists, RunIsFinished, RunIsOwned, UnknownMachine, UnknownRun
from stepsmith.local.journal import REDRIVE_KIND
from stepsmith.local.listing import PENDING_REDRIVE, Wanted, listed, place, waiting
from stepsmith.local.maps import Record
from stepsmith.local.packing import decode, encode
from stepsmith.local.starting import Program, Request, execution_arn, traced
from stepsmith.local.store import Ending, Row

from .api import Answer, Api, seconds
from .errors import (
    NO_JSON,
    ApiError,
    execution_already_exists,
    execution_does_not_exist,
    execution_not_redrivable,
    invalid_arn,
    invalid_input,
    invalid_name,
    machine_does_not_exist,
    machine_type_not_supported,
    resource_not_found,
    validation,
)
from .pages import page

Given = dict[str, Any]
MAX_INPUT_BYTES = 262_144
BILLED_MEMORY_MB = 64
CLIENT_TOKENS, CLIENT_TOKEN_MS = 10, 15 * 60 * 1000
"""How many client tokens of redrives are remembered, and how long (API reference, RedriveExecution)."""

_BY_MAP_RUN = "Execution was started by a Map Run: redrive the execution that the Map Run belongs to"


@contextmanager
def told() -> Iterator[None]:
    """Refusals of the runtime as the API words them."""
    try:
        yield
    except (RunIsOwned, InterpreterChanged) as error:
        raise ApiError("ServiceUnavailable", str(error), 503) from error


def start_execution(api: Api, given: Given) -> Answer:
    program, request = _program(api, given), _request(api, given)
    starting = api.runtime.starting
    try:
        if program.type == "EXPRESS":
            run = starting.begin(program, request)
            return {"executionArn": run.arn, "startDate": seconds(run.replica.beginning.started_ms)}
        arn, started_ms = starting.begin_once(program, request)
        return {"executionArn": arn, "startDate": seconds(started_ms)}
    except RunExists as error:
        raise execution_already_exists(execution_arn(program, str(request.name))) from error


async def start_sync_execution(api: Api, given: Given) -> Answer:
    program, request = _program(api, given), _request(api, given)
    if program.type != "EXPRESS":
        raise machine_type_not_supported()
    run = api.runtime.starting.begin(program, request, is_recorded=False)
    ending = await run.wait()
    started_ms = run.replica.beginning.started_ms
    billed = -(-(ending.stopped_ms - started_ms) // 100) * 100
    return {
        "executionArn": run.arn,
        "stateMachineArn": given["stateMachineArn"],
        "name": request.name,
        "startDate": seconds(started_ms),
        "stopDate": seconds(ending.stopped_ms),
        "status": ending.status,
        "input": given.get("input", "{}"),
        "inputDetails": {"included": True},
        **_result(ending),
        "traceHeader": given.get("traceHeader"),
        "billingDetails": {"billedDurationInMilliseconds": billed, "billedMemoryUsedInMB": BILLED_MEMORY_MB},
    }


def stop_execution(api: Api, given: Given) -> Answer:
    row = find(api, given["executionArn"])
    if row.status == "RUNNING":
        with told(), suppress(RunIsFinished):  # it may end between our look and this
            api.runtime.executions.take(row).stop(given.get("error"), given.get("cause"))
        row = find(api, given["executionArn"])
    return {"stopDate": seconds(row.stopped_ms)}


def describe_execution(api: Api, given: Given) -> Answer:
    execution = _execution(api, given)
    row = execution.row
    is_hidden = given.get("includedData") == "METADATA_ONLY"
    return {
        "executionArn": row.arn,
        "stateMachineArn": row.machine,
        "name": execution.name,
        "status": row.status,
        "startDate": seconds(row.started_ms),
        "stopDate": seconds(row.stopped_ms),
        **({} if is_hidden else {"input": execution.input_text, **_result(execution.ending)}),
        "inputDetails": {"included": not is_hidden},
        "traceHeader": row.source.trace,
        "mapRunArn": row.source.map_run,
        "stateMachineVersionArn": row.source.version,
        "stateMachineAliasArn": row.source.alias,
        "redriveCount": row.redrives,
        "redriveDate": seconds(row.redriven_ms),
        **_redrivability(api, execution),
    }


def describe_state_machine_for_execution(api: Api, given: Given) -> Answer:
    execution = _execution(api, given)
    row = execution.row
    is_hidden = given.get("includedData") == "METADATA_ONLY"
    updated_ms = row.started_ms if row.source.updated_ms is None else row.source.updated_ms
    return {
        **_settings(api, row),
        "stateMachineArn": row.machine,
        "name": row.machine.split(":")[6],
        "definition": "{}" if is_hidden else execution.beginning.definition,
        "roleArn": row.role,
        "updateDate": seconds(updated_ms),
        "revisionId": row.source.revision,
        "mapRunArn": row.source.map_run,
        "label": row.machine.partition("/")[2] or None,
    }


def list_executions(api: Api, given: Given) -> Answer:
    wanted = _wanted(api, given)
    found, token = page(api, given, lambda after, limit: listed(api.runtime.store, wanted, limit, after), place)
    waits = waiting(api.runtime.store, wanted, found)
    items = [_item(row, PENDING_REDRIVE if row.id in waits else row.status, "mapRunArn" in given) for row in found]
    return {"executions": items, "nextToken": token}


def redrive_execution(api: Api, given: Given) -> Answer:
    row = find(api, given["executionArn"])
    token = given.get("clientToken")
    repeated_ms = _redriven_by(api, row, token)
    if repeated_ms is not None:
        return {"redriveDate": seconds(repeated_ms)}
    redrivable, why_not = _described(api, row).redrivability(api.now_ms(), _is_deleting(api, row))
    if redrivable != REDRIVABLE:
        raise execution_not_redrivable(why_not or _BY_MAP_RUN)
    with told():
        api.runtime.executions.redrive(row, token)
    return {"redriveDate": seconds(find(api, row.arn).redriven_ms)}


def find_map_run(api: Api, arn: str) -> Record:
    """The Map Run with this ARN. Raises InvalidArn, ResourceNotFound."""
    arns.read(arn, "mapRun")
    record = api.runtime.map_runs.records.find(arn)
    if record is None:
        raise resource_not_found(arn)
    return record


def find(api: Api, arn: str, *kinds: str) -> Row:
    """The execution with this ARN. Raises InvalidArn, ExecutionDoesNotExist."""
    arns.read(arn, "execution", *kinds)
    try:
        return api.runtime.find(arn)
    except UnknownRun as error:
        raise execution_does_not_exist(arn) from error


def _execution(api: Api, given: Given) -> Execution:
    """Express executions are there for those who know their Map Run."""
    arn = given["executionArn"]
    row = find(api, arn, "express")
    if arns.read(arn, "execution", "express").kind == "express" and row.source.map_run is None:
        raise invalid_arn("Resource type not valid in this context: express")
    return _described(api, row)


def _described(api: Api, row: Row) -> Execution:
    store = api.runtime.store
    return Execution(row, store.beginning(row.id), store.ending(row.id))


def _program(api: Api, given: Given) -> Program:
    try:
        return traced(api.runtime.starting.program(given["stateMachineArn"]), given.get("traceHeader"))
    except UnknownMachine as error:
        raise machine_does_not_exist(given["stateMachineArn"]) from error


def _request(api: Api, given: Given) -> Request:
    name = given.get("name")
    if name is not None and not arns.NAME.fullmatch(name):
        raise invalid_name(name)
    text = given.get("input", "{}").encode()
    if len(text) > MAX_INPUT_BYTES:
        raise validation(
            "1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less"
            f" than or equal to {MAX_INPUT_BYTES}"
        )
    try:
        return Request(decode(text), name or api.runtime.starting.new_uuid(), text)
    except ValueError as error:
        raise invalid_input(NO_JSON) from error


def _result(ending: Ending | None) -> Answer:
    if ending is None:
        return {}
    if ending.status == "SUCCEEDED":
        text = encode(ending.result) if ending.text is None else ending.text
        return {"output": text.decode(), "outputDetails": {"included": True}}
    return {"error": ending.result.get("Error"), "cause": ending.result.get("Cause")}


def _redrivability(api: Api, execution: Execution) -> Answer:
    redrivable, why_not = execution.redrivability(api.now_ms(), _is_deleting(api, execution.row))
    return {"redriveStatus": redrivable, "redriveStatusReason": why_not}


def _is_deleting(api: Api, row: Row) -> bool:
    try:
        return api.catalog.machines.get(_machine_of(row)).status == "DELETING"
    except StateMachineDoesNotExist:
        return False


def _settings(api: Api, row: Row) -> Answer:
    """Logging, tracing and encryption as the machine, or the version that runs, has them now."""
    try:
        machine = api.catalog.machines.get(_machine_of(row))
    except StateMachineDoesNotExist:
        return {}
    configuration = machine.configuration
    return {
        "loggingConfiguration": configuration.logging.answer(),
        "tracingConfiguration": configuration.tracing.answer(),
        "encryptionConfiguration": configuration.encryption.answer(),
    }


def _machine_of(row: Row) -> str:
    """The state machine's ARN without the label of a distributed Map."""
    return row.machine.partition("/")[0]


def _redriven_by(api: Api, row: Row, token: str | None) -> int | None:
    """When a redrive with this client token was accepted, as long as that is remembered."""
    if token is None:
        return None
    latest = api.runtime.store.journal(row.id, REDRIVE_KIND)[-CLIENT_TOKENS:]
    since_ms = api.now_ms() - CLIENT_TOKEN_MS
    times = [entry.time_ms for entry in latest if entry.value == token and entry.time_ms >= since_ms]
    return times[0] if times else None


def _wanted(api: Api, given: Given) -> Wanted:
    arn, map_run, status = given.get("stateMachineArn"), given.get("mapRunArn"), given.get("statusFilter")
    if (arn is None) == (map_run is None):
        raise validation("Exactly one of stateMachineArn and mapRunArn must be specified.")
    filters = {"REDRIVEN": True, "NOT_REDRIVEN": False}
    is_redriven = filters.get(given.get("redriveFilter", ""))
    if map_run is not None:
        redriven_ms = find_map_run(api, map_run).counts_after_ms
        return Wanted(map_run=map_run, status=status, is_redriven=is_redriven, counts_after_ms=redriven_ms)
    if status == PENDING_REDRIVE:
        raise validation("The statusFilter PENDING_REDRIVE can only be used with a mapRunArn.")
    named = arns.unlabelled(str(arn))
    _check_listable(api, named.machine)
    version = f"{named.machine}:{named.version}" if named.version is not None else None
    alias = f"{named.machine}:{named.alias}" if named.alias is not None else None
    return Wanted(named.machine, version, alias, status=status, is_redriven=is_redriven)


def _check_listable(api: Api, machine: str) -> None:
    if api.runtime.starting.is_known_here(machine):
        return
    if api.catalog.machines.get(machine).type == "EXPRESS":
        raise machine_type_not_supported()


def _item(row: Row, status: str, of_map_run: bool) -> Answer:
    return {
        "executionArn": row.arn,
        "stateMachineArn": row.machine,
        "name": row.name.partition(":")[0],
        "status": status,
        "startDate": seconds(row.started_ms),
        "stopDate": seconds(row.stopped_ms),
        "mapRunArn": row.source.map_run if of_map_run else None,
        "itemCount": row.source.items if of_map_run else None,
        "stateMachineVersionArn": row.source.version,
        "stateMachineAliasArn": row.source.alias,
        "redriveCount": row.redrives,
        "redriveDate": seconds(row.redriven_ms),
    }
