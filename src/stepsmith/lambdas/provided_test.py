"""A function that is its own program: `bootstrap` speaks the Runtime API by itself, in any language."""

import json
import sys
import zipfile
from pathlib import Path

import pytest

from stepsmith.lambdas import Answer, Function, NotRunnable, Processes

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


def artifact(folder: Path, mode: int) -> Path:
    path = folder / "function.zip"
    entry = zipfile.ZipInfo("bootstrap")
    entry.external_attr = (0o100000 | mode) << 16
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, PROGRAM)
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


async def test_a_bootstrap_that_may_not_be_run_is_no_function(processes: Processes, tmp_path: Path) -> None:
    with pytest.raises(NotRunnable, match="no executable file 'bootstrap'"):
        await processes.invoke(function(artifact(tmp_path, 0o644)), b"{}")
