"""A function that is its own program: `bootstrap` speaks the Runtime API by itself, in any language."""

import json
import sys
import zipfile
from pathlib import Path

import pytest

from stepsmith.lambdas import Answer, Function, Processes

pytestmark = pytest.mark.asyncio

PROGRAM = f"""#!{sys.executable} -S
import json, os, urllib.request
root = f"http://{{os.environ['AWS_LAMBDA_RUNTIME_API']}}/2018-06-01/runtime/invocation"
while True:
    with urllib.request.urlopen(f"{{root}}/next") as call:
        id, event = call.headers["Lambda-Runtime-Aws-Request-Id"], json.load(call)
    at_root = os.getcwd() == os.environ["LAMBDA_TASK_ROOT"]
    answer = {{"event": event, "handler": os.environ["_HANDLER"], "root": at_root}}
    urllib.request.urlopen(f"{{root}}/{{id}}/response", json.dumps(answer).encode()).close()
"""


def artifact(folder: Path, mode: int, name: str = "bootstrap", program: str = PROGRAM) -> Path:
    path = folder / "function.zip"
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (0o100000 | mode) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, program)
    return path


def function(code: Path) -> Function:
    return Function("fn", code, "bootstrap", runtime="provided.al2023", timeout_seconds=5)


def value(answer: Answer) -> object:
    assert answer.error is None, answer.payload
    return json.loads(answer.payload)


async def test_the_bootstrap_of_a_zip_is_run(processes: Processes, tmp_path: Path) -> None:
    fn = function(artifact(tmp_path, 0o755))
    for n in range(2):
        answer = await processes.invoke(fn, b"%d" % n)
        assert value(answer) == {"event": n, "handler": "bootstrap", "root": True}
    assert answer.init_ms is None, "the second call meets the warm process"


@pytest.mark.parametrize(
    ("name", "mode", "program", "why"),
    [
        ("bootstrap", 0o644, PROGRAM, "fork/exec /var/task/bootstrap: permission denied"),
        ("bootstrap", 0o755, "\x7fELF of another machine", "fork/exec /var/task/bootstrap: exec format error"),
        ("main", 0o755, PROGRAM, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"),
    ],
)
async def test_a_program_that_cannot_be_started_is_an_error_of_the_function(
    processes: Processes, tmp_path: Path, name: str, mode: int, program: str, why: str
) -> None:
    answer = await processes.invoke(function(artifact(tmp_path, mode, name, program)), b"{}", request_id="r-1")
    assert answer.error == "Unhandled"
    message = f"RequestId: r-1 Error: {why}"
    assert json.loads(answer.payload) == {"errorType": "Runtime.InvalidEntrypoint", "errorMessage": message}
