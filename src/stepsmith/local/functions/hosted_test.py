"""Functions as processes: what they see, what their role opens, and how their ends reach the machine."""

import asyncio
import json
import os
import sysconfig
from pathlib import Path
from typing import Any

import pytest

from stepsmith.lambdas import Function, LogLine
from stepsmith.local import Ending, Hosted, Role, Runtime, VirtualClock
from stepsmith.local.conftest import call, chain, function_arn, machine_arn

pytestmark = pytest.mark.asyncio

M = machine_arn("m")
F = function_arn("f")
BUCKET = "stepsmith-test-000000000000-us-east-1"
PACKAGES = (Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib")))


def function(folder: Path, code: str, **settings: Any) -> Function:
    """A function of one file."""
    folder.mkdir()
    (folder / "main.py").write_text(code)
    return Function("f", folder, "main.handler", **{"timeout_seconds": 20, **settings})


async def run(data: Path, hosted: Hosted, input: Any = None, **settings: Any) -> Ending:
    """The end of a run that calls the function once."""
    async with Runtime(data, functions={F: hosted}, **settings) as runtime:
        return await runtime.start(M, chain(call("f")), input).wait()


async def test_a_functions_environment_is_its_own_its_roles_and_nothing_else(tmp_path: Path) -> None:
    os.environ["LEAKED_BY_THE_TESTS"] = "1"
    code = "import os\ndef handler(event, context): return dict(os.environ)"
    made = function(tmp_path / "f", code, environment={"MINE": "1"})
    role = Role((f"{BUCKET}/artifacts/",), secrets=("API_KEY", "UNSET"))
    secrets = {"API_KEY": "s3cret", "OTHER_KEY": "not for you"}
    seen = (await run(tmp_path / "data", Hosted(made, role), secrets=secrets)).result
    assert (seen["MINE"], seen["API_KEY"], seen["STEPSMITH_BUCKET"]) == ("1", "s3cret", BUCKET)
    assert seen["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1:")
    assert {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION"} <= seen.keys()
    assert not {"LEAKED_BY_THE_TESTS", "OTHER_KEY", "UNSET"} & seen.keys()
    del os.environ["LEAKED_BY_THE_TESTS"]


async def test_a_function_writes_where_its_role_may_and_nowhere_else(tmp_path: Path) -> None:
    code = """
import boto3, os
def handler(event, context):
    s3, bucket = boto3.client("s3"), os.environ["STEPSMITH_BUCKET"]
    s3.put_object(Bucket=bucket, Key="artifacts/r/a.txt", Body=b"hello")
    try:
        s3.put_object(Bucket=bucket, Key="transcripts/r/a.txt", Body=b"hello")
    except Exception as error:
        return error.response["Error"]["Code"]
"""
    hosted = Hosted(function(tmp_path / "f", code, python_path=PACKAGES), Role((f"{BUCKET}/artifacts/",)))
    assert (await run(tmp_path / "data", hosted)).result == "AccessDenied"
    assert (tmp_path / "data/s3" / BUCKET / "artifacts/r/a.txt").read_bytes() == b"hello"


async def test_an_exception_of_a_function_is_an_error_with_its_document_as_cause(tmp_path: Path) -> None:
    code = "class LlmThrottled(Exception): pass\ndef handler(event, context): raise LlmThrottled('retry_after=7')"
    ending = await run(tmp_path / "data", Hosted(function(tmp_path / "f", code)))
    assert ending.result["Error"] == "LlmThrottled"
    document = json.loads(ending.result["Cause"])
    assert (document["errorType"], document["errorMessage"]) == ("LlmThrottled", "retry_after=7")
    assert ending.result["Cause"] == json.dumps(document, separators=(",", ":"))


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import os\ndef handler(event, context): os._exit(3)", "Runtime.ExitError"),
        ("import time\ndef handler(event, context): time.sleep(60)", "Sandbox.Timedout"),
        ("import nothing_of_this_name", "Runtime.ImportModuleError"),
        ("def handler(event, context): return {1, 2}", "Runtime.MarshalError"),
    ],
)
async def test_a_function_that_does_not_answer_ends_by_lambdas_names(tmp_path: Path, code: str, error: str) -> None:
    ending = await run(tmp_path / "data", Hosted(function(tmp_path / "f", code, timeout_seconds=1)))
    assert ending.result["Error"] == error


async def test_code_that_is_not_there_is_named(tmp_path: Path) -> None:
    hosted = Hosted(Function("f", tmp_path / "nowhere", "main.handler"))
    ending = await run(tmp_path / "data", hosted)
    assert ending.result["Error"] == "Lambda.ResourceNotReadyException"
    assert "nowhere" in ending.result["Cause"]


async def test_a_task_that_times_out_ends_the_process_of_its_call(tmp_path: Path, clock: VirtualClock) -> None:
    code = "import os, time\ndef handler(event, context): print(os.getpid(), flush=True); time.sleep(600)"
    lines = list[LogLine]()
    hosted = Hosted(function(tmp_path / "f", code, timeout_seconds=900))
    async with Runtime(tmp_path / "data", functions={F: hosted}, clock=clock, log=lines.append) as runtime:
        started = runtime.start(M, chain(call("f", TimeoutSeconds=30)), {})
        while not lines:
            await asyncio.sleep(0.005)
        await clock.advance(30)
        assert (await started.wait()).result["Error"] == "States.Timeout"
        process = int(lines[0].text)
        while _is_alive(process):
            await asyncio.sleep(0.005)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
