"""`lambda:invoke` as AWS answers it: the envelope, the types of invocation, qualifiers, and who is not found."""

import base64
import json
from typing import Any

import pytest

from stepsmith.local import VirtualClock
from stepsmith.local.conftest import OpenRuntime, chain, function_arn, machine_arn

pytestmark = pytest.mark.asyncio

M = machine_arn("m")


def invoke(function: str, **arguments: Any) -> dict[str, Any]:
    given = {"FunctionName": function, "Payload": {"a": 1}, **arguments}
    return {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": given}


async def test_the_envelope_is_awss_and_a_replay_rebuilds_it(open_runtime: OpenRuntime, clock: VirtualClock) -> None:
    runtime = await open_runtime({"echo": lambda value: value})
    run = runtime.start(M, chain(invoke(function_arn("echo"))), {})
    result = (await run.wait()).result
    id = result["SdkResponseMetadata"]["RequestId"]
    headers = result["SdkHttpMetadata"]["HttpHeaders"]
    assert (result["ExecutedVersion"], result["Payload"], result["StatusCode"]) == ("$LATEST", {"a": 1}, 200)
    assert (headers["x-amzn-RequestId"], headers["Content-Length"]) == (id, "7")
    assert headers["Date"] == "Tue, 14 Nov 2023 22:13:20 GMT"
    assert result["SdkHttpMetadata"]["AllHttpHeaders"] == {name: [value] for name, value in headers.items()}
    succeeded = next(event for event in runtime.history(run.name) if event.type == "TaskSucceeded")
    assert json.loads(str(succeeded.to_json()["taskSucceededEventDetails"]["output"])) == result


async def test_of_the_answer_only_the_payload_is_stored(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime({"echo": lambda value: value})
    await runtime.start(M, chain(invoke(function_arn("echo"))), {}).wait()
    ((size,),) = runtime.database.execute("SELECT length(body) FROM outcome").fetchall()
    assert size < 30


@pytest.mark.parametrize(("type", "status", "calls"), [("Event", 202, 1), ("DryRun", 204, 0)])
async def test_event_and_dry_run_answer_before_anything_ran(
    open_runtime: OpenRuntime, clock: VirtualClock, type: str, status: int, calls: int
) -> None:
    called = list[Any]()
    runtime = await open_runtime({"note": called.append})
    result = (await runtime.start(M, chain(invoke("note", InvocationType=type)), {}).wait()).result
    await clock.advance(1)
    assert (result["StatusCode"], len(called)) == (status, calls)
    assert "ExecutedVersion" not in result


@pytest.mark.parametrize(
    ("name", "qualifier", "version"),
    [
        ("echo", None, "$LATEST"),
        (function_arn("echo"), "live", "$LATEST"),
        (function_arn("echo") + ":3", None, "3"),
        ("echo:3", "3", "3"),
        ("000000000000:function:echo", None, "$LATEST"),
    ],
)
async def test_a_function_is_found_by_any_of_its_names(
    open_runtime: OpenRuntime, name: str, qualifier: str | None, version: str
) -> None:
    given = {} if qualifier is None else {"Qualifier": qualifier}
    runtime = await open_runtime({"echo": lambda value: value})
    assert (await runtime.start(M, chain(invoke(name, **given)), {}).wait()).result["ExecutedVersion"] == version


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (
            {},
            "Lambda.ResourceNotFoundException",
            f"Function not found: {function_arn('none')} (Service: Lambda, Status",
        ),
        ({"Qualifier": "live"}, "Lambda.ResourceNotFoundException", f"Function not found: {function_arn('none')}:live"),
        ({"InvocationType": "Later"}, "Lambda.AWSLambdaException", "Value 'Later' at 'invocationType' failed to"),
        ({"LogType": "All"}, "Lambda.AWSLambdaException", "Value 'All' at 'logType' failed to satisfy constraint"),
        ({"ClientContext": "{}"}, "Lambda.InvalidRequestContentException", "Client context must be a valid Base64"),
        (
            {"FunctionName": "none:1", "Qualifier": "2"},
            "Lambda.InvalidParameterValueException",
            "The derived qualifier from the function name does not match the specified qualifier.",
        ),
    ],
)
async def test_what_lambda_refuses_has_its_name_and_words(
    open_runtime: OpenRuntime, arguments: Any, error: str, words: str
) -> None:
    ending = await (await open_runtime()).start(M, chain(invoke("none", **arguments)), {}).wait()
    assert ending.result["Error"] == error
    assert words in ending.result["Cause"]


async def test_a_tail_of_the_log_comes_in_base64_when_it_is_asked_for(open_runtime: OpenRuntime) -> None:
    runtime = await open_runtime({"echo": lambda value: value})
    result = (await runtime.start(M, chain(invoke("echo", LogType="Tail")), {}).wait()).result
    assert base64.b64decode(result["LogResult"]) == b""  # a callable in this process prints into no log
