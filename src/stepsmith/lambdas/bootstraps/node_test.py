"""The Node.js runtime behaves as Lambda's: real processes, one claim a test."""

import asyncio
import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from stepsmith.lambdas import Answer, LogLine, Processes
from stepsmith.lambdas.conftest import Make

pytestmark = [
    pytest.mark.asyncio,
    pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not on PATH: install version 20 or newer"),
]


@pytest.fixture
def node(make: Make) -> Make:
    def node(source: str, handler: str = "app.handler", file: str = "app.mjs", **settings: Any) -> Any:
        return make(source, handler, file, **{"runtime": "nodejs22.x", "timeout_seconds": 5, **settings})

    return node


def value(answer: Answer) -> Any:
    assert answer.error is None, answer.payload
    return json.loads(answer.payload)


def error(answer: Answer) -> Any:
    assert answer.error == "Unhandled", answer.payload
    return json.loads(answer.payload)


ASYNC = "export const handler = async (event, context) => "


async def test_a_promise_is_the_answer(processes: Processes, node: Make) -> None:
    function = node(ASYNC + "({ twice: event.n * 2, text: 'žluťoučký 🐴' });")
    assert value(await processes.invoke(function, b'{"n": 21}')) == {"twice": 42, "text": "žluťoučký 🐴"}


async def test_a_warm_process_serves_the_second_call(processes: Processes, node: Make) -> None:
    function = node("let n = 0; " + ASYNC + "++n;")
    assert [value(await processes.invoke(function, b"{}")) for _ in range(3)] == [1, 2, 3]


async def test_an_edit_is_live_at_the_next_call(processes: Processes, node: Make) -> None:
    for number in range(3):
        assert value(await processes.invoke(node(ASYNC + f"{number};"), b"{}")) == number


@pytest.mark.parametrize("file", ["app.js", "app.cjs"])
async def test_common_js_is_loaded(processes: Processes, node: Make, file: str) -> None:
    source = "const path = require('node:path'); exports.handler = async () => path.basename(__filename);"
    assert value(await processes.invoke(node(source, file=file), b"{}")) == file


async def test_a_folder_and_a_nested_name_are_found(processes: Processes, node: Make) -> None:
    source = "export const api = { v1: { get: async () => 'got' } };"
    function = node(source, "src/app.api.v1.get", "src/app.mjs")
    assert value(await processes.invoke(function, b"{}")) == "got"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("exports.handler = (event, context, callback) => setTimeout(() => callback(null, event.n), 5);", 7),
        ("exports.handler = (event, context) => { context.succeed(event.n); };", 7),
        ("exports.handler = () => 'not a promise';", None),
        ("exports.handler = () => new Promise(() => {});", None),
        ("exports.handler = async () => {};", None),
    ],
)
async def test_handlers_without_a_promise_answer_as_on_lambda(
    processes: Processes, node: Make, source: str, expected: Any
) -> None:
    function = node(source, file="app.js")
    assert value(await processes.invoke(function, b'{"n": 7}')) == expected
    assert value(await processes.invoke(function, b'{"n": 7}')) == expected, "and so at the second call"


async def test_a_callback_need_not_wait_for_the_rest(processes: Processes, node: Make) -> None:
    source = """exports.handler = (event, context, callback) => {
        context.callbackWaitsForEmptyEventLoop = false;
        setTimeout(() => {}, 60000);
        callback(null, "at once");
    };"""
    assert value(await processes.invoke(node(source, file="app.js"), b"{}")) == "at once"


async def test_the_context_is_lambdas(processes: Processes, node: Make) -> None:
    seen = value(
        await processes.invoke(
            node(ASYNC + "({ ...context, left: context.getRemainingTimeInMillis() });", memory_mb=256),
            b"{}",
            request_id="request-1",
        )
    )
    assert (seen["functionName"], seen["memoryLimitInMB"], seen["awsRequestId"]) == ("fn", "256", "request-1")
    assert 0 < seen["left"] <= 5000


async def test_an_error_has_type_message_and_trace(processes: Processes, node: Make) -> None:
    source = "class Thin extends Error { name = 'Thin'; } " + ASYNC + "{ throw new Thin('too thin'); };"
    told = error(await processes.invoke(node(source), b"{}"))
    assert (told["errorType"], told["errorMessage"]) == ("Thin", "too thin")
    assert any("/var/task/app.mjs" in line for line in told["trace"])
    assert not any(str(Path(__file__).parent) in line for line in told["trace"]), "no path of this machine"


async def test_whatever_else_is_thrown_is_told(processes: Processes, node: Make) -> None:
    told = error(await processes.invoke(node(ASYNC + "{ throw 'a text'; };"), b"{}"))
    assert told == {"errorType": "string", "errorMessage": "a text", "trace": []}


@pytest.mark.parametrize(
    ("source", "handler", "type", "message"),
    [
        (ASYNC + "1;", "nowhere.handler", "Runtime.ImportModuleError", "Error: Cannot find module 'nowhere'"),
        (ASYNC + "1;", "app.nothing", "Runtime.HandlerNotFound", "app.nothing is undefined or not exported"),
        ("export const handler = 1;", "app.handler", "Runtime.HandlerNotFound", "app.handler is not a function"),
        (ASYNC + "1;", "app", "Runtime.MalformedHandlerName", "Bad handler"),
        ("export const = ;", "app.handler", "Runtime.UserCodeSyntaxError", "SyntaxError: Unexpected token '='"),
        ("import 'nothing';", "app.handler", "Runtime.ImportModuleError", "Error [ERR_MODULE_NOT_FOUND]: Cannot find"),
        ("throw new TypeError('at start');", "app.handler", "TypeError", "at start"),
    ],
)
async def test_a_function_that_cannot_start_says_why(
    processes: Processes, node: Make, source: str, handler: str, type: str, message: str
) -> None:
    told = error(await processes.invoke(node(source, handler), b"{}"))
    assert told["errorType"] == type
    assert told["errorMessage"].startswith(message)


async def test_an_uncaught_error_ends_the_process_and_is_told(processes: Processes, node: Make) -> None:
    lost = "{ setImmediate(() => { throw new Error(`lost ${++n}`); }); await new Promise(() => {}); };"
    source = "let n = 0; " + ASYNC + lost
    for _ in range(2):
        assert error(await processes.invoke(node(source), b"{}"))["errorMessage"] == "lost 1"


async def test_an_unhandled_rejection_is_told(processes: Processes, node: Make) -> None:
    source = ASYNC + "{ Promise.reject(new Error('forgotten')); await new Promise((done) => setTimeout(done, 1000)); };"
    told = error(await processes.invoke(node(source), b"{}"))
    assert (told["errorType"], told["errorMessage"]) == ("Runtime.UnhandledPromiseRejection", "Error: forgotten")


async def test_a_call_over_its_time_is_ended(processes: Processes, node: Make) -> None:
    function = node(ASYNC + "{ for (;;); };", timeout_seconds=0.5)
    assert error(await processes.invoke(function, b"{}"))["errorType"] == "Sandbox.Timedout"


async def test_an_exit_in_the_middle_is_told(processes: Processes, node: Make) -> None:
    told = error(await processes.invoke(node(ASYNC + "process.exit(3);"), b"{}"))
    assert told["errorType"] == "Runtime.ExitError"
    assert told["errorMessage"].endswith("exit status 3")


async def test_a_circular_answer_is_an_error(processes: Processes, node: Make) -> None:
    told = error(await processes.invoke(node(ASYNC + "{ const a = {}; a.a = a; return a; };"), b"{}"))
    assert told["errorType"] == "Runtime.MarshalError"


async def test_the_console_writes_lambdas_lines(processes: Processes, node: Make, lines: list[LogLine]) -> None:
    await processes.invoke(node(ASYNC + "console.warn('%d rows', 3);"), b"{}", request_id="request-1")
    told = next(line.text.split("\t") for line in lines if "3 rows" in line.text)
    assert told[1:] == ["request-1", "WARN", "3 rows"]


async def test_nothing_of_the_machines_environment_is_seen(
    processes: Processes, node: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "secret")
    seen = value(await processes.invoke(node(ASYNC + "process.env;", environment={"STAGE": "dev"}), b"{}"))
    assert "ANTHROPIC_API_KEY" not in seen
    assert (seen["STAGE"], seen["AWS_EXECUTION_ENV"]) == ("dev", "AWS_Lambda_nodejs22.x")


async def test_twenty_calls_at_once_are_answered(processes: Processes, node: Make) -> None:
    function = node(ASYNC + "{ await new Promise((done) => setTimeout(done, 10)); return event; };")
    answers = await asyncio.gather(*(processes.invoke(function, b"%d" % n) for n in range(20)))
    assert [value(answer) for answer in answers] == list(range(20))
