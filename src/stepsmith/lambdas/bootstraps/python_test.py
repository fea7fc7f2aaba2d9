"""The Python runtime as a function meets it: handlers, context, errors, logs. Over a folder and over its zip."""

import asyncio
import json
import os
import re
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from stepsmith.lambdas import Answer, Function, LogLine, Processes
from stepsmith.lambdas.bootstraps import python
from stepsmith.lambdas.runtime_api import RuntimeApi

pytestmark = pytest.mark.asyncio

Make = Callable[..., Function]


def value(answer: Answer) -> Any:
    assert answer.error is None, answer.payload
    return json.loads(answer.payload)


def error(answer: Answer) -> Any:
    assert answer.error == "Unhandled"
    return json.loads(answer.payload)


async def test_a_handler_may_lie_in_a_package(processes: Processes, make: Make) -> None:
    function = make("def answer(event, context): return event['n'] + 1", "tool.parts.answer", file="tool/parts.py")
    assert value(await processes.invoke(function, b'{"n": 1}')) == 2


async def test_unicode_goes_in_and_out_unescaped(processes: Processes, make: Make) -> None:
    function = make("def handler(event, context): return event")
    assert (await processes.invoke(function, '"Ødegård 🎈"'.encode())).payload == '"Ødegård 🎈"'.encode()


async def test_the_context_tells_the_call(processes: Processes, make: Make) -> None:
    source = """
def handler(event, context):
    left = context.get_remaining_time_in_millis()
    return {**vars(context), "left": left}
"""
    function = make(source, memory_mb=256, timeout_seconds=5, region="eu-west-1")
    context = value(await processes.invoke(function, b"{}", request_id="r-1"))
    assert context["aws_request_id"] == "r-1"
    assert context["function_name"] == "fn"
    assert context["function_version"] == "$LATEST"
    assert context["memory_limit_in_mb"] == "256"
    assert context["invoked_function_arn"] == "arn:aws:lambda:eu-west-1:000000000000:function:fn"
    assert context["log_group_name"] == "/aws/lambda/fn"
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", context["log_stream_name"])
    assert 0 < context["left"] <= 5000


async def test_a_deadline_of_the_caller_shortens_the_timeout(processes: Processes, make: Make) -> None:
    function = make("def handler(event, context): return context.get_remaining_time_in_millis()", timeout_seconds=600)
    soon = int((time.time() + 20) * 1000)
    assert value(await processes.invoke(function, b"{}", deadline_ms=soon)) <= 20_000


async def test_the_trace_header_is_that_of_each_call(processes: Processes, make: Make) -> None:
    function = make("import os\ndef handler(event, context): return os.environ.get('_X_AMZN_TRACE_ID')")
    traced = await processes.invoke(function, b"{}", trace_header="Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1")
    assert value(traced) == "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Sampled=1"
    assert value(await processes.invoke(function, b"{}")) not in (None, value(traced))


async def test_an_exception_is_lambdas_document(processes: Processes, make: Make) -> None:
    function = make("import json\n\ndef handler(event, context):\n    json.loads(event)\n")
    document = error(await processes.invoke(function, b'"{"', request_id="r-1"))
    assert list(document) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert document["errorType"] == "JSONDecodeError"
    assert document["requestId"] == "r-1"
    assert document["stackTrace"][0] == '  File "/var/task/app.py", line 4, in handler\n    json.loads(event)\n'
    assert document["stackTrace"][1].startswith('  File "/var/lang/lib/python3.12/json/__init__.py"')


async def test_an_exception_leaves_the_process_warm(processes: Processes, make: Make) -> None:
    function = make("def handler(event, context): return 1 / event")
    assert error(await processes.invoke(function, b"0"))["errorType"] == "ZeroDivisionError"
    second = await processes.invoke(function, b"1")
    assert (value(second), second.init_ms) == (1.0, None)


@pytest.mark.parametrize("result", ["{1, 2}", "object()", "'\\ud800'", "deep"])
async def test_what_json_cannot_say_is_a_marshal_error(processes: Processes, make: Make, result: str) -> None:
    deep = "deep = []\nfor _ in range(100_000): deep = [deep]\n"
    function = make(f"{deep}def handler(event, context): return {result}")
    document = error(await processes.invoke(function, b"{}"))
    assert document["errorType"] == "Runtime.MarshalError"
    assert document["errorMessage"].startswith("Unable to marshal response: ")


async def test_a_decimal_is_a_string_as_on_lambda(processes: Processes, make: Make) -> None:
    function = make("from decimal import Decimal\ndef handler(event, context): return Decimal('1.10')")
    assert value(await processes.invoke(function, b"{}")) == "1.10"


async def test_a_payload_that_is_not_json_is_an_unmarshal_error(processes: Processes, make: Make) -> None:
    function = make("def handler(event, context): return event")
    for payload in (b"", b"{", b"\xff\xfe\xfd"):
        assert error(await processes.invoke(function, payload))["errorType"] == "Runtime.UnmarshalError"


async def test_an_exception_that_cannot_be_printed_is_reported_all_the_same(processes: Processes, make: Make) -> None:
    source = """
class Odd(Exception):
    def __str__(self): return 1 / 0
Odd.__name__ = "Odd\\r\\nInjected: header"
def handler(event, context): raise Odd()
"""
    document = error(await processes.invoke(make(source), b"{}"))
    assert document["errorMessage"] == "<unprintable>"
    assert document["errorType"].startswith("Odd")


INIT_ERRORS = [
    (
        "import nowhere",
        "app.handler",
        "Runtime.ImportModuleError",
        "Unable to import module 'app': No module named 'nowhere'",
    ),
    ("", "other.handler", "Runtime.ImportModuleError", "Unable to import module 'other': No module named 'other'"),
    ("", "app.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'app'"),
    (
        "def handler(",
        "app.handler",
        "Runtime.UserCodeSyntaxError",
        "Syntax error in module 'app': '(' was never closed",
    ),
    ("", "handler", "Runtime.MalformedHandlerName", "Bad handler 'handler'"),
    ("raise KeyError('TOKEN')", "app.handler", "KeyError", "'TOKEN'"),
]


@pytest.mark.parametrize(("source", "handler", "kind", "message"), INIT_ERRORS)
async def test_a_failed_start_is_reported_at_every_call(
    processes: Processes, make: Make, source: str, handler: str, kind: str, message: str
) -> None:
    function = make(source, handler)
    for _ in range(2):
        answer = await processes.invoke(function, b"{}")
        document = error(answer)
        assert (document["errorType"], document["errorMessage"][: len(message)]) == (kind, message)
        assert answer.init_ms is not None


async def test_a_syntax_error_shows_its_line_under_var_task(processes: Processes, make: Make) -> None:
    document = error(await processes.invoke(make("\nx = = 1\n"), b"{}"))
    assert document["stackTrace"] == ['  File "/var/task/app.py" Line 2\n    x = = 1\n']


async def test_a_failed_start_that_was_repaired_is_forgotten(processes: Processes, make: Make) -> None:
    assert error(await processes.invoke(make("raise ValueError"), b"{}"))["errorType"] == "ValueError"
    assert value(await processes.invoke(make("def handler(event, context): return 'well'"), b"{}")) == "well"


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("sys.exit(3)", "Runtime exited with error: exit status 3"),
        ("sys.exit('no token')", "Runtime exited with error: exit status 1"),
        ("exit()", "Runtime exited without providing a reason"),
        ("os._exit(7)", "Runtime exited with error: exit status 7"),
        ("os.abort()", "Runtime exited with error: signal: aborted"),
        ("os.kill(os.getpid(), signal.SIGSEGV)", "Runtime exited with error: signal: segmentation fault"),
    ],
)
@pytest.mark.parametrize("place", ["start", "handler"])
async def test_an_exit_is_told_with_its_status(
    processes: Processes, make: Make, statement: str, message: str, place: str
) -> None:
    body = {"start": statement, "handler": f"def handler(event, context): {statement}"}[place]
    document = error(await processes.invoke(make(f"import os, signal, sys\n{body}"), b"{}", request_id="r-1"))
    assert document == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: r-1 Error: {message}"}


async def test_what_a_call_prints_is_logged_before_its_answer(
    processes: Processes, make: Make, lines: list[LogLine]
) -> None:
    source = """
import logging, os, sys
print("at the start")
logging.getLogger().setLevel("INFO")
def handler(event, context):
    print("to stdout")
    print("to stderr", file=sys.stderr)
    os.write(1, b"raw \\xff bytes\\n")
    logging.info("by logging")
    print("no newline", end="")
"""
    answer = await processes.invoke(make(source), b"{}", request_id="r-1")
    texts = [line.text for line in lines]
    assert texts[:4] == ["at the start", "to stdout", "to stderr", "raw � bytes"]
    assert re.fullmatch(r"\[INFO\]\t\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\tr-1\tby logging", texts[4])
    assert texts[5] == "no newline"
    assert {(line.function, line.request_id) for line in lines} == {("fn", "r-1")}
    assert "by logging\nno newline\n" in answer.log_tail


async def test_modules_of_the_engine_and_of_its_environment_are_not_there(processes: Processes, make: Make) -> None:
    source = """
import importlib.util
def handler(event, context): return [name for name in event if importlib.util.find_spec(name)]
"""
    names = json.dumps(["stepsmith", "aiohttp", "pytest", "psutil", "json"])
    assert value(await processes.invoke(make(source), names.encode())) == ["json"]


async def test_without_the_kernels_help_the_bootstrap_dies_with_the_lifeline() -> None:
    reader, writer = os.pipe()
    api = RuntimeApi(on_end=lambda: None)
    environment = {"AWS_LAMBDA_RUNTIME_API": await api.open(), "_HANDLER": "json.loads"}
    command = (sys.executable, "-I", "-S", python.__file__, str(reader), "/nowhere")
    child = await asyncio.create_subprocess_exec(*command, env=environment, pass_fds=(reader,), start_new_session=True)
    os.close(reader)
    await api.started
    os.close(writer)
    assert await child.wait() == -signal.SIGKILL
    await api.close()
