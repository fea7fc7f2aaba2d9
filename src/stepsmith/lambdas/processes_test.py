"""The pool: warm processes, bounds, edits, ends. Real processes, over a folder and over the zip of it."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import boto3
import psutil  # type: ignore[import-untyped]
import pytest

from stepsmith.lambdas import Answer, BadCode, Function, LogLine, NotRunnable, Processes, UnknownRuntime

pytestmark = pytest.mark.asyncio

Make = Callable[..., Function]

PID = "import os\ndef handler(event, context): return os.getpid()"


def value(answer: Answer) -> Any:
    assert answer.error is None, answer.payload
    return json.loads(answer.payload)


def error(answer: Answer) -> Any:
    assert answer.error == "Unhandled"
    return json.loads(answer.payload)


async def until(happened: Callable[[], bool]) -> None:
    """Other processes have no event that we could await."""
    async with asyncio.timeout(10):
        while not happened():
            await asyncio.sleep(0.005)


async def gone(*pids: int) -> bool:
    """Whether all of them end. An orphan's new parent may be slow to reap it: a zombie is gone."""
    await until(lambda: not any(_lives(pid) for pid in pids))
    return True


def _lives(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


async def printed(lines: list[LogLine], count: int) -> list[int]:
    """The first `count` numbers that the function prints."""
    await until(lambda: len(lines) >= count)
    return [int(line.text) for line in lines[:count]]


def found(folder: Path, pattern: str = "*") -> list[Path]:
    return sorted(folder.glob(pattern)) if folder.exists() else []


async def test_a_second_call_meets_the_warm_process(processes: Processes, make: Make) -> None:
    function = make(PID)
    first, second = await processes.invoke(function, b"{}"), await processes.invoke(function, b"{}")
    assert first.payload == second.payload
    assert first.init_ms is not None
    assert second.init_ms is None


async def test_the_processes_of_a_forgotten_version_end_at_once_or_with_their_call(
    processes: Processes, make: Make, lines: list[LogLine], tmp_path: Path
) -> None:
    function = make("""import os, time
def handler(event, context):
    print(os.getpid(), flush=True)
    while not os.path.exists(event): time.sleep(0.005)
    return os.getpid()""")
    forgotten, other = replace(function, version="1"), replace(function, version="2")
    idle, kept = [value(await processes.invoke(each, b'"/"')) for each in (forgotten, other)]
    processes.forget("fn", "1")
    assert await gone(idle)
    end = tmp_path / "end"
    call = asyncio.create_task(processes.invoke(forgotten, json.dumps(str(end)).encode()))
    await printed(lines, 3)
    processes.forget("fn", "1")
    end.touch()
    assert await gone(value(await call))
    assert value(await processes.invoke(other, b'"/"')) == kept


async def test_an_edit_is_live_at_the_next_call(processes: Processes, make: Make) -> None:
    for number in range(5):
        function = make(f"def handler(event, context): return {number}")
        assert value(await processes.invoke(function, b"{}")) == number


async def test_an_edit_during_a_call_ends_its_process_after_it(
    processes: Processes, make: Make, lines: list[LogLine]
) -> None:
    source = "import os, time\ndef handler(event, context): print(os.getpid()); time.sleep(event); return {}"
    running = asyncio.create_task(processes.invoke(make(source.format(1)), b"0.3"))
    (pid,) = await printed(lines, 1)
    assert value(await processes.invoke(make(source.format(2)), b"0")) == 2
    assert value(await running) == 1
    assert await gone(pid)


async def test_an_edit_of_a_watched_folder_is_live(processes: Processes, tmp_path: Path) -> None:
    code, library = tmp_path / "code", tmp_path / "library"
    code.mkdir()
    library.mkdir()
    (code / "app.py").write_text("import shared\ndef handler(event, context): return shared.NUMBER")
    function = Function("fn", code, "app.handler", python_path=(library,), watch=(code, library))
    for number in range(3):
        (library / "shared.py").write_text(f"NUMBER = {number}")
        assert value(await processes.invoke(function, b"{}")) == number
    assert not found(tmp_path, "*/__pycache__"), "bytecode belongs into the cache"


async def test_another_setting_of_the_same_function_is_another_process(processes: Processes, make: Make) -> None:
    source = "import os\ndef handler(event, context): return os.environ['STAGE']"
    for stage in ("one", "two"):
        assert value(await processes.invoke(make(source, environment={"STAGE": stage}), b"{}")) == stage


async def test_twenty_at_once_are_served_by_ten_processes(processes: Processes, make: Make) -> None:
    function = make("import os, time\ndef handler(event, context): time.sleep(0.02); return os.getpid()")
    answers = await asyncio.gather(*(processes.invoke(function, b"{}") for _ in range(20)))
    assert len({value(answer) for answer in answers}) <= 10


async def test_calls_wait_in_order(tmp_path: Path, make: Make) -> None:
    function = make("seen = []\ndef handler(event, context): seen.append(event); return seen")
    async with Processes(cache=tmp_path / "cache", per_function=1) as processes:
        answers = await asyncio.gather(*(processes.invoke(function, b"%d" % number) for number in range(5)))
    assert [len(value(answer)) for answer in answers] == [1, 2, 3, 4, 5]
    assert value(answers[-1]) == [0, 1, 2, 3, 4]


async def test_a_call_over_its_time_is_killed_and_named(processes: Processes, make: Make, lines: list[LogLine]) -> None:
    source = "import os, time\ndef handler(event, context): print(os.getpid()); time.sleep(event); return 'awake'"
    function = make(source, timeout_seconds=0.3)
    answer = await processes.invoke(function, b"60", request_id="r-1")
    message = "RequestId: r-1 Error: Task timed out after 0.30 seconds"
    assert error(answer) == {"errorType": "Sandbox.Timedout", "errorMessage": message}
    start, printed, said, end, report = answer.log_tail.splitlines()
    assert (start, printed, end) == ("START RequestId: r-1 Version: $LATEST", lines[0].text, "END RequestId: r-1")
    assert report.endswith("Status: timeout")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[0-9:]{8}\.\d{3}Z r-1 Task timed out after 0\.30 seconds", said)
    assert (lines[1].request_id, lines[1].text) == ("r-1", said)
    assert await gone(int(lines[0].text))
    assert value(await processes.invoke(function, b"0")) == "awake"


async def test_a_start_that_hangs_is_killed(tmp_path: Path, make: Make) -> None:
    async with Processes(cache=tmp_path / "cache", init_seconds=0.2) as processes:
        answer = await processes.invoke(make("import time; time.sleep(60)", timeout_seconds=0.1), b"{}")
    assert error(answer)["errorType"] == "Sandbox.Timedout"
    assert error(answer)["errorMessage"].endswith("timed out after 0.10 seconds"), "the time that the function has"


GREEDY = "held = bytearray(b'x' * 200_000_000); time.sleep(60)"
GREEDY_CHILD = f'subprocess.run([sys.executable, "-c", "import time; {GREEDY}"])'


async def test_what_lambda_says_of_a_call_stands_around_what_it_printed(tmp_path: Path, make: Make) -> None:
    said = list[LogLine]()
    function = make("def handler(event, context): print('hello')")
    async with Processes(cache=tmp_path / "cache", platform=said.append) as processes:
        first = await processes.invoke(function, b"{}", request_id="r-1")
        second = await processes.invoke(function, b"{}", request_id="r-2")
    start, printed, end, report = first.log_tail.splitlines()
    assert (start, printed, end) == ("START RequestId: r-1 Version: $LATEST", "hello", "END RequestId: r-1")
    duration = r"REPORT RequestId: r-1\tDuration: [0-9.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB"
    assert re.fullmatch(duration + r"\tMax Memory Used: [1-9]\d* MB\tInit Duration: [0-9.]+ ms", report)
    assert "Init Duration" not in second.log_tail
    assert [line.text for line in said] == [start, end, report, *(second.log_tail.splitlines()[n] for n in (0, 2, 3))]
    assert {line.stream for line in said} == {said[0].stream} and "[$LATEST]" in said[0].stream


async def test_a_zip_finds_the_sdk_that_lambda_brings_and_no_other_package(
    processes: Processes, make: Make, tmp_path: Path
) -> None:
    source = """
import importlib.util
def handler(event, context):
    return [bool(importlib.util.find_spec(name)) for name in ("boto3", "dateutil", "six", "aiohttp")]
"""
    assert Path(boto3.__file__).is_file()  # what is linked is what is installed here
    made = make(source)
    expected = [True, True, True, False] if made.code.suffix == ".zip" else [False] * 4
    assert value(await processes.invoke(made, b"{}")) == expected


async def test_layers_are_found_where_opt_is_and_the_later_one_wins(
    processes: Processes, make: Make, tmp_path: Path
) -> None:
    def layer(name: str, **files: str) -> Path:
        with zipfile.ZipFile(tmp_path / f"{name}.zip", "w") as archive:
            for file, text in files.items():
                archive.writestr(f"python/{file}.py", text)
        return tmp_path / f"{name}.zip"

    layers = (layer("a", one="WHO = 'a'", two="WHO = 'a'"), layer("b", two="WHO = 'b'"))
    function = make("import one, two\ndef handler(event, context): return one.WHO + two.WHO", layers=layers)
    assert value(await processes.invoke(function, b"{}")) == "ab"


async def test_every_call_has_a_trace(processes: Processes, make: Make) -> None:
    function = make("import os\ndef handler(event, context): return os.environ['_X_AMZN_TRACE_ID']")
    first, second = [value(await processes.invoke(function, b"{}")) for _ in range(2)]
    assert first != second
    assert re.fullmatch("Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0", first)


@pytest.mark.parametrize("statement", [GREEDY, GREEDY_CHILD])
async def test_a_process_tree_over_its_memory_is_killed(
    processes: Processes, make: Make, statement: str, lines: list[LogLine]
) -> None:
    source = f"import subprocess, sys, time\ndef handler(event, context): {statement}"
    answer = await processes.invoke(make(source, memory_mb=64, timeout_seconds=30), b"{}", request_id="r-1")
    message = "RequestId: r-1 Error: Runtime exited with error: signal: killed"
    assert error(answer) == {"errorType": "Runtime.OutOfMemory", "errorMessage": message}
    assert answer.log_tail.endswith("Status: error\tError Type: Runtime.OutOfMemory\n")
    assert "Raise the memory of 'fn'" in lines[-1].text


async def test_a_death_while_idle_goes_unnoticed(processes: Processes, make: Make) -> None:
    function = make(PID)
    for _ in range(5):
        pid = value(await processes.invoke(function, b"{}"))
        os.kill(pid, signal.SIGKILL)
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            pass  # The event loop must not run here: it would notice the death before the call does.
        assert value(await processes.invoke(function, b"{}")) != pid


ANSWERS_AND_DIES = """
import http.client, os
def handler(event, context):
    api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
    api.request("POST", f"/2018-06-01/runtime/invocation/{context.aws_request_id}/response", b'"answered"')
    os._exit(api.getresponse().status)
"""


async def test_a_death_between_an_answer_and_the_next_call_goes_unnoticed(processes: Processes, make: Make) -> None:
    function = make(ANSWERS_AND_DIES)
    for _ in range(5):
        assert value(await processes.invoke(function, b"{}")) == "answered"


async def test_a_cancelled_call_ends_its_process(processes: Processes, make: Make, lines: list[LogLine]) -> None:
    source = "import os, time\ndef handler(event, context): print(os.getpid()); time.sleep(60)"
    call = asyncio.create_task(processes.invoke(make(source, timeout_seconds=60), b"{}"))
    (pid,) = await printed(lines, 1)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await gone(pid)


async def test_a_cancel_at_any_moment_of_the_start_leaves_nothing_behind(tmp_path: Path, make: Make) -> None:
    function, engine = make(PID), psutil.Process()
    await asyncio.to_thread(int)  # The loop's own thread pool is not what is looked for.
    before = engine.num_fds()
    async with Processes(cache=tmp_path / "cache") as processes:
        for turns in range(30):
            call = asyncio.create_task(processes.invoke(function, b"{}"))
            for _ in range(turns):
                await asyncio.sleep(0)
            call.cancel()
            await asyncio.wait([call])
    assert engine.children(recursive=True) == []
    assert engine.num_fds() == before


FAMILY = """
import os, subprocess, time
def handler(event, context):
    children = [subprocess.Popen(["sleep", "600"]), subprocess.Popen(["sleep", "600"], start_new_session=True)]
    print(os.getpid(), *(child.pid for child in children), sep="\\n")
    time.sleep(event)
"""


async def test_a_timeout_ends_the_children_too(processes: Processes, make: Make, lines: list[LogLine]) -> None:
    await processes.invoke(make(FAMILY, timeout_seconds=0.5), b"60")
    assert await gone(*await printed(lines, 3))


async def test_closing_leaves_nothing_behind(tmp_path: Path, make: Make, lines: list[LogLine]) -> None:
    async with Processes(cache=tmp_path / "cache", log=lines.append) as processes:
        await processes.invoke(make(FAMILY), b"0")
        running = asyncio.create_task(processes.invoke(make(FAMILY, timeout_seconds=60), b"60"))
        pids = await printed(lines, 6)
    assert await gone(*pids)
    assert error(await running)["errorType"] == "Runtime.ExitError"
    assert not found(tmp_path / "cache" / "lambdas" / "scratch")
    with pytest.raises(NotRunnable, match="outside of"):
        await processes.invoke(make(PID), b"{}")


async def test_an_idle_process_ends(tmp_path: Path, make: Make) -> None:
    async with Processes(cache=tmp_path / "cache", idle_seconds=0.05) as processes:
        assert await gone(value(await processes.invoke(make(PID), b"{}")))
        assert value(await processes.invoke(make(PID), b"{}"))


ENGINE = """
import asyncio, sys
from pathlib import Path
from stepsmith.lambdas import Function, Processes

async def main():
    log = lambda line: print(line.text, flush=True)
    async with Processes(cache=Path(sys.argv[1]), log=log) as processes:
        await processes.invoke(Function("fn", Path(sys.argv[2]), "app.handler", timeout_seconds=60), b"600")

asyncio.run(main())
"""


async def test_a_killed_engine_leaves_no_orphan(tmp_path: Path, make: Make) -> None:
    source = FAMILY.replace(", start_new_session=True", "")  # The kernel ends the group; who left it is not in it.
    command = [sys.executable, "-c", ENGINE, str(tmp_path / "cache"), str(make(source).code)]
    paths = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    engine = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE, env=paths)
    assert engine.stdout is not None
    pids = [int(await engine.stdout.readline()) for _ in range(3)]
    assert all(psutil.pid_exists(pid) for pid in pids)
    engine.kill()
    await engine.wait()
    assert await gone(*pids)


async def test_an_answer_over_six_megabytes_is_an_error_and_the_process_lives(processes: Processes, make: Make) -> None:
    function = make("def handler(event, context): return 'x' * event")
    document = error(await processes.invoke(function, b"10000000"))
    assert document["errorType"] == "Function.ResponseSizeTooLarge"
    assert "6291556 bytes" in document["errorMessage"]
    second = await processes.invoke(function, b"6000000")
    assert (len(second.payload), second.init_ms) == (6_000_002, None)


async def test_endless_output_is_bounded(processes: Processes, make: Make, lines: list[LogLine]) -> None:
    source = "import os\ndef handler(event, context):\n  for _ in range(4000): os.write(1, b'x' * 65535 + b'\\n')"
    before = psutil.Process().memory_info().rss
    answer = await processes.invoke(make(source, timeout_seconds=60), b"{}")
    assert value(answer) is None
    assert sum(len(line.text) for line in lines) < 1_100_000
    assert "dropped" in lines[-1].text
    assert len(answer.log_tail) == 4096
    assert psutil.Process().memory_info().rss - before < 20_000_000


async def test_each_process_has_a_scratch_folder_that_goes_with_it(tmp_path: Path, make: Make) -> None:
    source = """
import os, tempfile
def handler(event, context):
    file = tempfile.NamedTemporaryFile(delete=False)
    return [file.name, os.path.expanduser("~")]
"""
    async with Processes(cache=tmp_path / "cache") as processes:
        file, home = value(await processes.invoke(make(source), b"{}"))
        assert found(Path(home)) == [Path(file)]
    assert not found(Path(home))


async def test_the_environment_is_exactly_what_is_listed(
    processes: Processes, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, setting in {"ANTHROPIC_API_KEY": "sk-secret", "SSL_CERT_FILE": "/ca.pem", "PYTHONPATH": "/x"}.items():
        monkeypatch.setenv(name, setting)
    for name in ("SSL_CERT_DIR", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    function = make("import os\ndef handler(event, context): return dict(os.environ)", environment={"STAGE": "dev"})
    seen = value(await processes.invoke(function, b"{}"))
    assert set(seen) - {
        "REQUESTS_CA_BUNDLE",
        "CURL_CA_BUNDLE",
        "AWS_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
        "ALL_PROXY",
    } == {
        *("AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_NAME"),
        *("AWS_LAMBDA_FUNCTION_VERSION", "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME"),
        *("AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "HOME", "LAMBDA_RUNTIME_DIR"),
        *("LAMBDA_TASK_ROOT", "LANG", "LD_LIBRARY_PATH", "PATH", "SSL_CERT_FILE", "STAGE", "TMPDIR", "TZ", "_HANDLER"),
        "_X_AMZN_TRACE_ID",
    }
    assert seen["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.12"


async def test_a_function_that_cannot_start_here_says_what_to_do(processes: Processes, tmp_path: Path) -> None:
    with pytest.raises(UnknownRuntime, match=r"'fn' wants runtime 'cobol85'; use one of: .*python3\.12"):
        await processes.invoke(Function("fn", tmp_path, "app.handler", runtime="cobol85"), b"{}")
    with pytest.raises(BadCode, match=r"'fn' has no zip '.*/gone\.zip': build it"):
        await processes.invoke(Function("fn", tmp_path / "gone.zip", "app.handler"), b"{}")


@pytest.mark.parametrize("header", ["a\r\nInjected: yes", "ü"])
async def test_a_trace_header_that_is_none_is_refused(processes: Processes, make: Make, header: str) -> None:
    with pytest.raises(ValueError, match="printable ASCII"):
        await processes.invoke(make(PID), b"{}", trace_header=header)
