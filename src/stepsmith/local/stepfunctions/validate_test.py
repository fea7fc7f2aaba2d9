"""ValidateStateMachineDefinition: result, severity, how many, and that creation agrees."""

from typing import Any

import orjson
import pytest

from stepsmith.local.catalog.conftest import ROLE, definition
from stepsmith.local.stepfunctions import Api
from stepsmith.local.stepfunctions.conftest import call, refused

pytestmark = pytest.mark.asyncio


def text(states: dict[str, Any], start: str = "A") -> str:
    return orjson.dumps({"QueryLanguage": "JSONata", "StartAt": start, "States": states}).decode()


LOST = text({"A": {"Type": "Pass", "Next": "B"}})
MANY = text({f"S{n}": {"Type": "Pass", "Next": "Nowhere"} for n in range(120)}, "S0")
TOKEN = {
    "Type": "Task",
    "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
    "Arguments": {"FunctionName": "f", "Payload": "{% $states.context.Task.Token %}"},
    "End": True,
}


async def validate(api: Api, given: str, **more: Any) -> dict[str, Any]:
    return await call(api, "ValidateStateMachineDefinition", definition=given, **more)


async def test_a_sound_definition_is_ok(api: Api) -> None:
    assert await validate(api, definition()) == {"result": "OK", "diagnostics": [], "truncated": False}


async def test_a_transition_to_nowhere_fails_with_code_and_place(api: Api) -> None:
    found = await validate(api, LOST)
    assert found["result"] == "FAIL"
    first = found["diagnostics"][0]
    assert (first["severity"], first["code"]) == ("ERROR", "MISSING_TRANSITION_TARGET")
    assert first["location"] == "/States/A/Next"


async def test_text_that_is_no_json_has_no_place(api: Api) -> None:
    found = await validate(api, "{")
    assert [each["code"] for each in found["diagnostics"]] == ["INVALID_JSON_DESCRIPTION"]
    assert "location" not in found["diagnostics"][0]


async def test_creation_refuses_in_the_words_of_the_diagnostics(api: Api) -> None:
    found = (await validate(api, LOST))["diagnostics"]
    words = ", ".join(f"{each['code']}: {each['message']} at {each['location']}" for each in found)
    with refused("InvalidDefinition", f"Invalid State Machine Definition: '{words}'"):
        await call(api, "CreateStateMachine", name="m", definition=LOST, roleArn=ROLE)


async def test_warnings_are_answered_when_asked_for_and_fail_nothing(api: Api) -> None:
    given = orjson.dumps({"StartAt": "A", "States": {"A": {"Type": "Pass", "Result": "$.a", "End": True}}}).decode()
    assert await validate(api, given) == {"result": "OK", "diagnostics": [], "truncated": False}
    warned = await validate(api, given, severity="WARNING")
    assert warned["result"] == "OK"
    assert {each["severity"] for each in warned["diagnostics"]} == {"WARNING"}


@pytest.mark.parametrize(("asked", "answered"), [({}, 100), ({"maxResults": 0}, 100), ({"maxResults": 3}, 3)])
async def test_no_more_are_answered_than_asked_for(api: Api, asked: dict[str, int], answered: int) -> None:
    found = await validate(api, MANY, **asked)
    assert (len(found["diagnostics"]), found["truncated"]) == (answered, True)


async def test_a_definition_may_be_sound_for_standard_and_not_for_express(api: Api) -> None:
    given = text({"A": TOKEN})
    assert (await validate(api, given, type="STANDARD"))["result"] == "OK"
    assert (await validate(api, given, type="EXPRESS"))["result"] == "FAIL"


async def test_an_express_machine_that_waits_for_a_token_is_not_created(api: Api) -> None:
    with refused("InvalidDefinition"):
        await call(api, "CreateStateMachine", name="m", definition=text({"A": TOKEN}), roleArn=ROLE, type="EXPRESS")
