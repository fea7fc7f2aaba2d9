"""AWS JSON 1.0 from the outside: bodies and targets that no client should send, and what an answer looks like."""

import json
import logging
from typing import Any

import pytest

from stepsmith.local.stepfunctions import Api, protocol
from stepsmith.local.stepfunctions.actions import ACTIONS
from stepsmith.local.stepfunctions.protocol import answer, present
from stepsmith.local.stepfunctions.shapes import operations

pytestmark = pytest.mark.asyncio


async def ask(api: Api, body: bytes, target: str = "AWSStepFunctions.ListActivities") -> tuple[int, dict[str, Any]]:
    status, answered = await answer(api, target, body)
    return status, json.loads(answered)


@pytest.mark.parametrize("body", [b"{", b"\xff", b"[]", b"null", b"1", b'"text"', b'{"maxResults": NaN}', b"{}{}"])
async def test_a_body_that_is_no_json_object_is_a_serialization_error(api: Api, body: bytes) -> None:
    status, answered = await ask(api, body)
    assert (status, answered["__type"]) == (400, "SerializationException")


async def test_a_body_nested_without_end_is_refused_like_any_that_cannot_be_read(api: Api) -> None:
    status, answered = await ask(api, b'{"a":' * 100_000)
    assert (status, answered["__type"]) == (400, "SerializationException")


async def test_an_empty_body_asks_for_nothing_special(api: Api) -> None:
    assert await ask(api, b"") == (200, {"activities": []})


@pytest.mark.parametrize(
    "target", ["", "ListActivities", "DynamoDB_20120810.ListTables", "AWSStepFunctions.", "AWSStepFunctions.Launch"]
)
async def test_a_target_that_is_none_of_this_service_is_named(api: Api, target: str) -> None:
    status, answered = await ask(api, b"{}", target)
    assert (status, answered["__type"]) == (400, "UnknownOperationException")
    assert repr(target) in answered["message"]


async def test_the_table_has_actions_of_the_model_only() -> None:
    assert set(ACTIONS) <= set(operations())


async def test_an_error_names_its_code_and_its_members(api: Api) -> None:
    body = json.dumps({"resourceArn": "arn:aws:states:us-east-1:000000000000:activity:none"}).encode()
    status, answered = await ask(api, body, "AWSStepFunctions.ListTagsForResource")
    assert status == 400 and answered["__type"] == "ResourceNotFound" and answered["resourceName"]


async def test_a_defect_is_an_internal_failure_with_its_traceback_in_the_log(
    api: Api, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(api: Api, given: dict[str, Any]) -> dict[str, Any]:
        raise RuntimeError("a defect")

    monkeypatch.setattr(protocol, "ACTIONS", {"ListActivities": broken})
    with caplog.at_level(logging.ERROR):
        assert (await ask(api, b"{}"))[0] == 500
    assert "RuntimeError: a defect" in caplog.text


async def test_members_that_are_none_are_left_out_at_every_depth() -> None:
    assert present({"a": None, "b": [{"c": None, "d": 0}], "e": ""}) == {"b": [{"d": 0}], "e": ""}
