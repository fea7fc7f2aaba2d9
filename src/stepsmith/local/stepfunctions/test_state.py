"""TestState: one state, tried (API reference, TestState; Developer Guide, "Testing state machines with TestState API").

The pure part is `asl.trial`; here a request becomes its values, and the report an answer. A state without a mock is
really run, with this machine's functions and services. TRACE tells no more than DEBUG: what it adds are the requests of
HTTP tasks, which this machine does not make.
"""

import uuid
from typing import Any, assert_never

from stepsmith import asl
from stepsmith.asl import trial
from stepsmith.asl.values import Json, text
from stepsmith.local.catalog import arns
from stepsmith.local.packing import decode

from . import mocks
from .api import Answer, Api
from .errors import NO_JSON, invalid_definition, invalid_input, validation

Given = dict[str, Any]

NAME = "TestState"
"""The state machine that a trial sees in its context, where the request gives none."""
_IDS = {"Execution": ("execution", "express"), "StateMachine": ("stateMachine",)}
"""What kind of ARN identifies these parts of a context."""
_NUMBERS = frozenset({"toleratedFailureCount", "toleratedFailurePercentage", "maxConcurrency"})
"""The members of InspectionData that are numbers; the others are JSON as text."""


async def test_state(api: Api, given: Given) -> Answer:
    if "roleArn" in given:
        arns.check_role(given["roleArn"])
    subject = _subject(given)
    mocks.check(subject, given)
    setting, mock = _setting(api, given, mocks.items(subject, given)), mocks.mock(subject, given)
    steps, execution = trial.run(subject, setting, mock), setting.execution
    report = await api.runtime.try_state(steps, execution.arn, execution.role_arn)
    items = report.seen.get("afterItemSelector")
    mocks.check_failed_iterations(given, None if items is None else len(items))
    return _answer(report, setting.input, given)


def _subject(given: Given) -> trial.Subject:
    try:
        if "stateName" not in given:
            return trial.subjects.alone(given["definition"])
        return trial.subjects.within(asl.load(given["definition"]), given["stateName"])
    except asl.DefinitionError as error:
        raise invalid_definition(", ".join(each.in_aws_words() for each in error.problems)) from error
    except trial.UnknownState as error:
        raise validation("State not found in definition") from error


def _setting(api: Api, given: Given, items: tuple[asl.Item, ...]) -> trial.Setting:
    configured, input, context = given.get("stateConfiguration", {}), _input(given), _context(given)
    return trial.Setting(
        input=input,
        execution=_execution(api, given),
        seed=uuid.uuid4().int,
        variables=mocks.json_object(given, "variables"),
        context=context,
        retries=configured.get("retrierRetryCount", context.get("State", {}).get("RetryCount", 0)),
        failed_iterations=configured.get("mapIterationFailureCount", 0),
        items=items,
    )


def _input(given: Given) -> Json:
    try:
        return decode(given.get("input", "{}").encode())
    except ValueError as error:
        raise invalid_input(NO_JSON) from error


def _context(given: Given) -> dict[str, Json]:
    """The context object, or {}: its parts are objects, its ids ARNs, its retries a number, where they are given."""
    context = mocks.json_object(given, "context")
    for part in ("Execution", "State", "StateMachine", "Task", "Map"):
        if not isinstance(context.get(part, {}), dict):
            raise validation(f"The context is not a valid Context object: its '{part}' must be an object.")
    for part, kinds in _IDS.items():
        if "Id" in context.get(part, {}):
            arns.read(str(context[part]["Id"]), *kinds)
    if type(context.get("State", {}).get("RetryCount", 0)) is not int:
        raise validation("The context is not a valid Context object: its 'State.RetryCount' must be an integer.")
    return context


def _execution(api: Api, given: Given) -> asl.ExecutionContext:
    name = str(uuid.uuid4())
    return asl.ExecutionContext(
        arn=api.arn("execution", NAME, name),
        name=name,
        role_arn=given.get("roleArn", f"arn:aws:iam::{api.account}:role/{NAME}"),
        start_time_ms=api.now_ms(),
        state_machine_arn=api.arn("stateMachine", NAME),
        state_machine_name=NAME,
    )


def _answer(report: trial.Report, input: Json, given: Given) -> Answer:
    told = _told(report.verdict, input, given)
    if given.get("inspectionLevel", "INFO") == "INFO":
        return told
    return {**told, "inspectionData": _inspection(report, given)}


def _told(verdict: trial.Verdict, input: Json, given: Given) -> Answer:
    match verdict:
        case trial.Succeeded(output, next):
            return {"status": "SUCCEEDED", "output": _text(output, input, given), "nextState": next}
        case trial.Retriable(error):
            return {"status": "RETRIABLE", **_error(error)}
        case trial.Caught(error, _, output, next):
            return {"status": "CAUGHT_ERROR", "output": _text(output, input, given), "nextState": next, **_error(error)}
        case trial.Failed(error):
            return {"status": "FAILED", **_error(error)}
        case _:
            assert_never(verdict)


def _text(output: Json, input: Json, given: Given) -> str:
    """An input that was handed on untouched is the text that came."""
    return str(given.get("input", "{}")) if output is input else text(output)


def _error(error: asl.StateError) -> Answer:
    return {"error": error.error, "cause": error.cause}


def _inspection(report: trial.Report, given: Given) -> Answer:
    seen = {name: value if name in _NUMBERS else text(value) for name, value in report.seen.items()}
    return {
        "input": given.get("input", "{}"),
        **seen,
        "variables": text(dict(report.variables)),
        "errorDetails": _handler(report.verdict),
    }


def _handler(verdict: trial.Verdict) -> Answer | None:
    match verdict:
        case trial.Retriable(_, index, delay_ms):
            return {"retryIndex": index, "retryBackoffIntervalSeconds": delay_ms // 1000}
        case trial.Caught(_, index):
            return {"catchIndex": index}
        case _:
            return None
