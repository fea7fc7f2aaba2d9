"""The Step Functions API answers as AWS documents it: the cases of api.json, through boto3 against a real endpoint."""

import json
import time
from typing import Any

import boto3
import pytest
from botocore import xform_name
from botocore.exceptions import ClientError

from stepsmith.local.stepfunctions.actions import ACTIONS
from tests.conformance.stepfunctions.cases import CASES, NAMES, UNREACHABLE, Case, Step, differences, filled

Names = dict[str, str]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.claim)
def test_it_answers_as_documented(states: Any, case: Case) -> None:
    missing = {step.action for step in case.steps} - ACTIONS.keys()
    if missing:
        pytest.skip(f"not part of this endpoint yet: {', '.join(missing)}")
    names = dict(NAMES)
    for step in case.steps:
        names |= _performed(states, step, names)


def _performed(states: Any, step: Step, names: Names) -> Names:
    """Makes the request, checks the answer, and returns what is to be kept of it."""
    given = filled(step.given, names)
    if step.error is not None:
        _check_refusal(states, step, given, names)
        return {}
    if step.until:
        _await(states, step, given, names)
        return {}
    answered = _call(states, step.action, given)
    assert differences(filled(step.answer, names), answered) == []
    return {name: _at(answered, path) for name, path in step.keep.items()}


def _at(answered: Any, path: str) -> Any:
    """A part of an answer: mapRuns.0.mapRunArn"""
    for part in path.split("."):
        answered = answered[int(part) if isinstance(answered, list) else part]
    return answered


def _await(states: Any, step: Step, given: dict[str, Any], names: Names) -> None:
    """Asks again and again, for ten seconds at most."""
    wanted = filled(step.until, names)
    for _ in range(500):
        answered = _call(states, step.action, given)
        if {name: answered.get(name) for name in wanted} == wanted:
            return
        time.sleep(0.02)
    pytest.fail(f"{step.action} never answered {wanted}, but {answered}")


def _call(states: Any, action: str, given: dict[str, Any]) -> dict[str, Any]:
    answered: dict[str, Any] = getattr(states, xform_name(action))(**given)
    del answered["ResponseMetadata"]
    return answered


def _check_refusal(states: Any, step: Step, given: dict[str, Any], names: Names) -> None:
    with pytest.raises(ClientError) as raised:
        _call(states, step.action, given)
    error = raised.value.response["Error"]
    assert error["Code"] == step.error, error["Message"]
    if step.message is not None:
        assert error["Message"] == filled(step.message, names)


def _listed() -> dict[str, set[str]]:
    """The errors of each action, by botocore's service model."""
    model = boto3.client("stepfunctions", region_name="us-east-1").meta.service_model
    return {name: {error.name for error in model.operation_model(name).error_shapes} for name in model.operation_names}


def _shown() -> dict[str, set[str]]:
    """The errors that the cases show, by action."""
    shown: dict[str, set[str]] = {}
    for step in (step for case in CASES for step in case.steps if step.error is not None):
        shown.setdefault(step.action, set()).add(str(step.error))
    return shown


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_every_error_of_the_service_model_is_shown_or_cannot_be(action: str) -> None:
    listed, shown, unreachable = _listed()[action], _shown().get(action, set()), set(UNREACHABLE.get(action, {}))
    assert listed - shown - unreachable == set(), "neither a case nor a reason in api.json"
    assert unreachable - listed == set(), "a reason for an error that the action has not"
    assert unreachable & shown == set(), "shown by a case, and said to be unreachable"


def test_the_cases_hold_no_claim_twice() -> None:
    claims = [case.claim for case in CASES]
    assert sorted(set(claims)) == sorted(claims)


def test_a_difference_is_found_wherever_it_is() -> None:
    expected = json.loads('{"a": [{"b": 1}], "c": "<text>", "d": 1}')
    assert differences(expected, {"a": [{"b": 2}], "c": "", "e": 1}) == [
        ".a[0].b: expected 1, answered 2",
        ".c: expected '<text>', answered ''",
        ".d: is missing",
        ".e: was not expected: 1",
    ]
